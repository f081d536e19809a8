"""The widths of text in Liberation Sans, which has the metrics of Arial and Helvetica; lines that fit a width.

In: text, also untrusted. Out: widths in em; text that XML and Mermaid can contain. Never: a font file.

The tables have the advance widths of the characters U+0020 to U+007E in thousandths of an em, from the `hmtx` tables
of Liberation Sans 2 (https://github.com/liberationfonts/liberation-fonts).
"""

from __future__ import annotations

import unicodedata

_REGULAR = (
    *(278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556),
    *(556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667),
    *(556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556),
    *(556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722),
    *(500, 500, 500, 334, 260, 334, 584),
)
_BOLD = (
    *(278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556),
    *(556, 556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722),
    *(611, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556, 333, 556),
    *(611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778),
    *(556, 556, 500, 389, 280, 389, 584),
)
_WIDEST = 1.0
"""Characters outside the tables count as this wide, in em. Renderers get the width of each text, so none overflows."""

_INVISIBLE = ("Mn", "Me", "Cf")
_NOT_A_CHARACTER = 0xFFFE
"""The last two code points of each plane (XML 1.0, section 2.2)."""
_SPACES = " ,"
_BREAKS = ".:/_-"
"""Where a line without a space may end."""


def width(text: str, *, bold: bool = False) -> float:
    """The width of a line in em."""
    return sum(_character(character, bold=bold) for character in text)


def _character(character: str, *, bold: bool) -> float:
    code = ord(character)
    if code > 126:  # noqa: PLR2004 - the last character of the tables
        if unicodedata.category(character) in _INVISIBLE:
            return 0.0
        code = ord(unicodedata.normalize("NFD", character)[0])
    table = _BOLD if bold else _REGULAR
    return table[code - 32] / 1000 if 32 <= code <= 126 else _WIDEST  # noqa: PLR2004 - see above


def plain(text: str) -> str:
    r"""Text that XML can contain and that shows what it says: no control, formatting or unpaired surrogate characters.

    >>> plain("a\x00b\u202e")
    'a\ufffdb\ufffd'
    """
    return "".join("\ufffd" if _harmful(character) else character for character in text)


def _harmful(character: str) -> bool:
    if character == "\n":
        return False
    category = unicodedata.category(character)
    return category in ("Cc", "Cs", "Zl", "Zp", "Cf") or ord(character) & 0xFFFE == _NOT_A_CHARACTER


def wrapped(text: str, limit: float, *, bold: bool = False) -> tuple[str, ...]:
    """The whole text in lines of at most `limit` em, broken after punctuation where possible.

    >>> wrapped("Lambda.TooManyRequestsException", 12)
    ('Lambda.', 'TooManyRequestsExcepti', 'on')
    """
    lines: list[str] = []
    start, good, used = 0, 0, 0.0
    line = " ".join(plain(text).split())
    position = 0
    while position < len(line):
        used += _character(line[position], bold=bold)
        if used > limit and position > start:
            cut = good if good > start else position
            lines.append(line[start:cut].strip())
            start, position, used, good = cut, cut, 0.0, cut
            continue
        position += 1
        if line[position - 1] in _SPACES or (line[position - 1] in _BREAKS and line.find(" ", start, position) < 0):
            good = position
    return (*lines, line[start:].strip())


def lines_of(text: str, limit: float, most: int, *, bold: bool = False) -> tuple[str, ...]:
    """The text in at most `most` lines of at most `limit` em; `…` at the end shows that something is missing.

    >>> lines_of("one two three four", 4, 2)
    ('one two', 'three…')
    """
    # No character but a combining one is narrower than 0.19 em, so the rest of a very long text is never shown.
    lines = wrapped(text[: int(limit * most * 6)], limit, bold=bold)
    if len(lines) <= most:
        return lines
    last = lines[most - 1]
    while width(last, bold=bold) > limit - _WIDEST:
        last = last[:-1]
    return (*lines[: most - 1], f"{last}…")
