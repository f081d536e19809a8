"""The tokens of an expression, each with its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


# See docs/explanation/decisions.md#references-are-found-in-tokens
@dataclass(frozen=True, slots=True)
class Token:
    """A token; `start` and `end` are offsets into the expression, in code points."""

    kind: str
    value: Any
    start: int
    end: int
