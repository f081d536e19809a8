"""The requests that services make with the permissions of their caller, with the arguments that name the resources."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flowgen.aws.iam_caller_access import CALLER_ACCESS, ENCRYPTED_BY, USE_OF_KEYS
from flowgen.aws.iam_resources import ANY
from flowgen.backends.cloudformation.cross_references import references
from flowgen.backends.cloudformation.iam.arn_templates import Arn
from flowgen.backends.cloudformation.iam.requests import Request
from flowgen.backends.cloudformation.intrinsics import is_intrinsic
from flowgen.backends.cloudformation.static_values import (
    ANYTHING,
    UNKNOWN,
    Known,
    Resources,
    Tree,
    expanded,
    find,
    known_text,
    property_at,
)


def caller_requests(key: str, arguments: Tree) -> Iterator[Request]:
    """The requests of a call in addition to its own; `key` is `service:action`, with the action in lower case."""
    service = key.partition(":")[0]
    seen: list[tuple[str, Tree]] = []
    common = CALLER_ACCESS.get(f"{service}:*", ()) if isinstance(arguments, dict) else ()
    for row in (*common, *CALLER_ACCESS.get(key, ())):
        for request in _requests(row, arguments):
            if (request.action, request.arguments) not in seen:
                seen.append((request.action, request.arguments))
                yield request


def _requests(row: str, arguments: Tree) -> Iterator[Request]:
    names, *pairs = row.split()
    paths = dict(pair.split("=", 1) for pair in pairs)
    needed, instead = paths.pop("IF", None), paths.pop("ROLE", None)
    if needed is not None and find(arguments, needed) is None:
        return
    if instead is not None and any(find(arguments, path) is not None for path in instead.split(",")):
        return
    for made in _made(paths, arguments):
        for action in names.split(","):
            versioned = action == "s3:GetObject" and "Version" in made
            yield Request("s3:GetObjectVersion" if versioned else action, made)


def _made(paths: Mapping[str, str], arguments: Tree) -> Iterator[dict[str, Tree]]:
    """The arguments of a row's requests; none if the call does not have its first argument."""
    (name, path), *_ = paths.items()
    match name:
        case "OBJECT":
            object_name, _, containers = path.lower().partition("@")
            for found in _at_any_depth(object_name, arguments, containers.split(",")):
                yield _object(found)
        case "URI":
            uri = find(arguments, path.rstrip("*"))
            if uri is not None:
                yield _of_uri(uri, folder=path.endswith("*"))
        case _:
            first = _value(path, arguments)
            if first is not None:
                others = {other: _value(where, arguments) for other, where in list(paths.items())[1:]}
                yield {name: first, **{other: UNKNOWN if value is None else value for other, value in others.items()}}


def _value(path: str, arguments: Tree) -> Tree | None:
    """What a path of a row leads to; None if the call does not have it."""
    if path == ANY:
        return ANYTHING
    if "==" in path:
        path, _, text = path.partition("==")
        value = find(arguments, path)
        return value if isinstance(value, Known) and value.text in (text, None) else None
    given, _, default = path.rstrip("*/").partition("|")
    value = find(arguments, given)
    if value is None and not path.endswith(("*", "/")):
        return known_text(default) if default else None
    if value is None:
        return Known((f"{default}/",) if default else (), whole=False)
    if not isinstance(value, Known) or path == given:
        return value
    return _folder(value) if path.endswith("/") else Known(value.parts, whole=False)


def _folder(key: Known) -> Known:
    """The folder of an object's key, as far as it is known."""
    text = key.text
    return Known((text[: text.rfind("/") + 1],) if text and "/" in text else (), whole=False)


def _at_any_depth(name: str, tree: Tree, containers: Sequence[str]) -> Iterator[Tree]:
    if isinstance(tree, list):
        for item in tree:
            yield from _at_any_depth(name, item, containers)
    elif isinstance(tree, dict):
        for key, value in tree.items():
            unknown = isinstance(value, Known) and not value.whole
            if key.lower() == name or (unknown and key.lower() in containers):
                yield value
            else:
                yield from _at_any_depth(name, value, containers)


def _object(found: Tree) -> dict[str, Tree]:
    """An object of S3 as Rekognition and Textract describe it."""
    version = find(found, "Version") if isinstance(found, dict) else None
    made: dict[str, Tree] = {"Bucket": find(found, "Bucket") or UNKNOWN, "Key": find(found, "Name") or UNKNOWN}
    return made if version is None else {**made, "Version": version}


_BUCKET = re.compile(r"s3://([^/]+)(?:/(.*))?", re.DOTALL)


def _of_uri(uri: Tree, *, folder: bool) -> dict[str, Tree]:
    """The bucket and key of an `s3://` URI; `folder` allows everything that starts with the key."""
    match Known(tuple(expanded(uri.parts)), uri.whole) if isinstance(uri, Known) else uri:
        case Known(parts=[str() as text, *rest], whole=whole) if (found := _BUCKET.fullmatch(text)) and (
            found[2] is not None or (not rest and whole)
        ):
            key = Known((found[2] or "", *rest), whole and not folder)
            return {"Bucket": known_text(found[1]), "Key": key}
        case Known(parts=["s3://", dict() as bucket, *rest], whole=whole) if not rest or (
            isinstance(rest[0], str) and rest[0].startswith("/")
        ):
            key = Known((str(rest[0])[1:], *rest[1:]) if rest else (), whole and not folder)
            return {"Bucket": Known((bucket,)), "Key": key}
        case _:
            return {"Bucket": UNKNOWN, "Key": UNKNOWN}


def encryption_requests(action: str, arns: tuple[Arn, ...], resources: Resources) -> Iterator[Request]:
    """The use of the KMS keys of a call's resources, as far as the template declares them."""
    used = USE_OF_KEYS.get(action, ())
    names = {name: None for name, _ in references(list(arns))} if used else {}
    for name in names:
        declared = resources.get(name, {})
        path = ENCRYPTED_BY.get(str(declared.get("Type")))
        key = None if path is None else property_at(declared.get("Properties"), path)
        if key is not None and not str(key).startswith("alias/aws/"):
            yield from (Request(use, {"KeyId": _key(key)}) for use in used)


def _key(key: Any) -> Known:
    """A key in a property; unknown if the property has no value under some condition."""
    if not is_intrinsic(key):
        return known_text(key)
    return UNKNOWN if ("AWS::NoValue", None) in references(key) else Known((key,))
