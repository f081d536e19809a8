"""Types in readable form: `string | null`, `Order`, `Line[]`, `{id: string, coupon?: string}`."""

from __future__ import annotations

import json
import re
from typing import assert_never

from flowgen.types.algebra import (
    ABSENT,
    ANY,
    BOOLEAN,
    FRACTION,
    INTEGER,
    NOTHING,
    NULL,
    NUMERIC,
    PLAIN,
    TEXT,
    TRUE,
    Array,
    Function,
    Object,
    Part,
    Reference,
    Type,
    present,
)
from flowgen.types.other_strings import is_other

MAX_WIDTH = 160
MAX_DEPTH = 4
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def show(type_: Type, *, width: int = MAX_WIDTH) -> str:
    """`type_` in the notation of type expressions where possible, in about `width` characters at most.

    >>> from flowgen.types.algebra import TEXT_TYPE, array_of, optional, record
    >>> show(record({"id": TEXT_TYPE, "notes": optional(array_of(TEXT_TYPE))}))
    '{id: string, notes?: string[]}'
    """
    for depth in range(MAX_DEPTH, 0, -1):
        try:
            text = _Printer(depth, width).type(type_, depth)
        except _TooLongError:
            continue
        if len(text) <= width:
            return text
    text = _Printer(0, None).type(type_, 0)
    return text if len(text) <= width else text[: width - 1] + "…"


class _TooLongError(Exception):
    """The text exceeds its limit."""


class _Printer:
    """Prints types down to a depth. `parts` is the number of parts that it may print."""

    def __init__(self, depth: int, parts: int | None) -> None:
        self.depth, self.parts = depth, parts

    def type(self, type_: Type, depth: int) -> str:
        return " | ".join(self.words(type_, depth)) or "never"

    def words(self, type_: Type, depth: int) -> list[str]:
        """The members of a union, without duplicates."""
        atoms = type_.atoms
        words = [json.dumps(value, ensure_ascii=False) for value in sorted(type_.literals, key=_literal_order)]
        formats = [name for name in type_.formats if not is_other(name)]
        words += sorted("numeric string" if name == NUMERIC else name for name in formats)
        if atoms & TEXT or len(formats) < len(type_.formats):
            words.append("string")
        if atoms & FRACTION:
            words.append("number")
        elif atoms & INTEGER:
            words.append("integer")
        if atoms & BOOLEAN:
            words.append("boolean" if atoms & BOOLEAN == BOOLEAN else "true" if atoms & TRUE else "false")
        words += [self.part(part, depth) for part in type_.parts]
        if atoms & ANY:
            words.append("any")
        if atoms & NULL:
            words.append("null")
        if atoms & NOTHING:
            words.append("undefined")
        elif atoms & ABSENT:
            words.append("possibly undefined")
        return list(dict.fromkeys(words))

    def part(self, part: Part, depth: int) -> str:
        if self.parts is not None:
            self.parts -= 1
            if self.parts < 0:
                raise _TooLongError
        match part:
            case Reference(name=name):
                return name
            case Function():
                return "function"
            case Array():
                return self.array(part, depth)
            case Object():
                return self.object(part, depth)
            case _:
                assert_never(part)

    def array(self, array: Array, depth: int) -> str:
        if array.most == 0:
            return "[]"
        if array.prefix and len(array.prefix) == array.least == array.most and depth > 0:
            return "[" + ", ".join(self.type(item, depth - 1) for item in array.prefix) + "]"
        words = self.words(array.item(), depth) if depth > 0 else ["…"]
        text = next(iter(words), "never") if len(words) <= 1 else f"({' | '.join(words)})"
        if array.least > 1 or array.most is not None:
            bounds = f"{array.least}..{'' if array.most is None else array.most}"
        else:
            bounds = "1.." if array.least else ""
        return f"{text}[{bounds}]" if array.kind == PLAIN else f"{text}[]"

    def object(self, value: Object, depth: int) -> str:
        if value.name is not None:
            return value.name
        if not value.fields and not value.rest.is_never:
            return "object" if value.rest.is_any else f"map<{self.type(value.rest, depth)}>"
        if depth <= 0:
            return "{…}" if value.fields else "{}"
        fields = [
            f"{name if _NAME.fullmatch(name) else json.dumps(name)}{'?' if found.may_be_absent else ''}: "
            + (self.type(present(found), depth - 1))
            for name, found in value.fields.items()
        ]
        if not value.rest.is_never:
            fields.append("…" if value.rest.is_any else f"…: {self.type(value.rest, depth - 1)}")
        return "{" + ", ".join(fields) + "}"


def _literal_order(value: str | float) -> tuple[bool, str | float]:
    return isinstance(value, str), value
