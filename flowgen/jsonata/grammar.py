"""jsonata-python's parser, extended with the place of each token and each node."""

from __future__ import annotations

import re
import sys
import warnings
from typing import Any

from flowgen.jsonata.conversion import convert
from flowgen.jsonata.tokens import Token
from flowgen.jsonata.tree import Tree

_recursion_limit = sys.getrecursionlimit()
from jsonata import parser, tokenizer  # noqa: E402 - importing it raises the recursion limit, put back below
from jsonata.jexception import JException  # noqa: E402 - as above

sys.setrecursionlimit(_recursion_limit)

__all__ = ["BadPattern", "JException", "Parser", "Tokens"]


class BadPattern(Exception):  # noqa: N818 - a mistake in an expression, told where it is parsed
    pass


def _pattern(source: str, flags: Any) -> re.Pattern[str]:
    """A regular expression in JavaScript's syntax, which JSONata uses: `(?<name>…)` is Python's `(?P<name>…)`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python's warnings about a pattern do not concern its author
        try:
            compiled: re.Pattern[str] = parser.default_regex_engine(
                re.sub(r"\(\?<(?=[A-Za-z_])", "(?P<", source), flags
            )
        except (re.error, OverflowError) as error:
            raise BadPattern(f"this is not a regular expression: {error}") from None
    return compiled


class Tokens(tokenizer.Tokenizer):  # type: ignore[misc]  # the library has no types
    """The library's tokenizer, which records every token with its start and end."""

    position: int

    def __init__(self, path: str, regex_engine: Any) -> None:
        super().__init__(path, regex_engine)
        self.seen: list[Token] = []
        self.failed_at = 0

    def next(self, prefix: bool) -> Any:  # noqa: FBT001 - the library's signature
        self.failed_at = self._skip_blank(self.position)
        if self.failed_at >= self.length:
            self.position = self.length  # the library looks for a token after a comment at the end of the text
            return None
        token = super().next(prefix)
        if token is not None and (not self.seen or self.seen[-1].end < self.position):
            self.seen.append(Token(token.type, token.value, self._skip_blank(self.failed_at), self.position))
        return token

    def _skip_blank(self, position: int) -> int:
        while position < self.length:
            if self.path[position] in " \t\n\r":
                position += 1
            elif self.path.startswith("/*", position):
                end = self.path.find("*/", position + 2)
                if end < 0:
                    return position
                position = end + 2
            else:
                break
        return position


_SIGNATURE = re.compile(r"\S+?\s*\([^)]*\)\s*(<[^{]*)\{")


class Parser(parser.Parser):  # type: ignore[misc]  # the library has no types
    """The library's parser over `Tokens`, which sets the offsets of each node.

    Creating a parser costs more than a parse, so it is reused.
    """

    def tokens_of(self, text: str) -> Tokens:
        self.source = text
        self.errors: list[Any] = []
        self.ancestry: list[Any] = []
        self.ancestor_label = self.ancestor_index = 0
        self.token_start = self.token_end = self.previous_end = 0
        self.lexer = Tokens(text, _pattern)
        return self.lexer

    def advance(self, id: str | None = None, infix: bool = False) -> Any:  # noqa: A002, FBT001, FBT002 - the library's
        self.previous_end = self.token_end
        node = super().advance(id, infix)
        seen = self.lexer.seen
        self.token_start, self.token_end = (
            (len(self.source), self.previous_end) if node.id == "(end)" else (seen[-1].start, seen[-1].end)
        )
        return node

    def expression(self, rbp: int) -> Any:
        start, node = self.token_start, self.node
        self.advance(None, True)
        left = node.nud()
        left.span = left.core = (start, self.previous_end)
        while rbp < self.node.lbp:
            node = self.node
            self.advance(None, False)
            left = node.led(left)
            left.span = (start, self.previous_end)
            if not hasattr(left, "core"):
                left.core = left.span
            if left.type == "lambda" and left.signature is not None:
                # The library reads a signature and discards its text.
                found = _SIGNATURE.match(self.source, start)
                left.signature.text = "" if found is None else "".join(found[1].split())
        return left

    def process_ast(self, expr: Any) -> Any:
        result = super().process_ast(expr)
        span = getattr(expr, "span", None)
        if span is not None:
            inner = expr.type == "binary" and str(expr.value) in ("[", "{", "@", "#")
            # The library folds `-1` into a number, which then has the span of the `1`.
            folded = expr.type == "unary" and result.type == "number"
            if not hasattr(result, "span") or expr.type == "binary" or folded:
                result.span = span
                if not hasattr(result, "core") or not inner:
                    result.core = span
        return result

    def run(self) -> Tree:
        self.advance()
        tree = self.expression(0)
        if self.node.id != "(end)":
            raise JException("S0201", self.node.position, self.node.value)
        tree = self.process_ast(tree)
        if tree.type == "parent" or tree.seeking_parent is not None:
            raise JException("S0217", tree.position, tree.type)
        return convert(tree)
