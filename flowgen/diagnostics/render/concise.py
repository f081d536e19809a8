"""For terminals and editors that recognize `file:line:column`: one line per finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowgen.diagnostics.render.display import visible
from flowgen.diagnostics.render.many import first, the_rest
from flowgen.diagnostics.render.style import PLAIN, Style, paint

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flowgen.diagnostics.model import Diagnostic


def render(diagnostics: Iterable[Diagnostic], _sources: Mapping[str, str], style: Style = PLAIN, /) -> str:
    """`file:line:column: error[FG101] message`; without a position if there is none."""
    found = tuple(diagnostics)
    lines = [*(_line(diagnostic, style) for diagnostic in first(found)), *the_rest(found)]
    return "".join(f"{line}\n" for line in lines)


def _line(diagnostic: Diagnostic, style: Style) -> str:
    head = paint(f"{diagnostic.severity}[{diagnostic.code}]", style.of(diagnostic.severity))
    line = f"{head} {visible(diagnostic.message)}"
    if diagnostic.span is None or not diagnostic.span.file:
        return line
    start = diagnostic.span.start
    return f"{visible(diagnostic.span.file)}:{start.line}:{start.column}: {line}"
