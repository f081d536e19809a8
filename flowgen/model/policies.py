"""`policies`: IAM statements that a state machine's role gets in addition to the derived ones."""

from __future__ import annotations

import re
from typing import Annotated, Any

from flowgen.diagnostics import did_you_mean, replacing
from flowgen.model.accepts import Named, array, ref
from flowgen.model.element import Read, Reading, listed
from flowgen.source import Mapping, Node, Scalar, Sequence, kind_of, plain

_KEYS = ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition")
"""Elements of a statement in an identity policy (IAM user guide, "IAM JSON policy element reference")."""

_SID = re.compile(r"[A-Za-z0-9]*")

Statement = dict[str, Any]


def read_policies(node: Node, reading: Reading) -> tuple[Statement, ...]:
    """Statements in long form, otherwise unchanged (FG101, FG102, FG103)."""
    if not isinstance(node, Sequence):
        raise reading.refuse(
            "FG102",
            f"`policies` must be a list of statements, not {kind_of(node)}",
            node,
            help="example: `{Effect: Allow, Action: s3:GetObject, Resource: !Sub '${Inbox.Arn}/*'}`",
        )
    return tuple(_statement(item, reading) for item in node.items)


def _statement(node: Node, reading: Reading) -> Statement:
    if not isinstance(node, Mapping):
        raise reading.refuse("FG102", f"a statement must be a mapping, not {kind_of(node)}", node)
    for entry in node.entries:
        if entry.key.text not in _KEYS:
            guess = did_you_mean(entry.key.text, _KEYS)
            help_ = f"did you mean `{guess}`?" if guess else f"the keys are {listed(_KEYS)}"
            message, fix = f"unknown key `{entry.key.text}` in an IAM statement", replacing(entry.key.span, guess)
            raise reading.refuse("FG101", message, entry.key, help=help_, fix=fix)
    for names in (("Effect",), ("Action", "NotAction"), ("Resource", "NotResource")):
        if not any(node.get(name) for name in names):
            raise reading.refuse(
                "FG103", f"a statement needs the key {' or '.join(f'`{name}`' for name in names)}", node
            )
    effect, sid = node.get("Effect"), node.get("Sid")
    if not isinstance(effect, Scalar) or effect.value not in ("Allow", "Deny"):
        raise reading.refuse("FG102", "`Effect` must be `Allow` or `Deny`", effect or node)
    if sid is not None and not (isinstance(sid, Scalar) and _SID.fullmatch(sid.text)):
        raise reading.refuse("FG107", "a `Sid` may contain only letters and digits", sid)
    content = plain(node)
    if not isinstance(content, dict):
        raise TypeError(content)
    return content


STATEMENT = ref(
    Named(
        "statement",
        {
            "type": "object",
            "properties": {
                "Sid": {"description": "The name of the statement.", "type": "string", "pattern": "^[A-Za-z0-9]*$"},
                "Effect": {"description": "Allows or denies the actions.", "enum": ["Allow", "Deny"]},
                "Action": {"description": "The actions: `s3:GetObject`, or a list."},
                "NotAction": {"description": "All actions except these."},
                "Resource": {"description": "The ARNs of the resources."},
                "NotResource": {"description": "All resources except these."},
                "Condition": {"description": "When the statement applies."},
            },
            "required": ["Effect"],
            "allOf": [
                {"anyOf": [{"required": ["Action"]}, {"required": ["NotAction"]}]},
                {"anyOf": [{"required": ["Resource"]}, {"required": ["NotResource"]}]},
            ],
            "additionalProperties": False,
        },
    )
)
PoliciesField = Annotated[
    tuple[Statement, ...],
    Read(
        read_policies,
        "IAM statements for the state machine's role, for permissions that cannot be derived from the arguments.",
        accepts=array(STATEMENT),
    ),
]
