"""Applies the edits of fixes to texts."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from flowgen.diagnostics.lines import line_lengths

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowgen.diagnostics.model import Diagnostic, Edit, Position


def compatible(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The findings whose fixes can be applied together: of two whose edits overlap, the first.

    Two equal edits do not overlap: they are applied once.
    """
    taken: set[Edit] = set()
    chosen = []
    for diagnostic in diagnostics:
        edits = () if diagnostic.fix is None else diagnostic.fix.edits
        if edits and not any(_overlap(edit, other) for edit in edits for other in taken):
            taken.update(edits)
            chosen.append(diagnostic)
    return chosen


def _overlap(one: Edit, other: Edit) -> bool:
    if one == other or one.span.file != other.span.file:
        return False
    return one.span.start == other.span.start or (one.span.start < other.span.end and other.span.start < one.span.end)


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """`text` after `edits`, which must not overlap; everything else is unchanged, comments and line ends included."""
    starts = [0, *accumulate(line_lengths(text))]
    for edit in sorted(set(edits), key=lambda edit: edit.span, reverse=True):
        start, end = _offset(starts, edit.span.start), _offset(starts, edit.span.end)
        text = text[:start] + edit.text + text[end:]
    return text


def _offset(starts: list[int], position: Position) -> int:
    return starts[position.line - 1] + position.column - 1
