"""Diagnostics as text: one module per format, and the table of formats.

In: diagnostics, the texts of the files that they refer to (by file), and a style. Out: a document that ends in a
newline. Without findings, the line formats (text, concise, github) are empty, and the others are an empty report. If
the text of a file is missing (because it is unreadable), only the position is shown.
JSON and SARIF contain all findings; the formats for people stop after `many.MOST` and show how many remain.
Never: print, look at the terminal or the environment (the command line decides on color), sort findings.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from flowgen.diagnostics.render import concise, github, json, sarif, text
from flowgen.diagnostics.render.style import ANSI, PLAIN, Style

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flowgen.diagnostics.model import Diagnostic

__all__ = ["ANSI", "FORMATS", "PLAIN", "Renderer", "Style"]


class Renderer(Protocol):
    """The signature of all formats; only `text` and `concise` use colors."""

    def __call__(
        self, diagnostics: Iterable[Diagnostic], sources: Mapping[str, str], style: Style = PLAIN, /
    ) -> str: ...


FORMATS: Mapping[str, Renderer] = MappingProxyType(
    {
        "text": text.render,
        "concise": concise.render,
        "json": json.render,
        "sarif": sarif.render,
        "github": github.render,
    }
)
"""The values of `--format`; the first is the default."""
