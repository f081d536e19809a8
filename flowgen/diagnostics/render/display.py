"""Text as a terminal shows it: which columns a character takes, and what it must never be sent.

A user's file, and whatever a run or AWS returns, may hold anything: control characters would steer the terminal,
bidirectional overrides would show one text and mean another (CVE-2021-42574), and a CI system obeys lines such as
`::error::`. All of them are shown as visible stand-ins.
"""

from __future__ import annotations

import io
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_TAB = "    "
_BIDIRECTIONAL = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_CONTROL_PICTURES = 0x2400  # U+2400 to U+241F picture U+0000 to U+001F
_DELETE, _DELETE_PICTURE = "\x7f", "\u2421"
_REPLACEMENT = "\ufffd"
_ELLIPSIS = "…"


_COMMAND = re.compile(r"(?P<lead>^\s*(?=::)|#(?=#(?:\[|vso\[|teamcity\[)))")
"""What a CI system would obey: GitHub's `::error::` at the start of a line and `##[…]`, Azure's and TeamCity's."""


def visible(text: str) -> str:
    """`text` on one line: each line break and tab becomes a space, each harmful character or command a stand-in."""
    return _COMMAND.sub(r"\g<lead>\\", "".join(map(_stand_in, " ".join(text.split("\n")).replace("\t", " "))))


def _stand_in(character: str) -> str:
    if " " <= character < _DELETE:
        return character
    if character < " ":
        return chr(_CONTROL_PICTURES + ord(character))
    if character == _DELETE:
        return _DELETE_PICTURE
    harmful = character in _BIDIRECTIONAL or unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}
    return _REPLACEMENT if harmful else character


_OURS = re.compile(r"(\x1b\[(?:0|1|3[0-7]|9[0-7])m)")
"""Colours, as flowgen sets them."""


def harmless(text: str, *, styled: bool = False) -> str:
    r"""`text` of several lines as it may go to a terminal or a CI log. `styled`: the colours in it are flowgen's.

    >>> harmless("\x1b[2Jcleared\n::error::forged")
    '␛[2Jcleared\n\\::error::forged'
    """
    return "\n".join(_harmless(line, styled) for line in text.split("\n"))


def _harmless(line: str, styled: bool) -> str:  # noqa: FBT001 - inner
    parts = _OURS.split(line) if styled else [line]
    shown = [part if index % 2 else _spaced(part) for index, part in enumerate(parts)]
    return _COMMAND.sub(r"\g<lead>\\", "".join(shown))


def _spaced(part: str) -> str:
    return "".join(map(_stand_in, part.replace("\t", _TAB)))


def harmless_json(text: str) -> str:
    r"""A JSON text with escapes for what would steer a terminal: the value is the same.

    >>> harmless_json('"\u202e"')
    '"\\u202e"'
    """
    text = re.sub(r"(?<=#)#(?=\[|vso\[|teamcity\[)", r"\\u0023", text)
    if text.isascii() and _DELETE not in text:
        return text
    return "".join(
        character if character == "\n" or _stand_in(character) == character else f"\\u{ord(character):04x}"
        for character in text
    )


_SPLIT = re.compile(r"^\s*::|##(?:\[|vso\[|teamcity\[)")
"""The whole of what `_COMMAND` finds the start of."""
_LONGEST_SPLIT = len("##teamcity[")


class HarmlessStream(io.TextIOBase):
    """A stream that makes what is written harmless, such as what handlers print, and hands it on.

    A command may come in several parts: `:` in one call and `:error::` in the next one.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._line = ""
        """The end of the line so far; all of it if it is blank, or short."""

    def write(self, text: str, /) -> int:
        line = self._line
        joined = line + text.partition("\n")[0][:_LONGEST_SPLIT]
        if any(found.start() < len(line) < found.end() for found in _SPLIT.finditer(joined)):
            self._stream.write("\\")
            line += "\\"
        # In the middle of a line `::` is no command; a character before the text makes it that.
        lead = "." if line else ""
        self._stream.write(harmless(lead + text).removeprefix(lead))
        line = (line + text).rpartition("\n")[2]
        if len(line) > _LONGEST_SPLIT:
            line = " " if line.isspace() else f".{line[-_LONGEST_SPLIT:]}"
        self._line = line
        return len(text)

    @property
    def buffer(self) -> _Bytes:
        """Takes bytes, which programs print through `sys.stdout.buffer`."""
        return _Bytes(self)

    @property
    def encoding(self) -> str:  # type: ignore[override]  # it cannot be set
        return "utf-8"

    def flush(self) -> None:
        self._stream.flush()

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()


class _Bytes(io.RawIOBase):
    def __init__(self, text: HarmlessStream) -> None:
        self._text = text

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer, /) -> int:
        content = bytes(data)
        self._text.write(content.decode("utf-8", "backslashreplace"))
        return len(content)


def _width(character: str) -> int:
    if character.isascii():
        return 1
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


@dataclass(frozen=True, slots=True)
class Shown:
    """A line as it is shown. A cell is one terminal column; "" continues a wide character of the cell before it.

    `places` has the cell in the whole line of each code point, and one more for its end. `cells` starts at cell `low`
    of the line; `edge` is the last cell that a mark may reach.
    """

    cells: tuple[str, ...]
    places: tuple[int, ...]
    low: int
    edge: int

    def reach(self, start: int, end: int) -> tuple[int, int]:
        """The cells from code point `start` up to `end`, at least one."""
        left = self._cell(start)
        return left, max(self._cell(end), left + 1)

    def _cell(self, point: int) -> int:
        place = self.places[min(point, len(self.places) - 1)]
        return min(max(place - self.low, 0), self.edge)


@lru_cache(maxsize=4)
def shown(line: str) -> Shown:
    """Lay a line out. A tab is four columns wide everywhere, so that marks can be aligned with it.

    The last few lines are kept: a long line that many findings are about is laid out once.
    """
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
    return Shown(tuple(cells), tuple(places), 0, len(cells))


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
    return Shown(tuple(cells), line.places, low, edge)
