"""Texts in which `«` and `»` show where a finding is to be: the place is in the test as a reader sees it."""

from __future__ import annotations

from flowgen.diagnostics import Diagnostic, Position, Span
from flowgen.diagnostics.lines import split_lines
from flowgen.pipeline import check_text

FILE = "workflow.yaml"


def unmarked(marked: str) -> tuple[str, Span]:
    """The text without its two marks, and the place between them."""
    start = marked.index("«")
    end = marked.index("»") - 1
    text = marked.replace("«", "").replace("»", "")
    return text, Span(FILE, _position(text, start), _position(text, end))


def _position(text: str, offset: int) -> Position:
    lines = split_lines(text[:offset])
    return Position(len(lines), len(lines[-1]) + 1)


def workflow(body: str) -> str:
    """A workflow's text around what a test is about."""
    return f"flowgen: 1\nname: tested\n{body}"


def steps(body: str) -> str:
    """The same around steps, which are indented by two."""
    return workflow(f"steps:\n{body}")


def findings(text: str) -> list[Diagnostic]:
    """All that is found."""
    return check_text(text, FILE)


def the_finding(marked: str, code: str) -> Diagnostic:
    """The one finding of a marked text, which has the code and is at the marked place."""
    text, span = unmarked(marked)
    told = findings(text)
    assert [(found.code, found.span) for found in told] == [(code, span)], [
        f"{found.code} {found.span} {found.message}" for found in told
    ]
    return told[0]
