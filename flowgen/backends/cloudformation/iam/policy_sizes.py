"""The length of the policies of a state machine's role, and how they are split into managed policies.

IAM user guide, "IAM and AWS STS quotas": all inline policies of a role together can have 10,240 characters, a managed
policy 6,144, not counting white space; a role can have ten managed policies unless AWS raises the account's quota.
Lengths assume the longest names that AWS generates, so whatever fits here fits in every account.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flowgen.backends.cloudformation.iam.policies import Document
from flowgen.backends.cloudformation.intrinsics import SUBSTITUTED

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
"""Length of the ARN of a function in the stack: function names have at most 64 characters."""
_OTHER = 200
"""Length of any other name or ARN."""

Piece = tuple[dict[str, Any], Any]
"""A statement without its resource, and one of its resources."""


def length(value: Any) -> int:
    """Upper bound of the characters that IAM counts in a document or a part of one."""
    return len(json.dumps(_deployed(value), ensure_ascii=False, separators=(",", ":")))


def divided(document: Document, used: int) -> tuple[Document, list[Document]]:
    """Splits a document into an inline policy and managed ones; other inline policies have `used` characters.

    Statements for all resources stay inline. Statements about the workflow's functions come last and in order, so a
    new function does not move the others.
    """
    statements = document["Statement"]
    if used + length(document) <= MAX_INLINE:
        return document, []
    fixed = [statement for statement in statements if statement["Resource"] == "*"]
    movable = [statement for statement in statements if statement["Resource"] != "*"]
    pieces = [
        ({key: value for key, value in statement.items() if key != "Resource"}, resource)
        for statement in sorted(movable, key=lambda statement: "Sid" in statement)
        for resource in _listed(statement["Resource"])
    ]
    inline, rest = _filled(pieces, MAX_INLINE - used - length(_document(document, fixed)))
    managed = []
    while rest:
        taken, rest = _filled(rest, MAX_MANAGED - length(_document(document, [])), at_least=1)
        managed.append(_document(document, _statements(taken)))
    return _document(document, [*_statements(inline), *fixed]), managed


def _listed(resources: Any) -> list[Any]:
    return resources if isinstance(resources, list) else [resources]


def _filled(pieces: Sequence[Piece], room: int, at_least: int = 0) -> tuple[Sequence[Piece], Sequence[Piece]]:
    """As many pieces as there is room for, and the rest."""
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


def role_excess(role: Mapping[str, Any], own: Mapping[str, Any] | None) -> str | None:
    """The quota that a role with its policies exceeds; None if there is none.

    `role` and `own`, the policy for the state machine itself, are properties of resources.
    """
    written = [policy for policy in role.get("Policies", ()) if isinstance(policy, dict)]
    documents = [policy["PolicyDocument"] for policy in written if "PolicyDocument" in policy]
    documents += [] if own is None else [own["PolicyDocument"]]
    inline, attached = sum(map(length, documents)), len(role.get("ManagedPolicyArns", ()))
    if inline > MAX_INLINE:
        return f"up to {inline:,} characters of inline policies; IAM allows {MAX_INLINE:,}"
    if attached > MAX_ATTACHED:
        return f"{attached} managed policies; IAM allows {MAX_ATTACHED} unless AWS raised the account's quota"
    return None


def _deployed(value: Any) -> Any:
    match value:
        case {"Ref": str(name)} if len(value) == 1:
            return "x" * _PSEUDO.get(name, _OTHER)
        case {"Fn::GetAtt": [str(name), "Arn"]}:
            return "x" * _of_arn(name)
        case {"Fn::Sub": str(text)}:
            return SUBSTITUTED.sub(lambda found: "x" * _of_variable(found[1]), text)
        case {"Fn::Sub": [str(text), dict()]}:
            return SUBSTITUTED.sub(lambda found: "x" * _of_variable(found[1]), text)
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
