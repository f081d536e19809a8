"""For people: each finding with its source lines, in the style of rustc, and a count at the end.

The headline says what is wrong, using the user's names. The label at the caret says why, and a declaration that
conflicts is shown too (rustc). The help is a single action, preferably text to insert (elm). Only a few lines are
shown, and the code leads to a page (ruff).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from flowgen.diagnostics.lines import split_lines
from flowgen.diagnostics.model import Diagnostic
from flowgen.diagnostics.passwords import without_passwords
from flowgen.diagnostics.render.display import visible
from flowgen.diagnostics.render.many import first, the_rest
from flowgen.diagnostics.render.snippet import Mark, last_line, snippet
from flowgen.diagnostics.render.style import PLAIN, Style, paint
from flowgen.diagnostics.table import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


def render(diagnostics: Iterable[Diagnostic], sources: Mapping[str, str], style: Style = PLAIN, /) -> str:
    """Up to `many.MOST` findings, separated by blank lines, and the count."""
    found = tuple(diagnostics)
    if not found:
        return ""
    lines = {file: split_lines(without_passwords(text)) for file, text in sources.items()}
    parts = [_finding(diagnostic, lines, style) for diagnostic in first(found)]
    return "\n\n".join([*parts, *the_rest(found), summary(found)]) + "\n"


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """The number of findings: "3 errors, 1 warning"; "" for none."""
    counts = Counter(diagnostic.severity for diagnostic in diagnostics)
    return ", ".join(
        f"{counts[severity]} {severity}{'s' if counts[severity] > 1 else ''}"
        for severity in Severity
        if counts[severity]
    )


def _finding(diagnostic: Diagnostic, lines: Mapping[str, Sequence[str]], style: Style) -> str:
    accent = style.of(diagnostic.severity)
    marks = _marks(diagnostic)
    gutter = max((len(str(last_line(marks[file], lines[file]))) for file in marks if file in lines), default=1)
    edge = paint(" " * gutter + " |", style.frame)
    head = paint(f"{diagnostic.severity}[{diagnostic.code}]", accent)
    rows = [head + paint(f": {visible(diagnostic.message)}", style.message)]
    for index, (file, inside) in enumerate(marks.items()):
        arrow = paint(" " * gutter + (":::" if index else "-->"), style.frame)
        start = inside[0].span.start
        if index:
            rows.append(edge)
        rows.append(f"{arrow} {visible(file)}:{start.line}:{start.column}")
        if file in lines:
            rows += [edge, *snippet(inside, lines[file], gutter, style, accent)]
    tail = [("note", note) for note in diagnostic.notes]
    if diagnostic.span is None or diagnostic.span.file not in lines:
        tail = [("note", diagnostic.label)] * bool(diagnostic.label) + tail
    if diagnostic.help is not None:
        tail.append(("help", diagnostic.help))
    if tail and marks:
        rows.append(edge)
    for kind, text in tail:
        rows += _remark(kind, text, gutter, style)
    return "\n".join(rows)


def _marks(diagnostic: Diagnostic) -> dict[str, list[Mark]]:
    """The marks by file; the file of the primary mark is first."""
    marks: dict[str, list[Mark]] = {}
    if diagnostic.span is not None and diagnostic.span.file:
        marks[diagnostic.span.file] = [Mark(diagnostic.span, diagnostic.label, primary=True)]
    for label in diagnostic.secondary:
        marks.setdefault(label.span.file, []).append(Mark(label.span, label.text, primary=False))
    return marks


def _remark(kind: str, text: str, gutter: int, style: Style) -> list[str]:
    """A note or help; the lines of a multi-line text are aligned."""
    first, *rest = (visible(line) for line in split_lines(text))
    lead = " " * gutter + " = "
    head = f"{paint(lead, style.frame)}{paint(kind, style.message)}: {first}"
    return [head, *(f"{' ' * len(f'{lead}{kind}: ')}{line}".rstrip() for line in rest)]
