"""Amazon States Language as frozen data: what the compiler builds, in the JSONata query language.

Source: States Language specification, "State Types"; developer guide, "Transforming data with JSONata".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, TypeAlias

Template: TypeAlias = Any
"""JSON in which a string `{% … %}` is a JSONata expression."""


class Absent(Enum):
    """A field that is left out, where null would be a value."""

    ABSENT = auto()


ABSENT = Absent.ABSENT

Assign: TypeAlias = Mapping[str, Template]


@dataclass(frozen=True, slots=True)
class Retrier:
    """A retrier; times in seconds. Specification, "Retrying after error"."""

    errors: tuple[str, ...]
    attempts: int
    interval: int | None = None
    backoff: float | None = None
    max_delay: int | None = None
    jitter: bool = False


@dataclass(frozen=True, slots=True)
class Catcher:
    """A catcher. Specification, "Fallback states"."""

    errors: tuple[str, ...]
    next: str
    output: Template | Absent = ABSENT
    assign: Assign = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChoiceRule:
    """A rule of a Choice state: the first whose condition is true is taken."""

    condition: str
    next: str
    output: Template | Absent = ABSENT
    assign: Assign = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pass:
    """A state that only makes a value. `next` is None at the end."""

    name: str
    next: str | None
    output: Template | Absent = ABSENT
    assign: Assign = field(default_factory=dict)
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A state that has work done by `resource`."""

    name: str
    next: str | None
    resource: str
    arguments: Template | Absent = ABSENT
    output: Template | Absent = ABSENT
    assign: Assign = field(default_factory=dict)
    retry: tuple[Retrier, ...] = ()
    catch: tuple[Catcher, ...] = ()
    timeout_seconds: int | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A state that branches; `output` and `assign` are those of `default`."""

    name: str
    rules: tuple[ChoiceRule, ...]
    default: str
    output: Template | Absent = ABSENT
    assign: Assign = field(default_factory=dict)
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """A state that waits, `seconds` (a number or an expression) or until `timestamp`."""

    name: str
    next: str | None
    seconds: int | str | None = None
    timestamp: str | None = None
    assign: Assign = field(default_factory=dict)
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Succeed:
    """A state that ends the execution well."""

    name: str
    output: Template | Absent = ABSENT
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Fail:
    """A state that ends the execution with an error."""

    name: str
    error: str
    cause: str | None = None
    comment: str | None = None


State: TypeAlias = Pass | Task | Choice | Wait | Succeed | Fail


@dataclass(frozen=True, slots=True)
class StateMachine:
    """A state machine, its states in the order in which they are to be written."""

    start_at: str
    states: tuple[State, ...]
    comment: str | None = None
    timeout_seconds: int | None = None
