"""Which values a later expression reads: only those are kept in variables."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from flowgen.jsonata.parsing import Reference
from flowgen.model import (
    Asl,
    Expression,
    ForEach,
    Group,
    Parallel,
    Repeat,
    Step,
    Steps,
    Value,
    Workflow,
    bodies_of,
    catchers_of,
    every_step,
    expressions_in,
    own_bodies,
    undoing_of,
    walk,
)
from flowgen.model.expressions import expressions_of

Names: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Live:
    """The steps whose values are named, and what of the workflow's input is."""

    steps: frozenset[str]
    input_references: tuple[Reference, ...]


def live_names(workflow: Workflow) -> Live:
    references = [
        reference
        for step in every_step(workflow)
        for expression in all_expressions(step)
        for reference in expression.syntax.references
    ]
    raw = frozenset[str]().union(*(_raw_names(step) for step in every_step(workflow)))
    return Live(
        raw | {reference.name for reference in references},
        tuple(reference for reference in references if reference.name == "input"),
    )


def all_expressions(step: Step) -> Iterator[Expression]:
    """The expressions of a step and of what undoes it."""
    yield from expressions_of(step)
    undoing = undoing_of(step)
    if undoing is not None:
        yield from expressions_of(undoing)


_VOLATILE = frozenset({"millis", "now", "random", "shuffle", "uuid"})


def is_volatile(value: Value) -> bool:
    """Whether evaluating a value twice may give two values."""
    return any(
        token.kind == "variable" and token.value in _VOLATILE
        for expression in expressions_in(value)
        for token in expression.syntax.tokens
    )


def reads_error(steps: Steps) -> bool:
    """Whether a handler's steps name `$error`. Inside another catch the name means that catch's error."""
    return "error" in names_in(steps, handlers=False)


def names_in(steps: Steps, *, handlers: bool = True) -> frozenset[str]:
    """The variables that a list of steps names, the steps inside them included."""
    return frozenset(_names(steps, handlers))


def guarded_in(steps: Steps) -> frozenset[str]:
    """The variables that a list of steps asks `$exists` for, alone or with fields."""
    return frozenset(
        str(name.value)
        for step in walk(steps)
        for expression in all_expressions(step)
        for called, bracket, name in zip(*(expression.syntax.tokens[at:] for at in range(3)), strict=False)
        if called.kind == "variable" and called.value == "exists" and bracket.value == "(" and name.kind == "variable"
    )


ENTERED = (Asl, ForEach, Parallel, Repeat)
"""The steps that cannot bind names themselves: as the first step of a body they get a Pass state before them, so all
that they read is read after the entry."""


def names_after_entry(steps: Steps) -> frozenset[str]:
    """The variables that a body reads after the state that enters it, and so must be bound there."""
    if not steps:
        return frozenset()
    first, *rest = steps
    names = names_in(tuple(rest))
    if first.condition is not None:
        return names | frozenset(_names((first,), handlers=True, but=first.condition))
    if isinstance(first, ENTERED):
        return names | names_in((first,))
    bodies = [*own_bodies(first), *(catcher.steps or () for catcher in catchers_of(first))]
    if isinstance(first, Group):
        return names | names_after_entry(first.steps) | frozenset[str]().union(*map(names_in, bodies[1:]))
    return names | frozenset[str]().union(*map(names_in, bodies))


def calls_in(steps: Steps, calls: frozenset[str]) -> bool:
    """Whether one of the steps `calls` stands in a body, and not in one that runs as executions of its own."""
    return any(step.id in calls or any(calls_in(body, calls) for body in _of_this_execution(step)) for step in steps)


def _of_this_execution(step: Step) -> tuple[Steps, ...]:
    if isinstance(step, ForEach) and step.mode == "distributed":
        return tuple(catcher.steps or () for catcher in step.catch)
    return bodies_of(step)


def calls_after_entry(steps: Steps, calls: frozenset[str]) -> bool:
    """Whether one of the steps `calls` stands in a body outside of the state by which it is entered."""
    if not steps:
        return False
    first, *rest = steps
    bodies: list[Steps] = [tuple(rest)]
    if first.condition is not None:
        bodies.append((first,))
    elif isinstance(first, Group):
        if calls_after_entry(first.steps, calls):
            return True
        bodies += (*own_bodies(first)[1:], *(catcher.steps or () for catcher in first.catch))
    else:
        bodies += _of_this_execution(first)
    return any(calls_in(body, calls) for body in bodies)


def _names(steps: Steps, handlers: bool, but: Expression | None = None) -> Iterator[str]:  # noqa: FBT001 - passed on from a keyword
    for step in steps:
        for expression in all_expressions(step):
            if expression is not but:
                yield from (reference.name for reference in expression.syntax.references)
        yield from _raw_names(step)
        for body in own_bodies(step):
            yield from _names(body, handlers)
        if handlers:
            for catcher in catchers_of(step):
                yield from _names(catcher.steps or (), handlers)


_VARIABLE = re.compile(r"\$(\w+)")


def _raw_names(step: Step) -> frozenset[str]:
    """The variables that an `asl` step may read. Its text is not parsed, so a name in a string counts too."""
    return frozenset(_VARIABLE.findall(json.dumps(step.state, ensure_ascii=False)) if isinstance(step, Asl) else ())
