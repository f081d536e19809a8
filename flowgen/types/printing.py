"""Types as people read them: `string | null`, `Order`, `Line[]`, `{id: string, coupon?: string}`."""

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

MAX_WIDTH = 160
MAX_DEPTH = 4
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def show(type_: Type, *, width: int = MAX_WIDTH) -> str:
    """`type_` in the notation of type expressions, as far as that goes; no longer than about `width` characters.

    >>> from flowgen.types.algebra import TEXT_TYPE, array_of, optional, record
    >>> show(record({"id": TEXT_TYPE, "notes": optional(array_of(TEXT_TYPE))}))
    '{id: string, notes?: string[]}'
    """
    for depth in range(MAX_DEPTH, -1, -1):
        text = _show(type_, depth, set())
        if len(text) <= width:
            return text
    return text if len(text) <= width else text[: width - 1] + "…"


def _show(type_: Type, depth: int, within: set[int]) -> str:
    words = _words(type_, depth, within)
    return " | ".join(dict.fromkeys(words)) or "never"


def _words(type_: Type, depth: int, within: set[int]) -> list[str]:
    atoms = type_.atoms
    words = [json.dumps(value, ensure_ascii=False) for value in sorted(type_.literals, key=_literal_order)]
    words += sorted(type_.formats)
    if atoms & TEXT:
        words.append("string")
    if atoms & FRACTION:
        words.append("number")
    elif atoms & INTEGER:
        words.append("integer")
    if atoms & BOOLEAN:
        words.append("boolean" if atoms & BOOLEAN == BOOLEAN else "true" if atoms & TRUE else "false")
    words += [_part(part, depth, within) for part in type_.parts]
    if atoms & ANY:
        words.append("any")
    if atoms & NULL:
        words.append("null")
    if atoms & NOTHING:
        words.append("nothing")
    elif atoms & ABSENT:
        words.append("perhaps nothing")
    return words


def _literal_order(value: str | float) -> tuple[bool, str | float]:
    return isinstance(value, str), value


def _part(part: Part, depth: int, within: set[int]) -> str:
    match part:
        case Reference(name=name):
            return name
        case Function():
            return "function"
        case Array():
            return _array(part, depth, within)
        case Object():
            return _object(part, depth, within)
        case _:
            assert_never(part)


def _array(array: Array, depth: int, within: set[int]) -> str:
    if array.most == 0:
        return "[]"
    if array.prefix and len(array.prefix) == array.least == array.most and depth > 0:
        return "[" + ", ".join(_show(item, depth - 1, within) for item in array.prefix) + "]"
    item = array.item()
    words = dict.fromkeys(_words(item, depth, within))
    text = next(iter(words), "never") if len(words) <= 1 else f"({' | '.join(words)})"
    if array.least > 1 or array.most is not None:
        bounds = f"{array.least}..{'' if array.most is None else array.most}"
    else:
        bounds = "1.." if array.least else ""
    return f"{text}[{bounds}]" if array.kind == 0 else f"{text}[]"


def _object(value: Object, depth: int, within: set[int]) -> str:
    if value.name is not None:
        return value.name
    if not value.fields and not value.rest.is_never:
        return "object" if value.rest.is_any else f"map<{_show(value.rest, depth, within)}>"
    if depth <= 0 or id(value) in within:
        return "{…}" if value.fields else "{}"
    inside = within | {id(value)}
    fields = [
        f"{name if _NAME.fullmatch(name) else json.dumps(name)}{'?' if found.may_be_absent else ''}: "
        + (_show(present(found), depth - 1, inside))
        for name, found in value.fields.items()
    ]
    if not value.rest.is_never:
        fields.append("…" if value.rest.is_any else f"…: {_show(value.rest, depth - 1, inside)}")
    return "{" + ", ".join(fields) + "}"
