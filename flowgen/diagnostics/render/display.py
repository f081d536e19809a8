"""Text as a terminal shows it: which columns a character takes, and what it must never be sent.

A user's file may hold anything: control characters would steer the terminal, and bidirectional overrides would show one
text and mean another (CVE-2021-42574). Both are shown as visible stand-ins.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

_TAB = "    "
_BIDIRECTIONAL = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_CONTROL_PICTURES = 0x2400  # U+2400 to U+241F picture U+0000 to U+001F
_DELETE, _DELETE_PICTURE = "\x7f", "\u2421"
_REPLACEMENT = "\ufffd"
_ELLIPSIS = "…"


def visible(text: str) -> str:
    """`text` on one line: each line break and tab becomes a space, each harmful character a stand-in."""
    return "".join(map(_stand_in, " ".join(text.split("\n")).replace("\t", " ")))


def _stand_in(character: str) -> str:
    if " " <= character < _DELETE:
        return character
    if character < " ":
        return chr(_CONTROL_PICTURES + ord(character))
    if character == _DELETE:
        return _DELETE_PICTURE
    harmful = character in _BIDIRECTIONAL or unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}
    return _REPLACEMENT if harmful else character


def _width(character: str) -> int:
    if character.isascii():
        return 1
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


@dataclass(frozen=True, slots=True)
class Shown:
    """A line as it is shown. A cell is one terminal column; "" continues a wide character of the cell before it.

    `places` has the cell of each code point of the line, and one more for its end.
    """

    cells: tuple[str, ...]
    places: tuple[int, ...]

    def reach(self, start: int, end: int) -> tuple[int, int]:
        """The cells from code point `start` up to `end`, at least one."""
        last = len(self.places) - 1
        left = self.places[min(start, last)]
        return left, max(self.places[min(end, last)], left + 1)


def shown(line: str) -> Shown:
    """Lay a line out. A tab takes four columns wherever it stands, so that what is under it can be aligned."""
    cells: list[str] = []
    places = [0]
    for character in line:
        if character == "\t":
            cells.extend(_TAB)
        else:
            stand_in = _stand_in(character)
            width = _width(stand_in)
            if width == 0 and cells:
                # It belongs to the cell that holds a character: the one before a continuation.
                owner = -2 if cells[-1] == "" else -1
                cells[owner] += stand_in
            elif width:
                cells.extend([stand_in, ""][:width])
        places.append(len(cells))
    return Shown(tuple(cells), tuple(places))


def cut(line: Shown, first: int, last: int, limit: int) -> Shown:
    """At most `limit` cells of a line, so that `first` to `last` show; `…` stands where something is left out."""
    if len(line.cells) <= limit:
        return line
    context = max((limit - (last - first)) // 2, limit // 4)
    low = max(0, min(first - context, len(line.cells) - limit))
    high = low + limit
    cells = list(line.cells[low:high])
    if low > 0:
        cells[0] = _ELLIPSIS
        if cells[1] == "":
            cells[1] = " "
    edge = limit
    if high < len(line.cells):
        edge -= 1
        if cells[-1] == "":
            cells[-2] = " "
        cells[-1] = _ELLIPSIS
    return Shown(tuple(cells), tuple(min(max(place - low, 0), edge) for place in line.places))
