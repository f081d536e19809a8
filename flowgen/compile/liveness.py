"""Which values a later expression reads: only those are kept in variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from flowgen.jsonata.parsing import Reference
from flowgen.model import Expression, Step, Value, Workflow, expressions_in, walk
from flowgen.model.expressions import bodies_outside_catch, expressions_of

Names: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Live:
    """The steps whose values are named, and what of the workflow's input is."""

    steps: frozenset[str]
    input_references: tuple[Reference, ...]


def live_names(workflow: Workflow) -> Live:
    references = [
        reference
        for step in walk(workflow.steps)
        for expression in expressions_of(step)
        for reference in expression.syntax.references
    ]
    return Live(
        frozenset(reference.name for reference in references),
        tuple(reference for reference in references if reference.name == "input"),
    )


_VOLATILE = frozenset({"millis", "now", "random", "shuffle", "uuid"})


def is_volatile(value: Value) -> bool:
    """Whether evaluating a value twice may give two values."""
    return any(
        token.kind == "variable" and token.value in _VOLATILE
        for expression in expressions_in(value)
        for token in expression.syntax.tokens
    )


def reads_error(steps: tuple[Step, ...]) -> bool:
    """Whether a handler's steps name `$error`. Inside another catch the name means that catch's error."""
    return any(
        reference.name == "error"
        for expression in _own_expressions(steps)
        for reference in expression.syntax.references
    )


def _own_expressions(steps: tuple[Step, ...]) -> Iterator[Expression]:
    for step in steps:
        yield from expressions_of(step)
        for body in bodies_outside_catch(step):
            yield from _own_expressions(body)
