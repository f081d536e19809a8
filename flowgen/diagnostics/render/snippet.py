"""Lines of a file with marks below them, in the style of rustc.

A mark within a line is an underline. If a line has several marks, the label of the last is on the same row, and the
others are on rows below. A mark over several lines is a bar on the left, from its first line to its last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowgen.diagnostics.render.display import Shown, cut, shown, visible
from flowgen.diagnostics.render.style import Style, paint

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowgen.diagnostics.model import Span

WIDTH = 120
"""The maximum number of columns to show; longer lines are cut around the marks."""
_LONG = 6
"""Of a mark with more lines than this, only the first three and the last are shown."""
_HEAD = 3


@dataclass(frozen=True, slots=True)
class Mark:
    """A range in the file and its label. The primary mark is the finding's own."""

    span: Span
    text: str
    primary: bool


@dataclass(frozen=True, slots=True)
class _Place:
    """A mark within the file's bounds. Lines and columns count from 0; `end` is after the last code point."""

    first: int
    start: int
    last: int
    end: int
    text: str
    primary: bool

    @property
    def spans_lines(self) -> bool:
        return self.last > self.first


class _Row:
    """An output line under construction: cells with colors."""

    def __init__(self) -> None:
        self._cells: list[tuple[str, str]] = []

    def put(self, column: int, cells: Sequence[str], sgr: str = "") -> None:
        self._cells.extend([(" ", "")] * (column + len(cells) - len(self._cells)))
        self._cells[column : column + len(cells)] = [(cell, sgr) for cell in cells]

    def render(self) -> str:
        while self._cells and self._cells[-1][0] == " ":
            self._cells.pop()
        runs: list[tuple[str, str]] = []
        for cell, sgr in self._cells:
            if runs and runs[-1][1] == sgr:
                runs[-1] = (runs[-1][0] + cell, sgr)
            else:
                runs.append((cell, sgr))
        return "".join(paint(text, sgr) for text, sgr in runs)


def snippet(marks: Sequence[Mark], lines: Sequence[str], gutter: int, style: Style, accent: str) -> list[str]:
    """The rows that show `marks`. `gutter` is the width of line numbers; `accent` is the color of the primary mark."""
    return list(_Snippet([_place(mark, lines) for mark in marks], lines, gutter, style, accent).rows())


def last_line(marks: Sequence[Mark], lines: Sequence[str]) -> int:
    """The number of the last line that `snippet` shows."""
    return max(_place(mark, lines).last for mark in marks) + 1


def _place(mark: Mark, lines: Sequence[str]) -> _Place:
    """Moves a mark into the file's bounds, and off the empty lines at the end of a YAML block."""
    start, stop = mark.span.start, max(mark.span.start, mark.span.end)
    first = min(max(start.line - 1, 0), len(lines) - 1)
    last = min(max(stop.line - 1, first), len(lines) - 1)
    end = max(stop.column - 1, 0)
    while last > first and not lines[last][:end].strip():
        last -= 1
        end = len(lines[last].rstrip())
    return _Place(first, max(start.column - 1, 0), last, end, visible(mark.text), mark.primary)


