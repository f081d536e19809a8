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
    """An omitted field, where null would be a value."""

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
    """A rule of a Choice state. The first rule whose condition is true applies."""

    condition: str
    next: str
    output: Template | Absent = ABSENT
    assign: Assign = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pass:
    """A state that only produces a value. `next` is None at the end."""

    name: str
    next: str | None
    output: Template | Absent = ABSENT
    assign: Assign = field(default_factory=dict)
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A state that calls `resource`."""

    name: str
    next: str | None
    resource: str
    arguments: Template | Absent = ABSENT
    credentials: Mapping[str, Template] | None = None
    output: Template | Absent = ABSENT
    assign: Assign = field(default_factory=dict)
    retry: tuple[Retrier, ...] = ()
    catch: tuple[Catcher, ...] = ()
    timeout_seconds: int | str | None = None
    heartbeat_seconds: int | str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A state that branches; `output` and `assign` are those of `default`.

    Without a default, the execution fails with `States.Runtime` if no rule applies.
    """

    name: str
    rules: tuple[ChoiceRule, ...]
    default: str | None
    output: Template | Absent = ABSENT
    assign: Assign = field(default_factory=dict)
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """A state that waits for `seconds` (a number or an expression) or until `timestamp`."""

    name: str
    next: str | None
    seconds: int | str | None = None
    timestamp: str | None = None
    output: Template | Absent = ABSENT
    assign: Assign = field(default_factory=dict)
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Succeed:
    """A state that ends the execution successfully."""

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


@dataclass(frozen=True, slots=True)
class Flow:
    """Nested states that start at `start_at`: a branch of a Parallel state, or the body of a Map."""

    start_at: str
    states: tuple[State, ...]


@dataclass(frozen=True, slots=True)
class Parallel:
    """A state that runs all its branches in parallel."""

    name: str
    next: str | None
    branches: tuple[Flow, ...]
    arguments: Template | Absent = ABSENT
    output: Template | Absent = ABSENT
    assign: Assign = field(default_factory=dict)
    retry: tuple[Retrier, ...] = ()
    catch: tuple[Catcher, ...] = ()
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Map:
    """A state that runs its body for each item.

    `child_type` is STANDARD or EXPRESS for a distributed Map, None for an inline one. `reader`, `batcher` and `writer`
    are ItemReader, ItemBatcher and ResultWriter as JSON.
    """

    name: str
    next: str | None
    body: Flow
    items: Template | Absent = ABSENT
    item_selector: Template | Absent = ABSENT
    max_concurrency: int | str | None = None
    child_type: str | None = None
    reader: Mapping[str, Any] | None = None
    batcher: Mapping[str, Any] | None = None
    writer: Mapping[str, Any] | None = None
    tolerated_count: int | str | None = None
    tolerated_percentage: float | str | None = None
    label: str | None = None
    output: Template | Absent = ABSENT
    assign: Assign = field(default_factory=dict)
    retry: tuple[Retrier, ...] = ()
    catch: tuple[Catcher, ...] = ()
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Raw:
    """A state as its author wrote it, except for its transitions; `catch` is appended to its own catchers."""

    name: str
    next: str | None
    content: Mapping[str, Any]
    assign: Assign = field(default_factory=dict)
    catch: tuple[Catcher, ...] = ()
    comment: str | None = None


State: TypeAlias = Pass | Task | Choice | Wait | Succeed | Fail | Parallel | Map | Raw


@dataclass(frozen=True, slots=True)
class StateMachine:
    """A state machine, with its states in output order."""

    start_at: str
    states: tuple[State, ...]
    comment: str | None = None
    timeout_seconds: int | None = None
