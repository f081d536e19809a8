"""Terminal colors."""

from __future__ import annotations

from dataclasses import dataclass

from flowgen.diagnostics.table import Severity


@dataclass(frozen=True, slots=True)
class Style:
    """The parameters of the SGR escape sequence (ECMA-48, section 8.3.117) for each part; "" for no style."""

    error: str = ""
    warning: str = ""
    note: str = ""
    message: str = ""
    frame: str = ""
    secondary: str = ""

    def of(self, severity: Severity) -> str:
        styles = {Severity.ERROR: self.error, Severity.WARNING: self.warning, Severity.NOTE: self.note}
        return styles[severity]


PLAIN = Style()
ANSI = Style(error="1;31", warning="1;33", note="1;32", message="1", frame="1;34", secondary="1;34")
"""The sixteen basic colors, which follow the user's theme."""


def paint(text: str, sgr: str) -> str:
    return f"\x1b[{sgr}m{text}\x1b[0m" if sgr and text else text
