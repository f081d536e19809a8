"""Diagnostics as text: one renderer a file, and the table of them.

In: diagnostics, the text of each file that they point into (file → text, as it was read), and a style. Out: a whole
document as one string that ends in a newline; without findings it is empty in the formats of lines (text, concise,
github), and a document that says so in the others. A file without a text (it can't be read) has its place named and no
lines shown.
JSON and SARIF have all findings; the formats for people stop after `many.MOST` and say how many are left.
Never: print, look at the terminal or the environment (the command line decides on colour), sort findings.
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
    """What every format is; only `text` and `concise` have colours."""

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
