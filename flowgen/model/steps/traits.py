"""Traits of step kinds: which modifiers a kind has, and how the steps inside it run.

In: nothing. Out: base classes of step kinds, and `Body`. Never: a specific kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from flowgen.diagnostics import Span
from flowgen.model.steps.base import CatchField, RetryField, StepBase

if TYPE_CHECKING:
    from flowgen.model.steps.compensation import Compensation
    from flowgen.model.steps.kinds import Steps
    from flowgen.source import Node


class Runs(Enum):
    """How often a body runs per run of its step."""

    ONCE = "once"
    MAYBE = "at most once"
    MANY = "any number of times"


@dataclass(frozen=True, slots=True)
class Bound:
    """A variable that exists only in a body. `span` is the place of its name; None if the language defines it."""

    name: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """A list of steps inside a step, and how it runs."""

    steps: Steps
    runs: Runs = Runs.ONCE
    apart: bool = False
    """The body is a nested state machine: variables and jumps cannot leave it."""
    own_execution: bool = False
    """Each run of the body is a separate execution with its own history."""
    leavable: bool = False
    """A `break` that names the step leaves the body."""
    last: bool = False
    """The body runs after the others, however they end."""
    binds: tuple[Bound, ...] = ()
    """Variables that exist only in the body."""
    decided_by: Node | None = None
    """The condition of the body; None if it runs when no other does."""

    @property
    def is_loop(self) -> bool:
        """Whether a `continue` may end a run of the body."""
        return self.runs is Runs.MANY

    @property
    def in_sequence(self) -> bool:
        """Whether the body is part of the enclosing sequence: same variables, each step runs at most once."""
        return not self.apart and self.runs is not Runs.MANY


# The fields below are declared only for mypy: pydantic puts inherited fields first, but each kind decides on the
# position of a modifier in its schema and in messages. A test compares the traits of every kind with its fields.


class Retryable(StepBase):
    """A kind whose state has its own `Retry` and `Catch`."""

    if TYPE_CHECKING:
        retry: RetryField | None


class Catching(StepBase):
    """A kind with `catch`."""

    if TYPE_CHECKING:
        catch: CatchField


class Undoable(StepBase):
    """A kind with `compensate` and `pivot`."""

    if TYPE_CHECKING:
        compensate: Compensation | None
        pivot: bool


class Plain(StepBase):
    """A kind without steps inside it."""

    def bodies(self) -> tuple[Body, ...]:
        return ()
