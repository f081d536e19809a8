"""References to existing Lambda functions: everything that `FunctionName` of Lambda's `Invoke` accepts."""

from __future__ import annotations

import re
from typing import Annotated, Any

from flowgen.model.element import Read, Reading
from flowgen.model.leaves import read_text
from flowgen.model.stack_values import StackValue, read_stack_value
from flowgen.source import Node, Tagged

ARN_FIELDS = (
    r"arn",
    r"aws[a-z-]*",
    r"lambda",
    r"[a-z]{2,4}(?:-[a-z]+)+-[0-9]",
    r"[0-9]{12}",
    r"function",
    r"[A-Za-z0-9_-]{1,140}",
    r"(?:\$LATEST(?:\.PUBLISHED)?|[A-Za-z0-9_-]{1,128})",
)
"""The fields of a function's ARN, the last of which is optional: a version or an alias."""

_PARTITION, _SERVICE, _REGION, _ACCOUNT, _FUNCTION, _NAME, _QUALIFIER = range(1, 8)

FUNCTION_NAME = (
    rf"(?:(?:arn:{ARN_FIELDS[_PARTITION]}:lambda:{ARN_FIELDS[_REGION]}:{ARN_FIELDS[_ACCOUNT]}:function:)"
    rf"|(?:(?:{ARN_FIELDS[_REGION]}:)?{ARN_FIELDS[_ACCOUNT]}:)?function:)?"
    rf"{ARN_FIELDS[_NAME]}(?::{ARN_FIELDS[_QUALIFIER]})?"
)
"""A name, a partial ARN or an ARN (Lambda API reference, `Invoke`)."""

_EXAMPLES = "`prices`, `prices:live`, `123456789012:function:prices`, the full ARN, or a tag such as `!Ref FunctionArn`"
_STACK_VALUE = re.compile(r"\s*\$\{\s*\$(parameters|resources)\.([A-Za-z0-9]+)(?:\.([A-Za-z0-9]+))?\s*\}\s*")
_TEXT_TAGS = frozenset({"FindInMap", "GetAtt", "If", "ImportValue", "Join", "Ref", "Select", "Sub"})
"""The tags that can return a string."""

_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")


def read_function_name(node: Node, reading: Reading) -> StackValue:
    """The function that `arn` names: a string, or a CloudFormation tag that returns one (FG102)."""
    if isinstance(node, Tagged):
        return _read_tag(node, reading)
    text = read_text(node, reading)
    if found := _STACK_VALUE.fullmatch(text):
        tag = f"!GetAtt {found[2]}.{found[3]}" if found[3] else f"!Ref {found[2]}"
        raise reading.refuse(
            "FG102",
            "expressions are not allowed here: the stack needs this value at deployment",
            node,
            help=f"write `{tag}`",
        )
    name = read_stack_value(node, reading)
    if not re.fullmatch(FUNCTION_NAME, text):
        raise reading.refuse(
            "FG102", f"`{text}` is not the name or ARN of a Lambda function", node, help=f"write {_EXAMPLES}"
        )
    return name


def _read_tag(node: Tagged, reading: Reading) -> StackValue:
    if node.tag not in _TEXT_TAGS:
        raise reading.refuse(
            "FG102", f"`!{node.tag}` does not return the name or ARN of a function", node, help=f"write {_EXAMPLES}"
        )
    value = read_stack_value(node, reading)
    template = value.get("Fn::Sub") if isinstance(value, dict) else None
    text = template[0] if isinstance(template, list) and template else template
    if isinstance(text, str) and (problem := function_name_problem(text)) is not None:
        raise reading.refuse(
            "FG102",
            f"`{text}` is not the name or ARN of a Lambda function",
            node,
            label=problem,
            help="example: `!Sub 'arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:prices'`",
        )
    return value


def function_name_problem(template: str) -> str | None:
    """What no value of its variables can make right in a template of `Fn::Sub`, or None.

    A pseudo parameter is one field. Any other variable may contain several, so nothing after it has a known position.
    """
    fields: list[str] = [""]
    open_ended = False
    for index, piece in enumerate(_VARIABLE.split(template)):
        if index % 2:
            if not piece.startswith("AWS::"):
                open_ended = True
                break
            fields[-1] += "\0"
        else:
            first, *others = piece.split(":")
            fields[-1] += first
            fields += others
    if fields[0] != "arn":
        whole = ":".join(fields)
        literal = not open_ended and "\0" not in whole
        return "not a name" if literal and not re.fullmatch(FUNCTION_NAME, whole) else None
    complete = fields[:-1] if open_ended else fields
    for field, pattern in zip(complete, ARN_FIELDS, strict=False):
        if "\0" not in field and not re.fullmatch(pattern, field):
            return f"the ARN of a function can't have `{field}` here"
    if len(complete) > len(ARN_FIELDS):
        return "the ARN has too many fields"
    if not open_ended and len(fields) < len(ARN_FIELDS) - 1:
        return "the ARN has too few fields"
    return None


def is_function_name(value: Any) -> bool:
    """Whether a string is the name or ARN of a Lambda function."""
    return isinstance(value, str) and re.fullmatch(FUNCTION_NAME, value) is not None


FunctionNameField = Annotated[
    StackValue,
    Read(
        read_function_name,
        accepts={
            # An editor sees the content of a tag, so that the pattern must allow templates and attributes.
            "type": ["string", "object", "array"],
            "pattern": r"^\S+$",
            "errorMessage": "expected the name or ARN of a Lambda function, or a CloudFormation tag",
        },
    ),
]