class _Snippet:
    def __init__(self, places: list[_Place], lines: Sequence[str], gutter: int, style: Style, accent: str) -> None:
        self._lines = lines
        self._gutter = gutter
        self._style = style
        self._accent = accent
        self._single = [place for place in places if not place.spans_lines]
        self._multiple = sorted((place for place in places if place.spans_lines), key=lambda p: (p.first, -p.last))
        self._margin = 2 * len(self._multiple)
        self._open: list[_Place] = []
        """The marks whose bar is currently drawn."""

    def rows(self) -> Iterator[str]:
        before = None
        for number in self._numbers():
            if before is not None and number > before + 1:
                yield self._frame("...", self._row())
            before = number
            yield from self._line(number)

    def _numbers(self) -> list[int]:
        """The lines to show. A single line between two of them is also shown."""
        wanted = {place.first for place in self._single}
        for place in self._multiple:
            long = place.last - place.first >= _LONG
            wanted.update(range(place.first, place.first + _HEAD) if long else range(place.first, place.last))
            wanted.add(place.last)
        return sorted(wanted | {line + 1 for line in wanted if line + 2 in wanted})

    def _line(self, number: int) -> Iterator[str]:
        single = [place for place in self._single if place.first == number]
        starting = [place for place in self._multiple if place.first == number]
        ending = [place for place in self._multiple if place.last == number]
        line = self._cut(number, single, starting, ending)
        blank = len(self._lines[number]) - len(self._lines[number].lstrip())
        row = self._row()
        for place in starting:
            if place.start <= blank:
                row.put(self._bar(place), "/", self._sgr(place))
                self._open.append(place)
        row.put(self._margin, line.cells)
        yield self._frame(str(number + 1), row)
        if single:
            yield from (self._frame("", row) for row in self._underlines(single, line))
        for place in ending:
            self._open.remove(place)
            row = self._reach(place, line.reach(place.end - 1, place.end)[0], "|_")
            row.put(self._margin + line.reach(place.end - 1, place.end)[0] + 2, place.text, self._sgr(place))
            yield self._frame("", row)
        for place in starting:
            if place.start > blank:
                yield self._frame("", self._reach(place, line.reach(place.start, place.start)[0], " _"))
                self._open.append(place)

    def _cut(self, number: int, single: list[_Place], starting: list[_Place], ending: list[_Place]) -> Shown:
        """The line, cut so that all its marks are visible, or only the primary one if they are too far apart."""
        line = shown(self._lines[number])
        reaches = [(place.primary, line.reach(place.start, place.end)) for place in single]
        reaches += [(place.primary, line.reach(place.start, place.start)) for place in starting]
        reaches += [(place.primary, line.reach(place.end - 1, place.end)) for place in ending]
        if not reaches:
            return cut(line, 0, 1, WIDTH)
        first, last = min(reach[0] for _, reach in reaches), max(reach[1] for _, reach in reaches)
        if last - first > WIDTH - 2:
            first, last = max(reaches)[1]
        return cut(line, first, last, WIDTH)

    def _underlines(self, places: list[_Place], line: Shown) -> Iterator[_Row]:
        marked = [(place, *line.reach(place.start, place.end)) for place in places]
        marked.sort(key=lambda item: (item[2], item[1], item[0].primary))
        row = self._row()
        for place, left, right in sorted(marked, key=lambda item: item[0].primary):
            row.put(self._margin + left, ("^" if place.primary else "-") * (right - left), self._sgr(place))
        last, _, right = marked[-1]
        row.put(self._margin + right + 1, last.text, self._sgr(last))
        yield row
        hanging = sorted((item for item in marked[:-1] if item[0].text), key=lambda item: item[1], reverse=True)
        for index in range(-1, len(hanging)):
            row = self._row()
            for place, left, _ in reversed(hanging[index + 1 :]):
                row.put(self._margin + left, "|", self._sgr(place))
            if index >= 0:
                place, left, _ = hanging[index]
                row.put(self._margin + left, place.text, self._sgr(place))
            if hanging:
                yield row

    def _reach(self, place: _Place, column: int, corner: str) -> _Row:
        """A line from the bar of a mark to where the mark starts or ends."""
        row = self._row()
        bar = self._bar(place)
        sign = "^" if place.primary else "-"
        row.put(bar, corner + "_" * (self._margin + column - bar - 2) + sign, self._sgr(place))
        return row

    def _bar(self, place: _Place) -> int:
        return 2 * self._multiple.index(place)

    def _row(self) -> _Row:
        row = _Row()
        for place in self._open:
            row.put(self._bar(place), "|", self._sgr(place))
        return row

    def _sgr(self, place: _Place) -> str:
        return self._accent if place.primary else self._style.secondary

    def _frame(self, number: str, row: _Row) -> str:
        if number == "...":
            return (paint("...", self._style.frame) + " " * self._gutter + row.render()).rstrip()
        head = paint(f"{number:>{self._gutter}} |", self._style.frame)
        return f"{head} {row.render()}".rstrip()
