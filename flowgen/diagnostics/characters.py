"""Invisible characters and typographic quotes, which appear in text copied from documents and web pages."""

from __future__ import annotations

import re
from typing import NamedTuple

_INVISIBLE = {
    "\u00a0": "no-break space",
    "\u00ad": "soft hyphen",
    "\u200b": "zero-width space",
    "\u200c": "zero-width non-joiner",
    "\u200d": "zero-width joiner",
    "\u200e": "left-to-right mark",
    "\u200f": "right-to-left mark",
    "\u202f": "narrow no-break space",
    "\u2060": "word joiner",
    "\u3000": "ideographic space",
    "\ufeff": "byte order mark",
}
_SPACES = "\u00a0\u202f\u3000"
_ANY_INVISIBLE = re.compile(f"[{''.join(_INVISIBLE)}]")
_DOUBLE, _SINGLE = "\u201c\u201d\u201e\u201f\u00ab\u00bb", "\u2018\u2019\u201a\u201b"
_QUOTES = {**dict.fromkeys(_DOUBLE, '"'), **dict.fromkeys(_SINGLE, "'")}
_ANY_QUOTE = re.compile(f"[{''.join(_QUOTES)}]")


class Invisible(NamedTuple):
    """An invisible character: its offset, a message, a help, and the text to replace it with."""

    offset: int
    message: str
    help: str
    replacement: str


def invisible(text: str, start: int = 0, end: int | None = None) -> Invisible | None:
    r"""The first invisible character in `text[start:end]`.

    >>> invisible("set:\u200b").message
    'invisible character U+200B (zero-width space)'
    """
    found = _ANY_INVISIBLE.search(text, start, len(text) if end is None else end)
    if found is None:
        return None
    name = f"U+{ord(found[0]):04X} ({_INVISIBLE[found[0]]})"
    if found[0] in _SPACES:
        return Invisible(found.start(), f"expected a space, found {name}", "replace it with a space", " ")
    return Invisible(found.start(), f"invisible character {name}", "delete it", "")


def typographic(text: str) -> tuple[int, str] | None:
    """The offset of the first typographic quote, and the text with straight quotes.

    >>> typographic("“hello”")
    (0, '"hello"')
    """
    found = _ANY_QUOTE.search(text)
    return None if found is None else (found.start(), _ANY_QUOTE.sub(lambda one: _QUOTES[one[0]], text))


def in_typographic_quotes(text: str) -> str | None:
    """The text between typographic quotes that enclose the whole text, else None."""
    whole = len(text) > 1 and text[0] in _QUOTES and text[-1] in _QUOTES
    return text[1:-1] if whole and not _ANY_QUOTE.search(text[1:-1]) else None
