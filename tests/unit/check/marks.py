"""Workflows in which marks show where findings are expected: `break: «nowhere»`."""

from __future__ import annotations

import re

from flowgen.diagnostics import Diagnostic
from flowgen.pipeline import check_text

HEAD = """\
flowgen: 1
name: place_order
functions:
  charge: {errors: [CardDeclined]}
"""


def marked(text: str) -> tuple[str, list[tuple[int, int, int, int]]]:
    """The text without its marks, and the places that they are around: line and column of start and end."""
    plain = ""
    starts: list[tuple[int, int]] = []
    places = []
    for part in re.split("([«»])", text):
        line, column = plain.count("\n") + 1, len(plain) - plain.rfind("\n")
        if part == "«":
            starts.append((line, column))
        elif part == "»":
            places.append((*starts.pop(), line, column))
        else:
            plain += part
    assert not starts
    return plain, sorted(places)


def place(diagnostic: Diagnostic) -> tuple[int, int, int, int]:
    """Line and column of the start and the end of a finding."""
    span = diagnostic.span
    assert span is not None
    return (span.start.line, span.start.column, span.end.line, span.end.column)


BESIDE = ("FG209", "FG215", "FG3")
"""Findings that workflows made for a test have besides: what they declare and do not use, and types."""


def found(steps: str, code: str, head: str = HEAD) -> list[Diagnostic]:
    """The findings of a workflow's text, which are of `code` and are exactly at its marks."""
    text, places = marked(head + steps)
    diagnostics = [one for one in check_text(text) if one.code == code or not one.code.startswith(BESIDE)]
    shown = [f"{one.code} {place(one)} {one.message}" for one in diagnostics]
    assert [(one.code, place(one)) for one in diagnostics] == [(code, where) for where in places], shown
    return diagnostics


def one(steps: str, code: str, head: str = HEAD) -> Diagnostic:
    """The only finding."""
    [diagnostic] = found(steps, code, head)
    return diagnostic
