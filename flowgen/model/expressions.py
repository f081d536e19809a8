"""The expressions of a step, wherever they stand in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from flowgen.model.steps import Call, Fail, Group, Raised, Return, Set, Step, Switch, Until, Wait, bodies_of
from flowgen.model.values import Expression, Value, expressions_in


def values_of(step: Step) -> Iterator[Value]:
    """The values that stand in a step itself, not in the steps inside it."""
    if step.condition is not None:
        yield step.condition
    if step.skipped is not None:
        yield step.skipped
    match step:
        case Call(argument=argument):
            if argument is not None:
                yield argument
        case Wait(duration=Until(timestamp=timestamp)):
            yield timestamp
        case Wait(duration=Expression() as duration):
            yield duration
        case Set(value=value) | Return(value=value):
            yield value
        case Switch(rules=rules):
            yield from (rule.when for rule in rules)
        case Fail(raised=Raised(error=error, cause=cause)):
            yield error
            if cause is not None:
                yield cause
        case Fail(raised=Expression() as again):
            yield again
        case Fail() | Wait() | Group():
            pass
        case _:
            assert_never(step)


def expressions_of(step: Step) -> Iterator[Expression]:
    """The expressions that stand in a step itself, not in the steps inside it."""
    for value in values_of(step):
        yield from expressions_in(value)


def bodies_outside_catch(step: Step) -> tuple[tuple[Step, ...], ...]:
    """The lists of steps inside a step, its handlers left out."""
    handled = len(step.catch) if isinstance(step, Call | Group) else 0
    bodies = bodies_of(step)
    return bodies[: len(bodies) - handled]
