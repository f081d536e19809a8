"""Coordinates for a diagram: chains go down, branches are next to each other, frames surround their bodies.

In: a structure. Out: boxes and lines with coordinates in pixels. Never: SVG, a search for a better layout.

Blocks are measured first, from the inside out, and placed second. Each block is a rectangle with an axis: control
enters it at the top of the axis. Lines between two blocks run only in the gap between them, or straight down inside
their own column, so no line crosses another one or a box. Both passes visit each part once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from flowgen.diagrams.drawing import Border, Drawing, Edge, Line, Node, Point, Rect
from flowgen.diagrams.structure import Box, Chain, Column, Frame, Guarded, Part, Role, Split, Structure
from flowgen.diagrams.text_widths import lines_of, width

NAME_SIZE = 13.0
DETAIL_SIZE = 11.0
LINE = 16.0
PADDING = 10.0
GAP = 28.0
"""Between two blocks of a chain."""
COLUMN_GAP = 24.0
MARGIN = 20.0
GUTTER = 18.0
"""Left of the body of a loop, where the line back to its start runs."""
DOT = 4.0
"""The radius of the dot where branches join."""
_NAME_LIMIT = 260.0 / NAME_SIZE
_DETAIL_LIMIT = 240.0 / DETAIL_SIZE
_LABEL_LIMIT = 190.0 / DETAIL_SIZE
_MOST_LINES = 3
_SMALLEST = 60.0
_LABELS = (Role.LABEL, Role.CATCH)


def layout(structure: Structure) -> Drawing:
    """The places of all parts of a diagram."""
    blocks = [_column(column) for column in structure.columns]
    page = _Page()
    x = MARGIN
    for block in blocks:
        block.place(page, x + block.left, MARGIN)
        x += block.left + block.right + 2 * COLUMN_GAP
    height = max((block.height for block in blocks), default=0.0) + 2 * MARGIN
    return Drawing(x - 2 * COLUMN_GAP + MARGIN, height, tuple(page.nodes), tuple(page.borders), tuple(page.edges))


@dataclass(slots=True)
class _Page:
    nodes: list[Node] = field(default_factory=list)
    borders: list[Border] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)

    def edge(self, points: Iterable[Point], role: Role = Role.TASK, *, arrow: bool = True) -> None:
        self.edges.append(Edge(_straight(points), role, arrow))


def _straight(points: Iterable[Point]) -> tuple[Point, ...]:
    """The points without repeated ones."""
    kept: list[Point] = []
    for point in points:
        if not kept or kept[-1] != point:
            kept.append(point)
    return tuple(kept)


def _between(start: Point, end: Point, y: float) -> tuple[Point, ...]:
    """Down, sideways at `y`, down."""
    return (start, (start[0], y), (end[0], y), end)


@dataclass(frozen=True, slots=True)
class _BoxBlock:
    """A measured box. `left` and `right` are the distances from its axis; `exits` counts where control leaves it."""

    box: Box
    texts: tuple[tuple[str, float, bool], ...]
    """Text, width and whether it is part of the name."""
    left: float
    height: float

    @property
    def right(self) -> float:
        return self.left

    @property
    def exits(self) -> int:
        return 0 if self.box.ends else 1

    def place(self, page: _Page, x: float, y: float) -> Point | None:
        """Draws the box with its axis at `x` and its top at `y`; returns where control leaves it."""
        self.place_wide(page, Rect(x - self.left, y, 2 * self.left, self.height), x)
        return (x, y + self.height) if self.exits else None

    def place_wide(self, page: _Page, rect: Rect, x: float) -> None:
        top = rect.y + (self.height - LINE * len(self.texts)) / 2
        lines = (
            Line(text, x - wide / 2, top + LINE * index + 12, wide, is_name)
            for index, (text, wide, is_name) in enumerate(self.texts)
        )
        page.nodes.append(Node(rect, self.box, tuple(lines)))


def _box(box: Box) -> _BoxBlock:
    is_label = box.role in _LABELS
    limit = _LABEL_LIMIT if is_label else _DETAIL_LIMIT
    names = lines_of(box.name, _NAME_LIMIT, _MOST_LINES, bold=True) if box.name else ()
    details = [line for detail in box.details for line in lines_of(detail, limit, _MOST_LINES if is_label else 2)]
    texts = (
        *((text, width(text, bold=True) * NAME_SIZE, True) for text in names),
        *((text, width(text) * DETAIL_SIZE, False) for text in details),
    )
    widest = max((wide for _, wide, _ in texts), default=0.0)
    half = max(widest + (1.2 if is_label else 2) * PADDING, 0.0 if is_label else _SMALLEST) / 2
    height = LINE * len(texts) + (0.6 if is_label else 1.6) * PADDING
    return _BoxBlock(box, texts, float(int(half) + 1), height)


@dataclass(frozen=True, slots=True)
class _ChainBlock:
    blocks: tuple[_Block, ...]
    left: float
    right: float
    height: float
    exits: int
    entered: bool

    def place(self, page: _Page, x: float, y: float) -> Point | None:
        leave: Point | None = None
        for index, block in enumerate(self.blocks):
            if index and leave is not None:
                page.edge(_between(leave, (x, y), y - GAP / 2))
            leave = block.place(page, x, y)
            y += block.height + GAP
        return leave if self.blocks else (x, y)


def _chain(chain: Chain, above: Box | None = None, *, entered: bool = True) -> _ChainBlock:
    blocks = (*(() if above is None else (_box(above),)), *map(_part, chain))
    return _ChainBlock(
        blocks,
        max((block.left for block in blocks), default=0.0),
        max((block.right for block in blocks), default=0.0),
        sum(block.height for block in blocks) + GAP * max(len(blocks) - 1, 0),
        min(blocks[-1].exits, 1) if blocks else 1,
        entered,
    )


def _column(column: Column) -> _ChainBlock:
    return _chain(column.chain, column.label, entered=column.entered)


@dataclass(frozen=True, slots=True)
class _Row:
    """Columns next to each other, and their axes relative to the axis of the row."""

    columns: tuple[_ChainBlock, ...]
    axes: tuple[float, ...]
    left: float
    right: float
    height: float
    exits: int

    def entries(self) -> Iterable[float]:
        return (axis for column, axis in zip(self.columns, self.axes, strict=True) if column.entered)

    def place(self, page: _Page, x: float, y: float) -> list[Point]:
        """Draws the columns; returns where control leaves them."""
        leaves = [column.place(page, x + axis, y) for column, axis in zip(self.columns, self.axes, strict=True)]
        return [leave for leave in leaves if leave is not None]


def _row(columns: Iterable[Column]) -> _Row:
    blocks = tuple(map(_column, columns))
    axes: list[float] = []
    x = 0.0
    for block in blocks:
        axes.append(x + block.left)
        x += block.left + block.right + COLUMN_GAP
    entries = [axis for block, axis in zip(blocks, axes, strict=True) if block.entered]
    middle = (entries[0] + entries[-1]) / 2 if entries else 0.0
    return _Row(
        blocks,
        tuple(axis - middle for axis in axes),
        middle,
        max(x - COLUMN_GAP - middle, 0.0),
        max((block.height for block in blocks), default=0.0),
        sum(block.exits for block in blocks),
    )


def _join(page: _Page, leaves: list[Point], x: float, y: float) -> Point | None:
    """Joins branches in a dot below `y`, if there are several; returns where control continues."""
    if len(leaves) < 2:  # noqa: PLR2004 - a single branch continues without a dot
        return leaves[0] if leaves else None
    middle = y + GAP / 2
    for leave in leaves:
        page.edge((leave, (leave[0], middle), (x, middle)), arrow=False)
    page.nodes.append(Node(Rect(x - DOT, middle - DOT, 2 * DOT, 2 * DOT)))
    return (x, middle + DOT)


def _joined(exits: int) -> float:
    """The height of the dot where so many branches join."""
    return GAP / 2 + DOT if exits > 1 else 0.0


@dataclass(frozen=True, slots=True)
class _SplitBlock:
    head: _BoxBlock
    row: _Row
    left: float
    right: float
    height: float

    @property
    def exits(self) -> int:
        return min(self.row.exits, 1)

    def place(self, page: _Page, x: float, y: float) -> Point | None:
        self.head.place(page, x, y)
        start, top = (x, y + self.head.height), y + self.head.height + GAP
        for axis in self.row.entries():
            page.edge(_between(start, (x + axis, top), top - GAP / 2))
        return _join(page, self.row.place(page, x, top), x, top + self.row.height)


def _split(split: Split) -> _SplitBlock:
    head, row = _box(split.head), _row(split.columns)
    height = head.height + GAP + row.height + _joined(row.exits)
    return _SplitBlock(head, row, max(head.left, row.left), max(head.right, row.right), height)


@dataclass(frozen=True, slots=True)
class _FrameBlock:
    head: _BoxBlock
    row: _Row
    last: _ChainBlock | None
    again: bool
    left: float
    right: float
    height: float

    @property
    def exits(self) -> int:
        return self.head.exits

    def place(self, page: _Page, x: float, y: float) -> Point | None:
        outline = Rect(x - self.left, y, self.left + self.right, self.height)
        page.borders.append(Border(outline, self.head.box))
        head = Rect(outline.x, y, outline.width, self.head.height)
        self.head.place_wide(page, head, x)
        top = head.bottom + GAP
        for axis in self.row.entries():
            page.edge(((x + axis, head.bottom), (x + axis, top)))
        leaves = self.row.place(page, x, top)
        bottom = top + self.row.height
        if self.last is not None:
            for leave in leaves:
                page.edge(_between(leave, (x, bottom + GAP), bottom + GAP / 2))
            last = self.last.place(page, x, bottom + GAP)
            leaves = [] if last is None else [last]
        elif self.again:
            gutter = outline.x + GUTTER / 2
            for leave in leaves:
                middle = bottom + GAP / 2
                page.edge((leave, (leave[0], middle), (gutter, middle), (gutter, top - GAP / 2), (x, top - GAP / 2)))
            leaves = []
        for leave in leaves:
            page.edge((leave, (leave[0], outline.bottom)), arrow=False)
        return (x, outline.bottom) if self.exits else None


def _frame(frame: Frame) -> _FrameBlock:
    head, row = _box(frame.head), _row(frame.columns)
    last = None if frame.last is None else _column(frame.last)
    left, right = row.left + 2 * PADDING + (GUTTER if frame.again else 0.0), row.right + 2 * PADDING
    height = head.height
    if row.columns:
        height += GAP + row.height + 2 * PADDING + (GAP / 2 if frame.again else 0.0)
    if last is not None:
        left, right = max(left, last.left + 2 * PADDING), max(right, last.right + 2 * PADDING)
        height += GAP + last.height
    return _FrameBlock(head, row, last, frame.again, max(head.left, left), max(head.right, right), height)


@dataclass(frozen=True, slots=True)
class _GuardedBlock:
    """`undo` is to the left of `main`, `catches` are to the right.

    A line leads sideways from the middle of `main` (of its head, for a frame): straight to the first box of a single
    column, and down to the tops of several ones.
    """

    main: _BoxBlock | _FrameBlock
    undo: _ChainBlock | None
    catches: _Row
    left: float
    right: float
    inner: float
    """The height without the dot where branches join."""

    @property
    def height(self) -> float:
        return self.inner + _joined(self.main.exits + self.catches.exits)

    @property
    def exits(self) -> int:
        return min(self.main.exits + self.catches.exits, 1)

    def place(self, page: _Page, x: float, y: float) -> Point | None:
        leave = self.main.place(page, x, y)
        leaves = [] if leave is None else [leave]
        middle = y + _middle(self.main)
        if self.undo is not None:
            axis = x - self.main.left - COLUMN_GAP - self.undo.right
            top = y + _below(self.main, (self.undo,))
            page.edge(_sideways(x - self.main.left, middle, axis, top, self.undo), Role.UNDO)
            self.undo.place(page, axis, top)
        if self.catches.columns:
            center = x + self.main.right + COLUMN_GAP + self.catches.left
            top = y + _below(self.main, self.catches.columns)
            for axis, column in zip(self.catches.axes, self.catches.columns, strict=True):
                page.edge(_sideways(x + self.main.right, middle, center + axis, top, column), Role.CATCH)
            leaves += self.catches.place(page, center, top)
        return _join(page, leaves, x, y + self.inner)


def _middle(main: _BoxBlock | _FrameBlock) -> float:
    return (main.head if isinstance(main, _FrameBlock) else main).height / 2


def _below(main: _BoxBlock | _FrameBlock, columns: tuple[_ChainBlock, ...]) -> float:
    """How far the tops of columns next to a box are below its top."""
    middle, first = _middle(main), columns[0].blocks[0]
    if len(columns) == 1 and isinstance(first, _BoxBlock):
        return max(middle - first.height / 2, 0.0)
    return middle + GAP


def _sideways(start: float, middle: float, axis: float, top: float, column: _ChainBlock) -> tuple[Point, ...]:
    """The line from the side of a box to the side, or the top, of the first box of a column."""
    if top > middle:
        return ((start, middle), (axis, middle), (axis, top))
    first = column.blocks[0]
    return ((start, middle), (axis - first.left if start < axis else axis + first.right, middle))


def _guarded(guarded: Guarded) -> _GuardedBlock:
    main = _frame(guarded.main) if isinstance(guarded.main, Frame) else _box(guarded.main)
    undo = None if guarded.undo is None else _column(guarded.undo)
    catches = _row(guarded.catches)
    sides = [] if undo is None else [_below(main, (undo,)) + undo.height]
    if catches.columns:
        sides.append(_below(main, catches.columns) + catches.height)
    left = main.left + (0.0 if undo is None else COLUMN_GAP + undo.left + undo.right)
    right = main.right + (COLUMN_GAP + catches.left + catches.right if catches.columns else 0.0)
    return _GuardedBlock(main, undo, catches, left, right, max(main.height, *sides, 0.0))


_Block: TypeAlias = _BoxBlock | _ChainBlock | _SplitBlock | _FrameBlock | _GuardedBlock


def _part(part: Part) -> _Block:
    match part:
        case Box():
            return _box(part)
        case Split():
            return _split(part)
        case Frame():
            return _frame(part)
        case Guarded():
            return _guarded(part)
