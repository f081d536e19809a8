"""An expression's syntax: checked by jsonata-python's parser, with the place of every token.

Step Functions runs JSONata 2.0.6 without `$eval` (developer guide, "Transforming data with JSONata in Step Functions"),
so the later operators `??` and `?:` are refused here.
"""

from __future__ import annotations

import re
import sys
import warnings
from dataclasses import dataclass, field
from typing import Any

from flowgen.jsonata.conversion import convert
from flowgen.jsonata.tree import Tree

_recursion_limit = sys.getrecursionlimit()
from jsonata import jexception, parser, tokenizer  # noqa: E402 - importing it raises the recursion limit, put back below

sys.setrecursionlimit(_recursion_limit)

MAX_LENGTH = 20_000
"""Characters in one expression; AWS's own limit is that of the whole definition (1 MiB)."""

BUILT_IN = frozenset(
    re.findall(
        r"\w+",
        """
        sum count max min average string substring substringBefore substringAfter lowercase uppercase length trim pad
        match contains replace split join formatNumber formatBase formatInteger parseInteger number floor ceil round
        abs sqrt power random boolean not map zip filter single reduce sift keys lookup append exists spread merge
        reverse each error assert type sort shuffle distinct base64encode base64decode encodeUrlComponent encodeUrl
        decodeUrlComponent decodeUrl toMillis fromMillis clone now millis
        partition range hash uuid parse
        """,
    )
)
"""The functions of JSONata 2.0.6 without `$eval`, and those that Step Functions adds (the last line)."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token; `start` and `end` are offsets into the expression, in code points."""

    kind: str
    value: Any
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reference:
    """A use of a variable that the expression does not bind itself, such as `$order.total`.

    `end` is where the variable's name ends; `path` holds the names that follow it (`("total",)`). A call of a built-in
    function is no reference; `called` says that another one is called.
    """

    name: str
    start: int
    end: int
    path: tuple[str, ...]
    called: bool
    path_ends: tuple[int, ...] = ()
    """Where each name of `path` ends."""


@dataclass(frozen=True, slots=True)
class Syntax:
    """What is known of an expression that parses."""

    tokens: tuple[Token, ...]
    references: tuple[Reference, ...]
    bound: tuple[Token, ...]
    tree: Tree = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SyntaxFailure:
    """Why an expression does not parse, and the offsets in it that are to blame."""

    message: str
    start: int
    end: int
    help: str | None = None


class _BadPattern(Exception):  # noqa: N818 - a mistake in an expression, told where it is parsed
    pass


def _pattern(source: str, flags: Any) -> re.Pattern[str]:
    """A regular expression, which JSONata writes as JavaScript does: `(?<name>…)` is Python's `(?P<name>…)`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Python thinks of a pattern is nothing to its author
        try:
            compiled: re.Pattern[str] = parser.default_regex_engine(
                re.sub(r"\(\?<(?=[A-Za-z_])", "(?P<", source), flags
            )
        except (re.error, OverflowError) as error:
            raise _BadPattern(f"this is not a regular expression: {error}") from None
    return compiled


class _Tokens(tokenizer.Tokenizer):  # type: ignore[misc]  # the library has no types
    """The library's tokenizer, which keeps every token with both its ends."""

    position: int

    def __init__(self, path: str, regex_engine: Any) -> None:
        super().__init__(path, regex_engine)
        self.seen: list[Token] = []
        self.failed_at = 0

    def next(self, prefix: bool) -> Any:  # noqa: FBT001 - the library's signature
        self.failed_at = self._skip_blank(self.position)
        if self.failed_at >= self.length:
            self.position = self.length  # the library looks for a token behind a comment that ends the text
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


class _Parser(parser.Parser):  # type: ignore[misc]  # the library has no types
    """The library's parser over `_Tokens`, which gives each node its offsets.

    Building one costs more than a parse, so it is used again and again.
    """

    def tokens_of(self, text: str) -> _Tokens:
        self.source = text
        self.errors: list[Any] = []
        self.ancestry: list[Any] = []
        self.ancestor_label = self.ancestor_index = 0
        self.token_start = self.token_end = self.previous_end = 0
        self.lexer = _Tokens(text, _pattern)
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
                # The library reads a signature and forgets its text.
                found = _SIGNATURE.match(self.source, start)
                left.signature.text = "" if found is None else "".join(found[1].split())
        return left

    def process_ast(self, expr: Any) -> Any:
        result = super().process_ast(expr)
        span = getattr(expr, "span", None)
        if span is not None:
            inner = expr.type == "binary" and str(expr.value) in ("[", "{", "@", "#")
            if not hasattr(result, "span") or expr.type == "binary":
                result.span = span
                if not hasattr(result, "core") or not inner:
                    result.core = span
        return result

    def run(self) -> Tree:
        self.advance()
        tree = self.expression(0)
        if self.node.id != "(end)":
            raise jexception.JException("S0201", self.node.position, self.node.value)
        tree = self.process_ast(tree)
        if tree.type == "parent" or tree.seeking_parent is not None:
            raise jexception.JException("S0217", tree.position, tree.type)
        return convert(tree)


