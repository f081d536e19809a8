"""Reads delimited text files as a distributed Map does.

The rules are those of the developer guide, "How Step Functions parses input CSV files". Quotation marks around a field
are optional. A doubled quotation mark is a literal one, even outside a quoted field. A backslash escapes a backslash, a
quotation mark or the delimiter, and is dropped before any other character.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

QUOTE, ESCAPE = '"', "\\"
_LINE_ENDS = re.compile(r"\r\n?")


def read_rows(text: str, delimiter: str) -> Iterator[list[str]]:
    """The fields of each record. Empty lines are skipped."""
    text = _LINE_ENDS.sub("\n", text)
    special = re.compile(rf'["\\\n{re.escape(delimiter)}]')
    row: list[str] = []
    field: list[str] = []
    place, start, quoted = 0, True, False
    while place < len(text):
        if start and not row and text[place] == "\n":
            place += 1
            continue
        if start:
            start, quoted = False, _opens(text, place, delimiter)
            place += quoted
        match = special.search(text, place)
        end = len(text) if match is None else match.start()
        field.append(text[place:end])
        character, following = text[end : end + 1], text[end + 1 : end + 2]
        place = end + 1
        if character == ESCAPE:
            if following and following in (QUOTE, ESCAPE, delimiter):
                field.append(following)
                place += 1
        elif character == QUOTE:
            if following == QUOTE:
                field.append(QUOTE)
                place += 1
            elif quoted:
                quoted = False
            else:
                field.append(QUOTE)
        elif quoted:
            field.append(character)
        elif character == delimiter:
            row.append("".join(field))
            field, start = [], True
        else:
            yield [*row, "".join(field)]
            row, field, start = [], [], True
    if row or field:
        yield [*row, "".join(field)]


def _opens(text: str, place: int, delimiter: str) -> bool:
    """Whether the quotation mark at the start of a field encloses it. A doubled one before other text does not."""
    if not text.startswith(QUOTE, place):
        return False
    if not text.startswith(QUOTE * 2, place):
        return True
    return text[place + 2 : place + 3] in ("", "\n", QUOTE, delimiter)
