"""What a diagram shows, without coordinates: boxes in chains, branches next to each other, frames around bodies.

In: nothing. Out: frozen data. Never: a coordinate, a renderer.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias


class Role(Enum):
    """The meaning of a box; renderers choose its shape and color by it."""

    TASK = "task"
    VALUE = "value"
    WAIT = "wait"
    DECISION = "decision"
    RETURN = "return"
    FAIL = "fail"
    JUMP = "jump"
    """Control continues at another box: a shared handler, the start of a loop, a state that several paths lead to."""
    GROUP = "group"
    LOOP = "loop"
    PARALLEL = "parallel"
    MAP = "map"
    LABEL = "label"
    """The condition or the name of a branch."""
    CATCH = "catch"
    """The errors that lead to a handler."""
    UNDO = "undo"
    """A compensation."""
    START = "start"
    END = "end"


@dataclass(frozen=True, slots=True)
class Box:
    """One step, state or label. `name` is shown in bold, and each of the `details` on separate lines."""

    name: str
    role: Role
    details: tuple[str, ...] = ()
    tooltip: str = ""
    ends: bool = False
    """Control does not continue below the box."""
    target: str | None = None
    """The name of the box at which control continues, if it is not the box below."""
    state: str | None = None
    """The name of the state in Amazon States Language, if the box corresponds to one."""
    step: str | None = None
    """The id of the step that the box is for."""
    status: str | None = None
    """What a run did with the state, or a change with the step."""


@dataclass(frozen=True, slots=True)
class Column:
    """One branch, and the label above it. `entered` is false if only jumps lead to it."""

    chain: Chain
    label: Box | None = None
    entered: bool = True


@dataclass(frozen=True, slots=True)
class Split:
    """A decision, and its branches next to each other."""

    head: Box
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle around one or several bodies. `last` is a body that runs after the others, however they end.

    `again` is true if the body starts again when it ends.
    """

    head: Box
    columns: tuple[Column, ...]
    last: Column | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Guarded:
    """A box or frame with its compensation to the left and its error handlers to the right."""

    main: Box | Frame
    undo: Column | None
    catches: tuple[Column, ...]


Part: TypeAlias = Box | Split | Frame | Guarded
Chain: TypeAlias = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Structure:
    """The columns of a diagram: the main one, then those that only jumps lead to. `title` describes the whole."""

    name: str
    title: str
    columns: tuple[Column, ...]