class ExpressionParser:
    """Parses expressions, one after the other; not to be shared between threads."""

    def __init__(self) -> None:
        self._parser = _Parser()

    def parse(self, text: str) -> Syntax | SyntaxFailure:
        if len(text) > MAX_LENGTH:
            return SyntaxFailure(f"this expression is longer than {MAX_LENGTH:,} characters", 0, 0)
        if not text.strip():
            return SyntaxFailure("an expression is missing between the braces", 0, len(text))
        tokens = self._parser.tokens_of(text)
        try:
            tree = self._parser.run()
        except jexception.JException as error:
            return _failure(text, tokens, str(error), error.location)
        except _BadPattern as error:
            return SyntaxFailure(str(error), tokens.failed_at, tokens.position)
        except RecursionError:
            self._parser = _Parser()
            return SyntaxFailure("this expression is nested too deeply", 0, len(text))
        except Exception:  # noqa: BLE001 - it raises KeyError, IndexError and more on what is only a wrong expression
            return _refused(tokens.seen) or _failure(text, tokens, "this is not a JSONata expression", tokens.position)
        return _refused(tokens.seen) or _syntax(tokens.seen, tree)


def _failure(text: str, tokens: _Tokens, message: str, location: int) -> SyntaxFailure:
    last = next((token for token in reversed(tokens.seen) if token.end == location), None)
    start, end = (last.start, last.end) if last else (min(tokens.failed_at, len(text)), min(tokens.position, len(text)))
    if "before end of expression" in message or message == "Unexpected end of expression":
        start = end = len(text.rstrip())
    return SyntaxFailure(_sentence(message), start, max(end, start), _advice(text, start))


def _sentence(message: str) -> str:
    message = message.replace("(end)", "the end")
    return message[:1].lower() + message[1:]


_ADVICE = (
    ("==", "JSONata compares with one `=`"),
    ("&&", "JSONata writes `and`"),
    ("||", "JSONata writes `or`"),
    ("??", "Step Functions has no `??`; write `$exists(a) ? a : b`"),
    ("?:", "Step Functions has no `?:`; write `$exists(a) ? a : b`"),
)


def _advice(text: str, at: int) -> str | None:
    near = text[max(at - 1, 0) : at + 2]
    for wrong, advice in _ADVICE:
        if wrong in near:
            return advice
    if "!" in near and "!=" not in near:
        return "JSONata negates with `$not(…)`"
    return None


def _refused(tokens: list[Token]) -> SyntaxFailure | None:
    for token in tokens:
        if token.kind == "operator" and token.value in ("??", "?:"):
            message = f"Step Functions runs JSONata 2.0.6, which has no `{token.value}`"
            return SyntaxFailure(message, token.start, token.end, "write `$exists(a) ? a : b`")
        if token.kind == "variable" and token.value == "eval":
            return SyntaxFailure("Step Functions has no `$eval`", token.start, token.end, "`$parse` reads JSON text")
    return None


def _is(token: Token | None, *values: str) -> bool:
    return token is not None and token.kind == "operator" and token.value in values


def _syntax(tokens: list[Token], tree: Tree) -> Syntax:
    bound = tuple(_bound(tokens))
    local = {token.value for token in bound}
    references = []
    for index, token in enumerate(tokens):
        # `$` and `$$` are the context and the root of the input: Step Functions gives neither a meaning of ours.
        if token.kind != "variable" or token.value in local or token.value in ("", "$"):
            continue
        called = index + 1 < len(tokens) and _is(tokens[index + 1], "(")
        if called and token.value in BUILT_IN:
            continue
        path: list[str] = []
        ends: list[int] = []
        after = index + 1
        while after + 1 < len(tokens) and _is(tokens[after], ".") and tokens[after + 1].kind == "name":
            path.append(str(tokens[after + 1].value))
            ends.append(tokens[after + 1].end)
            after += 2
        if path and after < len(tokens) and _is(tokens[after], "("):
            path.pop()
            ends.pop()
        references.append(Reference(str(token.value), token.start, token.end, tuple(path), called, tuple(ends)))
    return Syntax(tuple(tokens), tuple(references), bound, tree)


def _bound(tokens: list[Token]) -> list[Token]:
    """The variables that an expression binds: `$x := …`, the parameters of a function, `@$x` and `#$i`."""
    found, parameters = [], 0
    for index, token in enumerate(tokens):
        before = tokens[index - 1] if index else None
        after = tokens[index + 1] if index + 1 < len(tokens) else None
        if parameters:
            parameters += 1 if _is(token, "(") else -1 if _is(token, ")") else 0
        elif _is(token, "(") and before is not None and before.kind == "name" and before.value in ("function", "λ"):
            parameters = 1
        if token.kind == "variable" and (_is(after, ":=") or _is(before, "@", "#") or parameters):
            found.append(token)
    return found
