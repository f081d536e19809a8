"""A diagram with coordinates in pixels: boxes, frames, lines and texts.

In: nothing. Out: frozen data. Never: how coordinates are computed or drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from flowgen.diagrams.structure import Box, Role

Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle by its top left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text: its left end, its baseline, and its width."""

    text: str
    x: float
    y: float
    width: float
    is_name: bool


@dataclass(frozen=True, slots=True)
class Node:
    """A box, the head of a frame, or a dot where branches join (`box` is None)."""

    rect: Rect
    box: Box | None = None
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Border:
    """The outline of a frame, its head included."""

    rect: Rect
    box: Box


@dataclass(frozen=True, slots=True)
class Edge:
    """A line from a box, or the border of a frame, to another one. `role` is CATCH, UNDO, or TASK for normal flow."""

    points: tuple[Point, ...]
    role: Role
    arrow: bool = True


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything to draw; `borders` go behind `nodes`, outer ones first."""

    width: float
    height: float
    nodes: tuple[Node, ...]
    borders: tuple[Border, ...]
    edges: tuple[Edge, ...]
