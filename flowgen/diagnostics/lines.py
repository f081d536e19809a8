"""Lines, as positions count them."""

from __future__ import annotations

import re

_BREAK = re.compile(r"\r\n|\r|\n")


def split_lines(text: str) -> list[str]:
    r"""Split at YAML 1.2's line breaks, without them (YAML 1.2.2 section 5.4).

    `str.splitlines` would also split at form feeds and U+2028, which YAML does not, and shift every later line.

    >>> split_lines("a\r\nb\u2028c")
    ['a', 'b\u2028c']
    """
    return _BREAK.split(text)


def line_lengths(text: str) -> list[int]:
    r"""The lengths of the lines in code points, line breaks included.

    >>> line_lengths("a\r\nbc\nd")
    [3, 3, 1]
    """
    ends = [match.end() for match in _BREAK.finditer(text)]
    return [end - start for start, end in zip([0, *ends], [*ends, len(text)], strict=True)]
