"""Expressions that AWS cannot evaluate because they nest too deeply ("Stack overflow error")."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from flowgen.diagnostics import Diagnostic, Span
from flowgen.jsonata.depth import MAX_DEPTH, depth
from flowgen.jsonata.parsing import ExpressionParser, Syntax
from flowgen.model import Expression, Interpolation, ListValue, ObjectValue, Value, Workflow, every_step
from flowgen.model.expressions import expressions_of, values_of
from flowgen.model.steps import undoing_of

_HELP = "split it: compute parts of it in `set` steps before this one"


def check_depth(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG402: expressions that AWS cannot evaluate because they nest too deeply."""
    for step in every_step(workflow):
        undoing = undoing_of(step)
        for one in (step,) if undoing is None else (step, undoing):
            for expression in expressions_of(one):
                levels = depth(expression.syntax.tree)
                if levels > MAX_DEPTH:
                    yield _too_deep("this expression", levels, expression.span(0, len(expression.text)))


def may_be_deep(workflow: Workflow) -> bool:
    """Whether compiling could turn expressions that AWS can evaluate into one that it cannot."""
    values = (value for step in every_step(workflow) for value in values_of(step))
    schemas = [workflow.input.schema, *(declared.schema for declared in workflow.types.values())]
    levels = _LEVELS_OF_A_CHECK if workflow.validation else _LEVELS_OF_A_LIST
    return any(_bound(value) > MAX_DEPTH for value in values) or any(
        _nesting(schema) * levels > MAX_DEPTH for schema in schemas
    )


_LEVELS_OF_A_LIST = 4
"""The maximum number of levels for a list, an object or a default."""
_LEVELS_OF_A_CHECK = 5
"""The maximum number of levels for a schema in the check of a value: a list of lists."""
_LEVELS_OF_TEXT = 40
"""The levels of the `&` chains of a string."""


def _bound(value: Value) -> int:
    match value:
        case Expression(syntax=syntax):
            return _LEVELS_OF_A_LIST + depth(syntax.tree)
        case Interpolation(parts=parts):
            return _LEVELS_OF_TEXT + max(_bound(part) for part in parts if isinstance(part, Expression))
        case ListValue(items=items):
            return _LEVELS_OF_A_LIST + max(map(_bound, items), default=0)
        case ObjectValue(members=members):
            return _LEVELS_OF_A_LIST + max((_bound(member.value) for member in members), default=0)
        case _:
            return 1


def _nesting(schema: Any) -> int:
    inner: Iterable[Any] = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    # In a schema every second level is a keyword, such as `properties`.
    return 1 + max(map(_nesting, inner), default=-1)


def check_compiled_depth(workflow: Workflow, definition: dict[str, Any]) -> Iterator[Diagnostic]:
    """FG402: expressions of the compiled state machine that AWS cannot evaluate."""
    spans = {step.id: step.span_of("id") for step in every_step(workflow)}
    for state, levels in _deep_expressions(definition):
        where = spans.get(state) or spans.get(state.partition("__")[0]) or workflow.span_of("name")
        yield _too_deep(f"an expression of the state `{state}`", levels, where)


def _deep_expressions(definition: dict[str, Any]) -> Iterator[tuple[str, int]]:
    parser = ExpressionParser()
    for state, text in _expressions(definition, ""):
        if len(_OPERATORS.findall(text)) >= MAX_DEPTH:
            syntax = parser.parse(text)
            levels = depth(syntax.tree) if isinstance(syntax, Syntax) else 0
            if levels > MAX_DEPTH:
                yield state, levels


_OPERATORS = re.compile(r"[^\w\s'\"]|\b(?:and|or|in)\b")
"""Every level except the last contains at least one of these."""


def _expressions(value: Any, state: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "States" and isinstance(inner, dict):
                for name, one in inner.items():
                    yield from _expressions(one, name)
            else:
                yield from _expressions(inner, state)
    elif isinstance(value, list):
        for item in value:
            yield from _expressions(item, state)
    elif isinstance(value, str) and value.startswith("{%") and value.endswith("%}"):
        yield state, value[2:-2]


def _too_deep(what: str, levels: int, span: Span) -> Diagnostic:
    message = f"{what} nests {levels} levels deep; AWS evaluates at most {MAX_DEPTH}"
    return Diagnostic("FG402", message, span, help=_HELP)
