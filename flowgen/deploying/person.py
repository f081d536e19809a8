"""Whoever runs a deployment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from flowgen.diagnostics import Diagnostic


class Person(Protocol):
    """Receives progress and answers questions."""

    def say(self, text: str) -> None:
        """Shows a line of progress."""

    def tell(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Shows the risks before the question."""

    def agrees(self, question: str) -> bool:
        """Whether to continue. Raises `Refused` if nobody can answer."""

    def uploaded(self, done: int, total: int) -> None:
        """Shows how many bytes of the total are uploaded."""
