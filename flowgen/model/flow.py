"""Control flow in a workflow: which steps can continue with the next step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from flowgen.model.steps import (
    Asl,
    Aws,
    Break,
    Call,
    Catcher,
    Continue,
    Fail,
    ForEach,
    Group,
    Http,
    Match,
    Parallel,
    Repeat,
    Return,
    RunWorkflow,
    Set,
    Step,
    Steps,
    Switch,
    Wait,
    bodies_of,
    catchers_of,
    own_bodies,
    walk,
)


def completes(step: Step) -> bool:
    """Whether the step after this one can be reached."""
    return step.condition is not None or completes_when_run(step)


def completes_when_run(step: Step) -> bool:
    """Whether a step can continue with the next one when its `if` does not skip it."""
    match step:
        case Return() | Fail() | Break() | Continue():
            return False
        case Switch(otherwise=None):
            return True
        case Switch() | Match():
            # A `match` without `else` has a case for every value.
            return any(sequence_completes(body) for body in own_bodies(step))
        case Group(steps=steps, catch=catch, finally_=finally_):
            if finally_ is not None and not sequence_completes(finally_):
                return False
            return sequence_completes(steps) or any(_handles(catcher) for catcher in catch) or leaves(steps, step.id)
        case Repeat(steps=steps, rounds=rounds, catch=catch):
            goes_round = sequence_completes(steps) or _continues(steps, step.id)
            ends = rounds.while_ is not None or (rounds.until is not None and goes_round)
            return ends or leaves(steps, step.id, loop=True) or any(_handles(catcher) for catcher in catch)
        case Call() | Aws() | Http() | RunWorkflow() | Asl() | Wait() | Set() | Parallel() | ForEach():
            return True
        case _:
            assert_never(step)


def sequence_completes(steps: Steps) -> bool:
    """Whether control can reach the end of a list of steps."""
    return all(completes(step) for step in steps)


def last_values(steps: Steps) -> Iterator[Set]:
    """The unconditional `set` steps that a list of steps can end with, including those in branches."""
    match steps[-1:]:
        case (Set(condition=None) as last,):
            yield last
        case (last,) if last.bodies() and all(body.in_sequence and not body.last for body in last.bodies()):
            for body in bodies_of(last):
                yield from last_values(body)


def _handles(catcher: Catcher) -> bool:
    return catcher.steps is not None and sequence_completes(catcher.steps)


def leaves(steps: Steps, owner: str, *, loop: bool = False) -> bool:
    """Whether some `break` in a body leaves its owner: one that names it or, in a loop, one without a name."""
    return any(
        isinstance(step, Break)
        and (step.target == owner or (loop and step.target is None and step in _innermost(steps)))
        for step in walk(steps)
    )


def _continues(steps: Steps, owner: str) -> bool:
    return any(
        isinstance(step, Continue) and (step.target == owner or (step.target is None and step in _innermost(steps)))
        for step in walk(steps)
    )


def _innermost(steps: Steps) -> list[Step]:
    """The steps of a loop's body, without those of inner loops."""
    found: list[Step] = []
    for step in steps:
        found.append(step)
        for body in step.bodies():
            found += _innermost(body.steps) if body.in_sequence else ()
        for catcher in catchers_of(step):
            found += _innermost(catcher.steps or ())
    return found
