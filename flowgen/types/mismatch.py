"""Why a value of one type does not fit another, and where in the value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from flowgen.types.algebra import ANY, Declaration, Origin, Type

Path: TypeAlias = tuple[str | int | None, ...]
"""The way into a value: names of fields, indices, and None for any item."""


class MismatchKind(Enum):
    """What is wrong with a value that does not fit."""

    KIND = "kind"
    """Another kind of value is wanted."""
    LITERAL = "literal"
    """The kind is right, but only certain values are allowed."""
    NULL = "null"
    """It may be null."""
    ABSENT = "absent"
    """It may be nothing, and that is not allowed here."""
    SEQUENCE = "sequence"
    """An array is wanted; a sequence is nothing, one bare item, or an array."""
    MISSING_FIELD = "missing field"
    UNKNOWN_FIELD = "unknown field"
    OPEN = "open"
    """It may have fields that are not allowed."""
    LENGTH = "length"
    FORMAT = "format"
    """It is a string of which nothing says whether it has the format."""
    FUNCTION = "function"
    """A function is no JSON value."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Why a value does not fit: `message` is a sentence's end after "the value" or the place in it.

    `path` leads into the value to what is wrong, `source` is what is there and `wanted` what should be. `origin` says
    where what is there came from, `declaration` which contract asks.
    """

    kind: MismatchKind
    path: Path
    source: Type
    wanted: Type
    message: str
    help: str | None = None
    origin: Origin | None = None
    declaration: Declaration | None = None
    guess: str | None = None
    """The field or string that is probably meant."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A place at which a value fits only because nothing is known of it (`any`), or nobody knows if it is there."""

    path: Path
    source: Type
    wanted: Type

    @property
    def origin(self) -> Origin | None:
        return self.source.unknown if self.source.atoms & ANY else self.source.absent


def show_path(path: Path) -> str:
    """A path as people read it.

    >>> show_path(("lines", None, "sku"))
    'lines[].sku'
    """
    text = ""
    for part in path:
        if isinstance(part, str):
            text += f".{part}" if text else part
        else:
            text += "[]" if part is None else f"[{part}]"
    return text
