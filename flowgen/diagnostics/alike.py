"""Merges repeated findings, because nobody reads the same message forty times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from flowgen.diagnostics.model import Diagnostic, Edit, Fix

_MOST = 10
"""More identical findings than this are merged."""

_LISTED = 12
"""How many line numbers the merged finding lists."""


def gathered(diagnostics: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """The findings, with repeated ones in a file merged into the first, which lists the lines of the others.

    The fix of a merged finding has the edits of all of them, unless one of them has no fix.
    """
    groups: dict[tuple[str, str, str, str | None, str], list[Diagnostic]] = {}
    for diagnostic in diagnostics:
        file = diagnostic.span.file if diagnostic.span is not None else ""
        groups.setdefault((diagnostic.code, diagnostic.message, diagnostic.label, diagnostic.help, file), []).append(
            diagnostic
        )
    for group in groups.values():
        if len(group) <= _MOST:
            yield from group
            continue
        first, *others = group
        lines = list(dict.fromkeys(diagnostic.span.start.line for diagnostic in others if diagnostic.span is not None))
        shown = ", ".join(map(str, lines[:_LISTED])) + (", …" if len(lines) > _LISTED else "")
        note = f"{len(group)} findings have this message; the others are on lines {shown}"
        yield replace(
            first, message=f"{first.message} ({len(group)} times)", notes=(*first.notes, note), fix=_merged(group)
        )


def _merged(group: Iterable[Diagnostic]) -> Fix | None:
    edits: list[Edit] = []
    for diagnostic in group:
        if diagnostic.fix is None:
            return None
        edits += diagnostic.fix.edits
    return Fix(tuple(edits))
