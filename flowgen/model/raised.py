"""The errors with which a workflow may fail, as its parent workflow sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from flowgen.model.outside import validated, validates_input
from flowgen.model.steps import (
    Asl,
    Aws,
    Break,
    Call,
    Continue,
    Fail,
    ForEach,
    Group,
    Http,
    Match,
    Parallel,
    Raised,
    Repeat,
    Return,
    RunWorkflow,
    Set,
    Step,
    Switch,
    Wait,
    undoing_of,
    walk,
)
from flowgen.model.types import TypeUse
from flowgen.model.values import Literal
from flowgen.model.workflow import Workflow, every_step

CONTRACT_VIOLATION = "ContractViolation"
"""The error for a value that does not match its type. Generated functions raise it, too."""
LIMIT_EXCEEDED = "RepeatLimitExceeded"
"""The error that a `repeat` raises after its last round."""


@dataclass(frozen=True, slots=True)
class RaisedErrors:
    """Error names, each with the details of everything that raises it (None: without details).

    `others`: errors with any other name are possible too, for example from whoever answers a task token.
    """

    details: Mapping[str, tuple[Details | None, ...]]
    others: bool = False

    def detailed(self) -> frozenset[str]:
        """The errors that always have details."""
        return frozenset(name for name, found in self.details.items() if None not in found)


@dataclass(frozen=True, slots=True)
class Details:
    """The type of an error's details, and the workflow whose types it names."""

    type: TypeUse
    workflow: Workflow


NO_ERRORS = RaisedErrors({})


def raised_by(workflow: Workflow, others: Mapping[str, Workflow]) -> RaisedErrors:
    """The errors that a workflow may raise, including those it catches. `others`: the project's workflows by name."""
    found: dict[str, list[Details | None]] = {}
    any_name = False
    seen, waiting = {workflow.name}, [workflow]
    while waiting:
        one = waiting.pop()
        if validates_input(one):
            found.setdefault(CONTRACT_VIOLATION, []).append(None)
        for owner in every_step(one):
            for step in (owner, undoing_of(owner)):
                if step is None:
                    continue
                named, others_too = _own(step, one)
                if validated(one, step, others) is not None:
                    named.append((CONTRACT_VIOLATION, None))
                any_name = any_name or others_too
                for name, details in named:
                    found.setdefault(name, []).append(details)
                child = others.get(step.workflow) if isinstance(step, RunWorkflow) and not step.detached else None
                if child is not None and child.name not in seen:
                    seen.add(child.name)
                    waiting.append(child)
    return RaisedErrors({name: tuple(details) for name, details in found.items()}, any_name)


def errors_of_step(step: Step, workflow: Workflow) -> tuple[str, ...]:
    """The names of the errors that a step itself raises, and of those that the call which undoes it raises."""
    undoing = undoing_of(step)
    named = [*_own(step, workflow)[0], *([] if undoing is None else _own(undoing, workflow)[0])]
    return tuple(dict.fromkeys(name for name, _ in named))


def _own(step: Step, workflow: Workflow) -> tuple[list[tuple[str, Details | None]], bool]:
    """The errors that a step itself raises, and whether it may also raise others."""
    match step:
        case Call(callback=callback):
            errors = workflow.functions[step.function].errors if step.function in workflow.functions else ()
            found = [
                (error.name, None if error.details is None else Details(error.details, workflow)) for error in errors
            ]
            return found, callback is not None
        case Aws(callback=callback):
            return [], callback is not None
        case Fail(raised=Raised(error=Literal(value=str() as name))):
            return [(name, None)], False
        case Fail(raised=raised):
            return [], isinstance(raised, Raised)
        case Repeat(rounds=rounds):
            return [] if rounds.most is None else [(LIMIT_EXCEEDED, None)], False
        case Asl():
            return [], True
        case Http() | RunWorkflow() | Wait() | Set() | Return() | Break() | Continue():
            return [], False
        case Switch() | Match() | Parallel() | ForEach() | Group():
            return [], False
        case _:
            assert_never(step)


def fails_only_at_its_limit(workflow: Workflow, loop: Repeat) -> bool:
    """Whether only `loop` itself raises `RepeatLimitExceeded`, so that it comes after a complete round.

    Then a catcher with only this name catches nothing else in the loop, not even an undeclared error of that name.
    """
    if loop.rounds.most is None or any(
        function.error(LIMIT_EXCEEDED) is not None for function in workflow.functions.values()
    ):
        return False
    return not any(
        isinstance(step, Repeat | Asl | Fail) or (isinstance(step, RunWorkflow) and not step.detached)
        for step in walk(loop.steps)
    )
