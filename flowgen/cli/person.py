"""The user of a command that changes a stack."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from flowgen.cli.session import Session
from flowgen.cli.targets import agrees

if TYPE_CHECKING:
    from flowgen.diagnostics import Diagnostic

_PROGRESS = 24
"""The length of the longest progress line: `  999.9 MB of 999.9 MB`."""


@dataclass(slots=True)
class Person:
    """The user who started the command."""

    session: Session
    sources: Mapping[str, str]
    yes: bool
    _open_line: bool = field(default=False)

    def say(self, text: str) -> None:
        self._close_line()
        self.session.info(text)

    def tell(self, diagnostics: Sequence[Diagnostic]) -> None:
        self._close_line()
        self.session.print_diagnostics(diagnostics, self.sources)

    def agrees(self, question: str) -> bool:
        return agrees(self.yes, question)

    def uploaded(self, done: int, total: int) -> None:
        if sys.stderr.isatty() and not self.session.quiet:
            from flowgen.deploying.report import size

            # Padding overwrites a longer text from before.
            click.echo(f"\r{f'  {size(done)} of {size(total)}':{_PROGRESS}}", err=True, nl=done >= total)
            self._open_line = done < total

    def _close_line(self) -> None:
        """Ends the progress line if an upload was interrupted."""
        if self._open_line:
            self._open_line = False
            click.echo(err=True)
