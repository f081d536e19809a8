"""For GitHub Actions: workflow commands that become annotations on a pull request's lines.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowgen.diagnostics.lines import split_lines
from flowgen.diagnostics.render.display import visible
from flowgen.diagnostics.render.many import first, the_rest
from flowgen.diagnostics.render.style import PLAIN, Style
from flowgen.diagnostics.table import CODES, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flowgen.diagnostics.model import Diagnostic


def render(diagnostics: Iterable[Diagnostic], _sources: Mapping[str, str], _style: Style = PLAIN, /) -> str:
    """`::error file=…,line=…,col=…,endLine=…,endColumn=…,title=…::message`, one line per finding."""
    found = tuple(diagnostics)
    rest = [f"::notice title=More findings::{text}" for text in the_rest(found)]
    return "".join(f"{line}\n" for line in [*map(_command, first(found)), *rest])


def _command(diagnostic: Diagnostic) -> str:
    properties: dict[str, str | int] = {}
    span = diagnostic.span
    if span is not None and span.file:
        properties |= {"file": span.file, "line": span.start.line}
        # GitHub accepts columns only if the annotation starts and ends on the same line.
        if span.start.line == span.end.line:
            properties["col"] = span.start.column
        properties["endLine"] = span.end.line
        if span.start.line == span.end.line:
            properties["endColumn"] = span.end.column
    properties["title"] = f"{diagnostic.code}: {CODES[diagnostic.code].name}"
    parts = [diagnostic.message, diagnostic.label, *(f"note: {note}" for note in diagnostic.notes)]
    if diagnostic.help is not None:
        parts.append(f"help: {diagnostic.help}")
    message = "\n".join(visible(line) for part in parts if part for line in split_lines(part))
    listed = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    kind = "notice" if diagnostic.severity is Severity.NOTE else diagnostic.severity
    return f"::{kind} {listed}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(visible(text)).replace(":", "%3A").replace(",", "%2C")
