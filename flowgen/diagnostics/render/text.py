"""For people: each finding with the lines that it is about, in the manner of rustc, and a count at the end.

What the best do for readability is done here. The headline says what is wrong in the user's own words and stands alone;
the caret's label says why, at the place; a declaration that is contradicted is shown too, wherever it stands (rustc).
The help is one thing to do, as text that can be put in (elm). Few lines are shown; the code leads to a page (ruff).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from flowgen.diagnostics.lines import split_lines
from flowgen.diagnostics.model import Diagnostic
from flowgen.diagnostics.render.display import visible
from flowgen.diagnostics.render.many import first, the_rest
from flowgen.diagnostics.render.snippet import Mark, last_line, snippet
from flowgen.diagnostics.render.style import PLAIN, Style, paint
from flowgen.diagnostics.table import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


def render(diagnostics: Iterable[Diagnostic], sources: Mapping[str, str], style: Style = PLAIN, /) -> str:
    """Each finding in full, up to `many.MOST`, with a blank line between them, then the count."""
    found = tuple(diagnostics)
    if not found:
        return ""
    lines = {file: split_lines(text) for file, text in sources.items()}
    parts = [_finding(diagnostic, lines, style) for diagnostic in first(found)]
    return "\n\n".join([*parts, *the_rest(found), summary(found)]) + "\n"


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """How many there are: "3 errors, 1 warning"; "" for none."""
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
    """The marks by file, the primary one and its file first."""
    marks: dict[str, list[Mark]] = {}
    if diagnostic.span is not None and diagnostic.span.file:
        marks[diagnostic.span.file] = [Mark(diagnostic.span, diagnostic.label, primary=True)]
    for label in diagnostic.secondary:
        marks.setdefault(label.span.file, []).append(Mark(label.span, label.text, primary=False))
    return marks


def _remark(kind: str, text: str, gutter: int, style: Style) -> list[str]:
    """A note or help; a text of several lines keeps them, under one another."""
    first, *rest = (visible(line) for line in split_lines(text))
    lead = " " * gutter + " = "
    head = f"{paint(lead, style.frame)}{paint(kind, style.message)}: {first}"
    return [head, *(f"{' ' * len(f'{lead}{kind}: ')}{line}".rstrip() for line in rest)]
