"""Many findings that say the same: one with their number is read, forty are not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from flowgen.diagnostics.model import Diagnostic

_MOST = 10
"""How many findings may say the same before they become one."""

_LISTED = 12
"""How many lines that one names."""


def gathered(diagnostics: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """The findings, those that say the same of many places of a file as one: at the first, with the other lines."""
    groups: dict[tuple[str, str, str, str | None, str], list[Diagnostic]] = {}
    for one in diagnostics:
        file = one.span.file if one.span is not None else ""
        groups.setdefault((one.code, one.message, one.label, one.help, file), []).append(one)
    for group in groups.values():
        if len(group) <= _MOST:
            yield from group
            continue
        first, *others = group
        lines = list(dict.fromkeys(one.span.start.line for one in others if one.span is not None))
        shown = ", ".join(map(str, lines[:_LISTED])) + (", …" if len(lines) > _LISTED else "")
        note = f"{len(group)} findings say the same; the others are on lines {shown}"
        yield replace(first, message=f"{first.message} ({len(group)} times)", notes=(*first.notes, note), fix=None)
