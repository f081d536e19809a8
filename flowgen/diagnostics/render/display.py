"""Text as a terminal shows it: the width of characters, and replacements for characters that are unsafe to print.

User files and results of runs and AWS can contain anything: control characters that control the terminal,
bidirectional overrides that display a different text (CVE-2021-42574), and lines such as `::error::` that a CI system
executes. All of these are replaced by visible characters.
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
"""Commands of CI systems: GitHub's `::error::` at the start of a line and `##[…]`, Azure's and TeamCity's."""


def visible(text: str) -> str:
    """`text` on one line: line breaks and tabs become spaces, unsafe characters and commands are replaced."""
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
"""The color sequences that flowgen prints."""


def harmless(text: str, *, styled: bool = False) -> str:
    r"""Multi-line `text` that is safe for terminals and CI logs. `styled`: keep the colors, which flowgen added.

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
    r"""A JSON text with escapes for characters that control a terminal; the value is the same.

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
    """A stream that replaces unsafe characters, for example in the output of handlers, and forwards the rest.

    A command may be written in several parts: `:` in one call and `:error::` in the next.
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
        # `::` is a command only at the start of a line; elsewhere, a leading character prevents the replacement.
        lead = "." if line else ""
        self._stream.write(harmless(lead + text).removeprefix(lead))
        line = (line + text).rpartition("\n")[2]
        if len(line) > _LONGEST_SPLIT:
            line = " " if line.isspace() else f".{line[-_LONGEST_SPLIT:]}"
        self._line = line
        return len(text)

    @property
    def buffer(self) -> _Bytes:
        """Accepts bytes, because programs print them through `sys.stdout.buffer`."""
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
    """A line as displayed. A cell is one terminal column; "" continues a wide character of the cell before it.

    `places` maps each code point, and the end of the line, to its cell in the whole line. `cells` starts at cell `low`
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
    """Lay out a line. A tab is always four columns wide, so that marks can be aligned with it.

    The last few lines are cached, because many findings may refer to the same long line.
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
    """At most `limit` cells of a line, including `first` to `last`; `…` marks omitted parts."""
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
