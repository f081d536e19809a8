"""Where control goes in a workflow: which steps ever hand on to the next."""

from __future__ import annotations

from typing import assert_never

from flowgen.model.steps import Call, Fail, Group, Return, Set, Step, Switch, Wait


def completes(step: Step) -> bool:
    """Whether the step after this one can be reached."""
    if step.condition is not None:
        return True
    match step:
        case Return() | Fail():
            return False
        case Switch(rules=rules, otherwise=otherwise):
            return (
                otherwise is None
                or any(sequence_completes(rule.steps) for rule in rules)
                or sequence_completes(otherwise)
            )
        case Group(steps=steps, catch=catch):
            return sequence_completes(steps) or any(sequence_completes(catcher.steps) for catcher in catch)
        case Call() | Wait() | Set():
            return True
        case _:
            assert_never(step)


def sequence_completes(steps: tuple[Step, ...]) -> bool:
    """Whether control can come out at the end of a list of steps."""
    return all(completes(step) for step in steps)
