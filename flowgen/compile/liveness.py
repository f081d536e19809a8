"""Which values later expressions read: only these are stored in variables."""

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
    Runs,
    Step,
    Steps,
    Value,
    Workflow,
    catchers_at,
    catchers_of,
    every_step,
    expressions_in,
    own_bodies,
    undoing_of,
    walk,
)
from flowgen.model.expressions import expressions_of, guards

Names: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Live:
    """The steps, and the parts of the workflow's input, whose values expressions read."""

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
    """The expressions of a step and of its compensation."""
    yield from expressions_of(step)
    undoing = undoing_of(step)
    if undoing is not None:
        yield from expressions_of(undoing)


_VOLATILE = frozenset({"millis", "now", "random", "shuffle", "uuid"})


def is_volatile(value: Value) -> bool:
    """Whether evaluating a value twice may produce different results."""
    return any(
        token.kind == "variable" and token.value in _VOLATILE
        for expression in expressions_in(value)
        for token in expression.syntax.tokens
    )


def reads_error(steps: Steps) -> bool:
    """Whether a handler's steps read `$error`. In a nested catch, the name means that catch's error."""
    return "error" in names_in(steps, handlers=False)


def names_in(steps: Steps, *, handlers: bool = True) -> frozenset[str]:
    """The variables that a list of steps reads, including nested steps."""
    return frozenset(_names(steps, handlers))


def guarded_in(steps: Steps) -> frozenset[str]:
    """The variables that a list of steps tests with `$exists`, alone or with fields."""
    return frozenset(
        name for step in walk(steps) for expression in all_expressions(step) for name in guards(expression)
    )


def _has_entry_state(step: Step) -> bool:
    """Whether a step cannot bind names itself, so that as the first step of a body it needs a Pass state before it."""
    return isinstance(step, Asl) or any(not body.in_sequence for body in step.bodies())


def _entered_with(step: Step) -> tuple[Steps | None, list[Steps]]:
    """The body whose first state enters a step, and all other steps inside the step."""
    bodies = list(step.bodies())
    entered = bodies[0] if bodies and bodies[0].in_sequence and bodies[0].runs is Runs.ONCE else None
    others = [body.steps for body in bodies if body is not entered]
    others += [catcher.steps or () for catcher in catchers_of(step)]
    return None if entered is None else entered.steps, others


def names_after_entry(steps: Steps) -> frozenset[str]:
    """The variables that a body reads after its entry state, which must therefore bind them."""
    if not steps:
        return frozenset()
    first, *rest = steps
    names = names_in(tuple(rest))
    if first.condition is not None:
        return names | frozenset(_names((first,), handlers=True, but=first.condition))
    if _has_entry_state(first):
        return names | names_in((first,))
    entered, others = _entered_with(first)
    return names.union(names_after_entry(entered or ()), *map(names_in, others))


def calls_in(steps: Steps, calls: frozenset[str]) -> bool:
    """Whether a body contains one of the steps `calls`, except in bodies that run as separate executions."""
    return any(step.id in calls or any(calls_in(body, calls) for body in _of_this_execution(step)) for step in steps)


def _of_this_execution(step: Step) -> tuple[Steps, ...]:
    own = tuple(body.steps for body in step.bodies() if not body.own_execution)
    return (*own, *(catcher.steps or () for catcher in catchers_at(step)))


def calls_after_entry(steps: Steps, calls: frozenset[str]) -> bool:
    """Whether a body contains one of the steps `calls` outside its entry state."""
    if not steps:
        return False
    first, *rest = steps
    entered, others = _entered_with(first)
    if first.condition is not None:
        others = [(first,)]
    elif entered is None:
        others = [*_of_this_execution(first)]
    elif calls_after_entry(entered, calls):
        return True
    return any(calls_in(body, calls) for body in (tuple(rest), *others))


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
    """The variables that an `asl` step may read. Its content is not parsed, so a name in a string counts, too."""
    return frozenset(_VARIABLE.findall(json.dumps(step.state, ensure_ascii=False)) if isinstance(step, Asl) else ())
