"""The input with which a trigger starts the workflow, as JSON text with placeholders for parts of the event.

Each service has its own syntax for placeholders; here they are `Slot`s.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, TypeAlias, assert_never

from flowgen.model import Expression, Interpolation, Intrinsic, ListValue, Literal, ObjectValue, Value, Workflow
from flowgen.model.triggers import Trigger
from flowgen.model.triggers.paths import EventPath, event_path
from flowgen.model.triggers.payloads import payload
from flowgen.source import plain


@dataclass(frozen=True, slots=True)
class Slot:
    """A part of the event: as JSON or, with `in_text`, inside the quotes of a string."""

    path: EventPath
    in_text: bool = False


@dataclass(frozen=True, slots=True)
class StackValue:
    """A CloudFormation value, as text."""

    content: Any


Part: TypeAlias = str | Slot | StackValue
Parts: TypeAlias = tuple[Part, ...]


def start_parts(workflow: Workflow, trigger: Trigger) -> Parts:
    """The JSON text of the input in pieces: literal text, parts of the event, CloudFormation values."""
    if trigger.argument is None:
        path = payload(workflow, trigger)
        return ("{}",) if path is None else (Slot(path),)
    return text_parts(workflow, trigger.argument)


def text_parts(workflow: Workflow, value: Value) -> Parts:
    """The JSON text of any value in pieces, such as the name of an execution."""
    return _joined(_value(workflow, value))


def _joined(parts: list[Part]) -> Parts:
    joined: list[Part] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        elif part != "":
            joined.append(part)
    return tuple(joined)


def _value(workflow: Workflow, value: Value) -> list[Part]:
    match value:
        case Literal(value=scalar):
            return [_json(scalar)]
        case Expression():
            return _expression(workflow, value)
        case Interpolation(parts=parts):
            made: list[Part] = ['"']
            for part in parts:
                made += [_json(part)[1:-1]] if isinstance(part, str) else _in_text(part)
            return [*made, '"']
        case Intrinsic(node=node):
            return ['"', StackValue(plain(node)), '"']
        case ListValue(items=items):
            return ["[", *_separated([_value(workflow, item) for item in items]), "]"]
        case ObjectValue(members=members):
            entries = [[f"{_json(member.key)}:", *_value(workflow, member.value)] for member in members]
            return ["{", *_separated(entries), "}"]
        case _:
            assert_never(value)


def _separated(groups: list[list[Part]]) -> list[Part]:
    return [part for index, group in enumerate(groups) for part in ([","] if index else []) + group]


def _expression(workflow: Workflow, value: Expression) -> list[Part]:
    path = event_path(value)
    if path is not None:
        return [Slot(path)]
    [reference] = value.syntax.references
    declared = workflow.parameters.get(reference.path[0]) if reference.name == "parameters" else None
    content = StackValue(_content(value))
    return [content] if declared is not None and declared.type == "Number" else ['"', content, '"']


def _in_text(value: Expression) -> list[Part]:
    path = event_path(value)
    return [StackValue(_content(value)) if path is None else Slot(path, in_text=True)]


def _content(value: Expression) -> Any:
    """`$parameters.Name`, `$resources.Name` or `$resources.Name.Attr` in CloudFormation's syntax."""
    [reference] = value.syntax.references
    name, *attribute = reference.path
    return {"Fn::GetAtt": [name, attribute[0]]} if attribute else {"Ref": name}


def _json(value: Any) -> str:
    """JSON text without the marks around the placeholders of a template."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e")
