"""Characters that nobody sees or tells apart: they come along when text is copied from documents and web pages."""

from __future__ import annotations

import re

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


def invisible(text: str, start: int = 0, end: int | None = None) -> tuple[int, str, str] | None:
    r"""The first invisible character: its offset, what is wrong, and what to do.

    >>> invisible("set:\u200b")
    (4, 'this is an invisible character, U+200B (zero-width space)', 'delete it')
    """
    found = _ANY_INVISIBLE.search(text, start, len(text) if end is None else end)
    if found is None:
        return None
    name = f"U+{ord(found[0]):04X} ({_INVISIBLE[found[0]]})"
    if found[0] in _SPACES:
        return found.start(), f"this is not a space but {name}", "replace it with a space"
    return found.start(), f"this is an invisible character, {name}", "delete it"


def typographic(text: str) -> tuple[int, str] | None:
    """The first typographic quote, and the text with straight ones in place of all.

    >>> typographic("“hello”")
    (0, '"hello"')
    """
    found = _ANY_QUOTE.search(text)
    return None if found is None else (found.start(), _ANY_QUOTE.sub(lambda one: _QUOTES[one[0]], text))


def in_typographic_quotes(text: str) -> str | None:
    """The text between, where typographic quotes are around a whole text."""
    whole = len(text) > 1 and text[0] in _QUOTES and text[-1] in _QUOTES
    return text[1:-1] if whole and not _ANY_QUOTE.search(text[1:-1]) else None
