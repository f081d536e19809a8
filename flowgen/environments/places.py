"""Where a key stands in a TOML file: tomllib tells no places."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from itertools import islice
from typing import Any, Final

from flowgen.diagnostics import Position, Span
from flowgen.diagnostics.lines import split_lines

_MOST: Final = 30
"""Places of a word that are looked at: the document is parsed again for each."""

_OTHER: Final = "-flowgen-"


def place_of(text: str, keys: Sequence[str], file: str) -> Span | None:
    r"""The stretch of the last of `keys`, which lead to it from the top of the document; None where it is not found.

    A word is that key if, put in other words, it makes another key there.

    >>> place_of('[tool.x]\na = {c = "b = 1", b = 2}\n', ["tool", "x", "a", "b"], "f").start.column
    19
    """
    lines = split_lines(text)
    word = re.compile(rf"(?<![\w-]){re.escape(keys[-1])}(?![\w-])")
    places = ((number, found) for number, line in enumerate(lines) for found in word.finditer(line))
    for number, found in islice(places, _MOST):
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
