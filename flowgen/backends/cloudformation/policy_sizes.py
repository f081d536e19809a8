"""How long the policies of a machine's role are, and what of them goes into managed ones.

IAM user guide, "IAM and AWS STS quotas": all inline policies of a role together may have 10,240 characters, a managed
policy 6,144, white space not counted; ten managed policies may be attached to a role unless AWS allows an account more.
Lengths are those of the longest names that AWS may give: what fits here fits there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flowgen.backends.cloudformation.permissions import Document

MAX_INLINE = 10_240
MAX_MANAGED = 6_144
MAX_ATTACHED = 10
_ARN = "arn:aws-us-gov:lambda:ap-southeast-1:123456789012:function:"
_PSEUDO = {
    "AWS::AccountId": 12,
    "AWS::Partition": len("aws-us-gov"),
    "AWS::Region": len("ap-southeast-1"),
    "AWS::StackName": 128,
    "AWS::URLSuffix": len("amazonaws.com.cn"),
}
_FUNCTION = len(_ARN) + 64
"""Of the ARN of a function of the stack: Lambda's names have 64 characters at most."""
_OTHER = 200
"""Of the name or ARN of anything else."""
_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")

Piece = tuple[dict[str, Any], Any]
"""A statement without its resource, and one of its resources."""


def length(value: Any) -> int:
    """The characters of a document, or a part of one, that IAM counts, at most."""
    return len(json.dumps(_deployed(value), ensure_ascii=False, separators=(",", ":")))


def divided(document: Document, beside: int) -> tuple[Document, list[Document]]:
    """A document as the inline policy of a role that has `beside` characters of others, and as managed policies.

    Statements without a choice of resources stay inline. Of the others those that the machine's functions are in go
    last, in their order, so that a function that is added moves no other one.
    """
    statements = document["Statement"]
    if beside + length(document) <= MAX_INLINE:
        return document, []
    fixed = [one for one in statements if one["Resource"] == "*"]
    movable = sorted((one for one in statements if one["Resource"] != "*"), key=lambda one: "Sid" in one)
    pieces = [
        ({key: value for key, value in one.items() if key != "Resource"}, resource)
        for one in movable
        for resource in (one["Resource"] if isinstance(one["Resource"], list) else [one["Resource"]])
    ]
    inline, rest = _filled(pieces, MAX_INLINE - beside - length(_document(document, fixed)))
    managed = []
    while rest:
        taken, rest = _filled(rest, MAX_MANAGED - length(_document(document, [])), at_least=1)
        managed.append(_document(document, _statements(taken)))
    return _document(document, [*_statements(inline), *fixed]), managed


def _filled(pieces: Sequence[Piece], room: int, at_least: int = 0) -> tuple[Sequence[Piece], Sequence[Piece]]:
    """As many of the pieces as there is room for, and the others."""
    used, before = 0, None
    for count, (head, resource) in enumerate(pieces):
        used += length(resource) + 1 + (0 if head == before else length({**head, "Resource": []}) + 1)
        before = head
        if used > room and count >= at_least:
            return pieces[:count], pieces[count:]
    return pieces, ()


def _statements(pieces: Iterable[Piece]) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    before = None
    for head, resource in pieces:
        if head != before:
            before = head
            made.append({"Sid": head["Sid"]} if "Sid" in head else {})
            made[-1] |= {key: value for key, value in head.items() if key in ("Effect", "Action")}
            made[-1]["Resource"] = []
            made[-1] |= head
        made[-1]["Resource"].append(resource)
    return made


def _document(document: Document, statements: list[dict[str, Any]]) -> Document:
    return {**document, "Statement": statements}


def role_excess(role: Mapping[str, Any], apart: Mapping[str, Any] | None) -> str | None:
    """What IAM refuses of a role with the policies that it has, and with one that is declared `apart`; None if nothing.

    Both are properties of resources.
    """
    documents = [policy["PolicyDocument"] for policy in role.get("Policies", ())]
    documents += [] if apart is None else [apart["PolicyDocument"]]
    inline, attached = sum(map(length, documents)), len(role.get("ManagedPolicyArns", ()))
    if inline > MAX_INLINE:
        return f"up to {inline:,} characters of inline policies; IAM allows {MAX_INLINE:,}"
    if attached > MAX_ATTACHED:
        return f"{attached} managed policies; IAM allows {MAX_ATTACHED} unless the account's quota was raised"
    return None


def _deployed(value: Any) -> Any:
    match value:
        case {"Ref": str(name)} if len(value) == 1:
            return "x" * _PSEUDO.get(name, _OTHER)
        case {"Fn::GetAtt": [str(name), "Arn"]}:
            return "x" * _of_arn(name)
        case {"Fn::Sub": str(text)}:
            return _VARIABLE.sub(lambda found: "x" * _of_variable(found[1]), text)
        case {"Fn::Sub": [str(text), dict()]}:
            return _VARIABLE.sub(lambda found: "x" * _of_variable(found[1]), text)
        case dict() if len(value) == 1 and next(iter(value)).startswith("Fn::"):
            return "x" * _OTHER
        case dict():
            return {key: _deployed(item) for key, item in value.items()}
        case list():
            return [_deployed(item) for item in value]
        case _:
            return value


def _of_variable(name: str) -> int:
    logical_id, dot, _ = name.partition(".")
    return _of_arn(logical_id) if dot else _PSEUDO.get(name, _OTHER)


def _of_arn(logical_id: str) -> int:
    return _FUNCTION if logical_id.endswith("Function") else _OTHER
