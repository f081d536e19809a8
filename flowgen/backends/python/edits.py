"""The text of a module with its syntax tree, and edits at its nodes, which are applied in one pass."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

Edit = tuple[ast.expr | ast.stmt, str]
"""A node, and the text that replaces it."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """`lines` are the lines of the text, `starts` their offsets."""

    text: str
    tree: ast.Module
    lines: tuple[str, ...]
    starts: tuple[int, ...]

    def extent(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """The start and end of a node in the text."""
        return (
            self._offset(node.lineno, node.col_offset),
            self._offset(node.end_lineno or 0, node.end_col_offset or 0),
        )

    def _offset(self, line: int, column: int) -> int:
        """The tree counts columns in UTF-8 bytes."""
        text = self.lines[line - 1]
        return self.starts[line - 1] + (column if text.isascii() else len(text.encode()[:column].decode()))

    def source(self, node: ast.expr | ast.stmt) -> str:
        """The text of a node."""
        start, end = self.extent(node)
        return self.text[start:end]

    def edited(self, edits: Iterable[Edit], within: ast.expr | ast.stmt | None = None) -> str:
        """The text, or that of the node `within`, after edits, which are in any order and must not overlap."""
        start, end = (0, len(self.text)) if within is None else self.extent(within)
        return "".join(self._parts(edits, start, end))

    def _parts(self, edits: Iterable[Edit], at: int, end: int) -> Iterator[str]:
        for (start, after), replacement in sorted((self.extent(node), replacement) for node, replacement in edits):
            yield self.text[at:start]
            yield replacement
            at = after
        yield self.text[at:end]


def parsed(text: str) -> Parsed:
    """Raises SyntaxError."""
    lines = tuple(text.split("\n"))
    return Parsed(text, ast.parse(text), lines, tuple(accumulate((len(line) + 1 for line in lines), initial=0)))
