"""Why a value of one type is not assignable to another, and where in the value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from flowgen.types.algebra import ANY, Declaration, Origin, Type

Path: TypeAlias = tuple[str | int | None, ...]
"""The path into a value: names of fields, indices, and None for any item."""


class MismatchKind(Enum):
    """What is wrong with a value."""

    KIND = "kind"
    """Another kind of value is expected."""
    LITERAL = "literal"
    """The kind is right, but only certain values are allowed."""
    NULL = "null"
    """It may be null."""
    ABSENT = "absent"
    """It may be undefined, which is not allowed here."""
    SEQUENCE = "sequence"
    """An array is expected; a sequence is undefined, a single item, or an array."""
    MISSING_FIELD = "missing field"
    UNKNOWN_FIELD = "unknown field"
    OPEN = "open"
    """It may have fields that are not allowed."""
    LENGTH = "length"
    FORMAT = "format"
    """It is a string that may not have the format."""
    FUNCTION = "function"
    """A function is not a JSON value."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Why a value does not fit. `message` is a predicate: its subject is "the value" or the path in it.

    `path` leads into the value to the wrong part; `source` is its type and `wanted` the expected one. `origin` is the
    reason for `source`, `declaration` the contract that sets `wanted`.
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
    """A part of a value that fits only because its type is unknown (`any`), or because it may or may not be present."""

    path: Path
    source: Type
    wanted: Type

    @property
    def origin(self) -> Origin | None:
        return self.source.unknown if self.source.atoms & ANY else self.source.absent


def show_path(path: Path) -> str:
    """A path in readable form.

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
