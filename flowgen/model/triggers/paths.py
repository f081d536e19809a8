"""Paths into events: the only way in which the services that start workflows can read an event."""

from __future__ import annotations

import re
from typing import TypeAlias

from flowgen.model.triggers.base import STACK
from flowgen.model.values import Expression

EventPath: TypeAlias = tuple[str | int, ...]
"""Names and indices after `$event`."""

_NAME = re.compile(r"[A-Za-z0-9_/-]+")
"""EventBridge user guide, "Amazon EventBridge input transformation": the supported syntax of paths."""


def event_path(expression: Expression) -> EventPath | None:
    """The path of an expression such as `$event.detail.items[0].id`, with names in backquotes as in JSONata.

    None for any other expression.
    """
    first, *tokens = expression.syntax.tokens
    if (first.kind, first.value) != ("variable", "event"):
        return None
    path: list[str | int] = []
    while tokens:
        match [(token.kind, token.value) for token in tokens[:3]]:
            case [("operator", "."), ("name", str() as name), *_] if _NAME.fullmatch(name):
                path.append(name)
                tokens = tokens[2:]
            case [("operator", "["), ("number", int() as index), ("operator", "]")] if index >= 0 and path:
                path.append(index)
                tokens = tokens[3:]
            case _:
                return None
    return tuple(path)


def stack_reference(expression: Expression) -> bool:
    """Whether an expression is only `$parameters.Name`, `$resources.Name` or `$resources.Name.Attr`."""
    if len(expression.syntax.references) != 1:
        return False
    [reference] = expression.syntax.references
    most = {"parameters": 1, "resources": 2}.get(reference.name, 0)
    return (
        reference.name in STACK
        and 1 <= len(reference.path) <= most
        and len(expression.syntax.tokens) == 1 + 2 * len(reference.path)
    )


def json_path(path: EventPath) -> str:
    """A path in the syntax of EventBridge.

    >>> json_path(("detail", "items", 0, "id"))
    '$.detail.items[0].id'
    """
    return "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
