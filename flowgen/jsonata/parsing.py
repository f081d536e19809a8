"""The syntax of an expression, checked by jsonata-python's parser, with the place of every token.

The parser (`grammar`) is loaded for the first expression, so that a workflow without expressions does not need it.

Step Functions runs JSONata 2.0.6 without `$eval` (developer guide, "Transforming data with JSONata in Step Functions"),
so this module rejects the later operators `??` and `?:`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from flowgen.diagnostics.characters import invisible, typographic
from flowgen.jsonata.other_languages import REPLACEMENTS, Advice, advice, blanked
from flowgen.jsonata.tokens import Token

if TYPE_CHECKING:
    from flowgen.jsonata.grammar import JException, Parser, Tokens
    from flowgen.jsonata.tree import Tree

MAX_LENGTH = 20_000
"""The limit of characters in one expression; AWS only limits the whole definition (1 MiB)."""

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
class Reference:
    """A use of a variable that the expression does not bind itself, such as `$order.total`.

    `end` is the end of the variable's name; `path` holds the names that follow it (`("total",)`). A call of a built-in
    function is not a reference; `called` means a call of another function.
    """

    name: str
    start: int
    end: int
    path: tuple[str, ...]
    called: bool
    path_ends: tuple[int, ...] = ()
    """The end of each name in `path`."""


@dataclass(frozen=True, slots=True)
class Syntax:
    """The syntax of an expression that parses."""

    tokens: tuple[Token, ...]
    references: tuple[Reference, ...]
    bound: tuple[Token, ...]
    tree: Tree = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SyntaxFailure:
    """Why an expression does not parse, and the offsets of the problem."""

    message: str
    start: int
    end: int
    help: str | None = None
    new: str | None = None
    """The replacement for these offsets, if it is certain."""
    original: str | None = None
    """The words of jsonata-js, which Step Functions shows, if they differ."""


class ExpressionParser:
    """Parses expressions, one after the other; not to be shared between threads."""

    def __init__(self) -> None:
        self._parser: Parser | None = None

    def parse(self, text: str, *, evals: bool = False) -> Syntax | SyntaxFailure:
        """The syntax of an expression. `evals` allows `$eval`, which AWS rejects only when it is called."""
        if len(text) > MAX_LENGTH:
            return SyntaxFailure(f"this expression is longer than {MAX_LENGTH:,} characters", 0, 0)
        if not text.strip():
            return SyntaxFailure("missing expression between the braces", 0, len(text))
        from flowgen.jsonata.grammar import BadPattern, JException, Parser

        self._parser = parser = self._parser or Parser()
        tokens = parser.tokens_of(text)
        try:
            tree = parser.run()
        except JException as error:
            return replace(_failure(text, tokens, str(error), error.location), original=_original(error))
        except BadPattern as error:
            return SyntaxFailure(str(error), tokens.failed_at, tokens.position)
        except RecursionError:
            self._parser = None
            return SyntaxFailure("this expression is nested too deeply", 0, len(text))
        except Exception:  # noqa: BLE001 - it raises KeyError, IndexError and more on what is only a wrong expression
            return _refused(tokens.seen, evals=evals) or _failure(
                text, tokens, "this is not a JSONata expression", tokens.position
            )
        copied = _copied(text)
        if copied is not None:
            return SyntaxFailure(copied[2], copied[0], copied[1], copied[3])
        return _refused(tokens.seen, evals=evals) or _syntax(tokens.seen, tree)


def _failure(text: str, tokens: Tokens, message: str, location: int) -> SyntaxFailure:
    last = next((token for token in reversed(tokens.seen) if token.end == location), None)
    start, end = (last.start, last.end) if last else (min(tokens.failed_at, len(text)), min(tokens.position, len(text)))
    if "before end of expression" in message or message == "Unexpected end of expression":
        start = end = len(text.rstrip())
    found = _copied(text) or advice(text)
    if found is None:
        return SyntaxFailure(_sentence(message), start, max(end, start))
    if not found[0] <= start <= end <= found[1] or start == end:
        start, end = found[0], found[1]
    return SyntaxFailure(found[2], start, end, found[3], REPLACEMENTS.get(text[start:end]))


def _copied(text: str) -> Advice | None:
    """Characters from a document or web page, outside strings."""
    bare = blanked(text)
    hidden = invisible(bare)
    if hidden is not None:
        return hidden[0], hidden[0] + 1, hidden[1], hidden[2]
    quotes = typographic(bare)
    if quotes is None:
        return None
    straight = typographic(text)
    assert straight is not None  # noqa: S101 - what `bare` has, `text` has
    return quotes[0], quotes[0] + 1, "these are typographic quotes", f"write `{straight[1].strip()}`"


def _original(error: JException) -> str:
    """The message of jsonata-js, which writes the values in its messages as JSON, and a regular expression as `{}`."""
    found = [value for value in (error.current, error.expected) if value is not None]
    values = [json.dumps({} if isinstance(value, re.Pattern) else value, ensure_ascii=False) for value in found]
    template = str(error.error_codes.get(error.error, error))
    return re.sub(r"\{\{\w+\}\}", lambda _: values.pop(0) if values else "null", template)


def _sentence(message: str) -> str:
    message = message.replace("(end)", "the end")
    return message[:1].lower() + message[1:]


def _refused(tokens: list[Token], *, evals: bool) -> SyntaxFailure | None:
    for token in tokens:
        if token.kind == "operator" and token.value in ("??", "?:"):
            message = f"Step Functions runs JSONata 2.0.6, which has no `{token.value}`"
            # JSONata 2.0.6 expects a value at the second character.
            original = f'The symbol "{token.value[1]}" cannot be used as a unary operator'
            return SyntaxFailure(message, token.start, token.end, "write `$exists(a) ? a : b`", original)
        if token.kind == "variable" and token.value == "eval" and not evals:
            message = "Step Functions has no `$eval`"
            return SyntaxFailure(message, token.start, token.end, "`$parse` reads JSON text")
    return None


def _is(token: Token | None, *values: str) -> bool:
    return token is not None and token.kind == "operator" and token.value in values


def _syntax(tokens: list[Token], tree: Tree) -> Syntax:
    bound = tuple(_bound(tokens))
    local = {token.value for token in bound}
    references = []
    for index, token in enumerate(tokens):
        # `$` and `$$` are the context and the root of the input, not variables.
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
