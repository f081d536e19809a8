"""IAM conditions, and resources for endpoints, from what is known about URLs and paths."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeAlias

from flowgen.backends.cloudformation.iam.arn_templates import Arn, arn, filled
from flowgen.backends.cloudformation.intrinsics import Intrinsic
from flowgen.backends.cloudformation.static_values import Known, Tree, compose, find
from flowgen.backends.cloudformation.workflow_stack import ALIAS

Condition: TypeAlias = Mapping[str, Any]
"""The condition of a statement: keys and values by operator."""

_HOST = re.compile(r"https?://[^/]+/")
_WILD = re.compile(r"[*?$]")


def endpoint_condition(endpoint: Known) -> Condition | None:
    """The endpoint as far as it is known; None if not even the host is."""
    if endpoint.whole:
        return {"StringEquals": {"states:HTTPEndpoint": arn(endpoint)}}
    first = endpoint.parts[0] if endpoint.parts else ""
    if isinstance(first, str) and not _HOST.match(first):
        return None
    return {"StringLike": {"states:HTTPEndpoint": compose(*_literally(endpoint.parts), "*")}}


def _literally(parts: tuple[str | Intrinsic, ...]) -> list[str | Intrinsic]:
    """Escapes wildcards (IAM user guide, "Policy variables": special characters)."""
    return [_WILD.sub(r"${\g<0>}", part) if isinstance(part, str) else part for part in parts]


def alias_condition() -> Condition:
    """Allows starting only through the alias (service authorization reference, "AWS Step Functions")."""
    return {"StringEquals": {"states:StateMachineQualifier": ALIAS}}


def prefix_condition(prefix: Tree | None) -> Condition | None:
    """Allows listing only a bucket's objects that start with the prefix."""
    if not isinstance(prefix, Known) or not prefix.parts:
        return None
    return {"StringLike": {"s3:prefix": compose(*_literally(prefix.parts), "*")}}


_API = re.compile(r"([a-z0-9]+)\.execute-api\.([a-z0-9-]+)\..*")
_API_SUB = re.compile(r"(\$\{\w+\})\.execute-api\..*")


def api_arn(arguments: Tree) -> Arn | None:
    """`arn:…:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH`."""
    endpoint, method = find(arguments, "ApiEndpoint"), find(arguments, "Method")
    stage, path = find(arguments, "Stage"), find(arguments, "Path")
    if not isinstance(endpoint, Known) or not isinstance(method, Known) or method.text is None:
        return None
    value = endpoint.only.get("Fn::Sub") if endpoint.only is not None else None
    if endpoint.text is not None and (found := _API.fullmatch(endpoint.text)):
        api: Known = Known((found[1],))
        region = found[2]
    elif isinstance(value, str) and (found := _API_SUB.fullmatch(value)):
        api, region = Known(({"Fn::Sub": found[1]},)), "${Region}"
    else:
        return None
    template = f"arn:${{Partition}}:execute-api:{region}:${{Account}}:${{Api}}/${{Stage}}/${{Method}}/${{Path}}"
    return filled(template, {"Api": api, "Stage": _as_far(stage), "Method": method, "Path": _as_far(path, slash=True)})


def _as_far(tree: Tree | None, *, slash: bool = False) -> Known:
    """A string as far as it is known, with `*` for the rest; `slash` removes a slash at its start."""
    if not isinstance(tree, Known):
        return Known(("*",))
    parts = list(tree.parts)
    if slash and parts and isinstance(parts[0], str):
        parts[0] = parts[0].removeprefix("/")
    return Known((*parts, *(() if tree.whole else ("*",))))
