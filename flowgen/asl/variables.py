"""The state machine variables that each state refers to, in the format of DescribeStateMachine.

See "State Machine Variables" in the specification.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

from flowgen.asl.errors import QuerySyntaxError
from flowgen.asl.templates import compile_expression, compile_template

ReferencesIn: TypeAlias = Callable[[str], Iterable[str]]

RESERVED = "states"

_NESTED = ("Branches", "ItemProcessor", "Iterator")
_TEMPLATES = frozenset({"Parameters", "ResultSelector", "ItemSelector", "Assign", "Credentials", "BatchInput"})
_WITHOUT_QUERIES = frozenset({"Result", "Comment", *_NESTED})


def variable_references(definition: dict[str, Any], references_in: ReferencesIn) -> dict[str, list[str]]:
    """The sorted names of the variables that each state refers to, without states that refer to none.

    `references_in` returns the variables that a JSONata expression uses and does not bind itself. Invalid expressions
    refer to nothing.
    """
    language = definition.get("QueryLanguage", "JSONPath")
    found: dict[str, list[str]] = {}
    for name, state in _states(definition):
        uses_jsonpath = state.get("QueryLanguage", language) == "JSONPath"
        names = set(_in_jsonpath(state) if uses_jsonpath else _in_jsonata(state, references_in)) - {RESERVED}
        if names:
            found[name] = sorted(names)
    return found


def _states(machine: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    pending: list[Any] = [machine]
    while pending:
        current = pending.pop()
        states = current.get("States") if isinstance(current, dict) else None
        for name, state in states.items() if isinstance(states, dict) else ():
            if isinstance(state, dict):
                yield name, state
                branches = state.get("Branches")
                pending.extend(branches if isinstance(branches, list) else ())
                pending.extend(state[field] for field in _NESTED[1:] if field in state)


def _in_jsonata(state: dict[str, Any], references_in: ReferencesIn) -> Iterator[str]:
    pending: list[Any] = [value for field, value in state.items() if field not in _WITHOUT_QUERIES]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)
        elif isinstance(value, str) and value.startswith("{%") and value.endswith("%}"):
            yield from references_in(value[2:-2])


def _in_jsonpath(state: dict[str, Any]) -> Iterator[str]:
    pending: list[tuple[str, Any]] = [item for item in state.items() if item[0] not in _WITHOUT_QUERIES]
    while pending:
        field, value = pending.pop()
        if field in _TEMPLATES:
            yield from _in_template(value)
        elif isinstance(value, dict):
            pending.extend(value.items())
        elif isinstance(value, list):
            pending.extend((field, item) for item in value)
        elif isinstance(value, str) and (field.endswith("Path") or field == "Variable"):
            yield from _in_expression(value)


def _in_expression(text: str) -> Iterator[str]:
    try:
        paths = compile_expression(text, "").paths
    except QuerySyntaxError:
        return
    yield from (path.variable for path in paths if path.variable is not None)


def _in_template(payload: Any) -> Iterator[str]:
    try:
        expressions = compile_template(payload).expressions
    except QuerySyntaxError:
        return
    for _, expression in expressions:
        yield from (path.variable for path in expression.paths if path.variable is not None)
