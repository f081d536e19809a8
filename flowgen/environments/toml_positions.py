"""Positions of keys in a TOML file, which tomllib does not report."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from flowgen.diagnostics import Position, Span
from flowgen.diagnostics.lines import split_lines

_MAX_ATTEMPTS: Final = 30
"""Occurrences of a word that are tried: each needs the document to be parsed again."""

_OTHER: Final = "-flowgen-"


def place_of(text: str, keys: Sequence[str], file: str) -> Span | None:
    r"""The span of the last of `keys`, a path from the top of the document; None if it is not found.

    A word is that key if renaming it renames the key in the parsed document. Words after the key's table come first.

    >>> place_of('[tool.x]\na = {c = "b = 1", b = 2}\n', ["tool", "x", "a", "b"], "f").start.column
    19
    """
    return _place_of(text, tuple(keys), file)


@lru_cache(maxsize=1024)
def _place_of(text: str, keys: tuple[str, ...], file: str) -> Span | None:
    lines = split_lines(text)
    word = re.compile(rf"(?<![\w-]){re.escape(keys[-1])}(?![\w-])")
    table = _place_of(text, keys[:-1], file) if keys[:-1] else None
    start = (0, 0) if table is None else (table.end.line - 1, table.end.column - 1)
    places = [(number, found) for number, line in enumerate(lines) for found in word.finditer(line)]
    places.sort(key=lambda place: (place[0], place[1].start()) < start)
    for number, found in places[:_MAX_ATTEMPTS]:
        changed = lines[number][: found.start()] + _OTHER + lines[number][found.end() :]
        if _has("\n".join([*lines[:number], changed, *lines[number + 1 :]]), (*keys[:-1], _OTHER)):
            return Span(file, Position(number + 1, found.start() + 1), Position(number + 1, found.end() + 1))
    return None


def _has(text: str, keys: Sequence[str]) -> bool:
    try:
        value: Any = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return False
    for key in keys:
        if not isinstance(value, dict) or key not in value:
            return False
        value = value[key]
    return True
