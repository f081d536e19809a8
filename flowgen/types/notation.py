"""Type expressions: `Order`, `string?`, `Line[1..50]`, `map<T>`, `A | B`, `integer = 0`.

Postfixes bind tightest, then `|`, then `= default` up to the end (JSON, or an unquoted string).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from flowgen.types.foreign_names import in_our_notation

PRIMITIVES = ("string", "integer", "number", "boolean", "null", "any", "object")
FORMATS = (
    "date-time",
    "date",
    "time",
    "duration",
    "email",
    "idn-email",
    "hostname",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uri-reference",
    "iri",
    "iri-reference",
    "uri-template",
    "uuid",
    "json-pointer",
    "relative-json-pointer",
    "regex",
)
"""The formats of JSON Schema 2020-12 (Validation, section 7.3). Each is the name of a string type."""

MAX_DEPTH = 40
"""Most levels of parentheses, and most postfixes in total: far more than a real type needs."""


@dataclass(frozen=True, slots=True)
class Named:
    """A type declared under `types`. `start` and `end` are its offsets in the type expression."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Primitive:
    """One of `PRIMITIVES`."""

    name: str


@dataclass(frozen=True, slots=True)
class Format:
    """A string of one of `FORMATS`."""

    name: str


@dataclass(frozen=True, slots=True)
class ArrayOf:
    """`T[]`, with the minimum and maximum number of items, if bounded."""

    item: TypeExpression
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Nullable:
    """`T?`: may be null."""

    item: TypeExpression


@dataclass(frozen=True, slots=True)
class MapOf:
    """`map<T>`: an object with any keys, whose values are T."""

    item: TypeExpression


@dataclass(frozen=True, slots=True)
class Union:
    """`A | B`."""

    options: tuple[TypeExpression, ...]


@dataclass(frozen=True, slots=True)
class WithDefault:
    """`T = default`: may be absent when sent, and is present when read."""

    item: TypeExpression
    default: Any


TypeExpression: TypeAlias = Named | Primitive | Format | ArrayOf | Nullable | MapOf | Union | WithDefault


@dataclass(frozen=True, slots=True)
class NotationFailure:
    """Why a type expression is invalid, and the offsets of the error."""

    message: str
    start: int
    end: int
    help: str | None = None


_TOKEN = re.compile(
    r"\s*(?:(?P<word>[A-Za-z_][A-Za-z0-9_-]*)|\[\s*(?P<bounds>[0-9]{0,9}(?:\.\.[0-9]{0,9})?)\s*\]|(?P<mark>[?|<>()=]))"
)


class _Stop(Exception):  # noqa: N818 - carries a failure out of the recursion to `parse`
    def __init__(self, failure: NotationFailure) -> None:
        self.failure = failure


def parse(text: str, *, default_allowed: bool = False) -> TypeExpression | NotationFailure:
    """Parse a type expression. Only fields may have `= default`."""
    try:
        return _Reader(text, default_allowed=default_allowed).whole()
    except _Stop as stop:
        return stop.failure


class _Reader:
    def __init__(self, text: str, *, default_allowed: bool) -> None:
        self.text, self.default_allowed = text, default_allowed
        self.at = self.depth = self.postfixes = 0

    def whole(self) -> TypeExpression:
        if not self.text.strip():
            self.stop("expected a type", 0, len(self.text))
        tree = self.union()
        token = self.peek()
        if token is not None and token["mark"] == "=":
            if not self.default_allowed:
                self.stop("only a field can have a default", token.start("mark"), len(self.text))
            return WithDefault(tree, _default(self.text[token.end() :].strip()))
        if self.text[self.at :].strip():
            self.unexpected()
        return tree

    def union(self) -> TypeExpression:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.stop("this type is nested too deeply", 0, len(self.text))
        options = [self.postfix()]
        while (token := self.peek()) is not None and token["mark"] == "|":
            self.at = token.end()
            options.append(self.postfix())
        self.depth -= 1
        return options[0] if len(options) == 1 else Union(tuple(options))

    def postfix(self) -> TypeExpression:
        tree = self.atom()
        while (token := self.peek()) is not None and (token["mark"] == "?" or token["bounds"] is not None):
            self.postfixes += 1
            if self.postfixes > MAX_DEPTH:
                self.stop("this type is nested too deeply", 0, len(self.text))
            self.at = token.end()
            tree = Nullable(tree) if token["mark"] else self.array(tree, token)
        return tree

    def array(self, item: TypeExpression, token: re.Match[str]) -> ArrayOf:
        bounds = token["bounds"]
        if bounds == "":
            return ArrayOf(item)
        low, dots, high = bounds.partition("..")
        least = int(low) if low else None
        most = (int(high) if high else None) if dots else least
        if least is not None and most is not None and least > most:
            self.stop(
                f"the minimum number of items ({least}) is above the maximum ({most})", token.start(), token.end()
            )
        return ArrayOf(item, least, most)

    def atom(self) -> TypeExpression:
        token = self.peek()
        if token is None:
            self.unexpected()
            raise AssertionError
        if token["mark"] == "(":
            self.at = token.end()
            tree = self.union()
            self.expect(")")
            return tree
        word = token["word"]
        if word is None:
            self.unexpected()
            raise AssertionError
        self.at = token.end()
        if word == "map":
            self.expect("<")
            item = self.union()
            self.expect(">")
            return MapOf(item)
        if word in PRIMITIVES:
            return Primitive(word)
        if word in FORMATS:
            return Format(word)
        return Named(word, token.start("word"), token.end("word"))

    def expect(self, mark: str) -> None:
        token = self.peek()
        if token is None or token["mark"] != mark:
            at = min(self.at, len(self.text))
            self.stop(f"expected `{mark}` here", at, at)
        else:
            self.at = token.end()

    def peek(self) -> re.Match[str] | None:
        return _TOKEN.match(self.text, self.at)

    def unexpected(self) -> None:
        rest = self.text[self.at :]
        start = self.at + len(rest) - len(rest.lstrip())
        if start >= len(self.text):
            self.stop("expected a type here", len(self.text), len(self.text))
        found = re.match(r"\S+", self.text[start:])
        end = start + (found.end() if found else 0)
        self.stop(f"unexpected `{self.text[start:end]}` in a type", start, end)

    def stop(self, message: str, start: int, end: int) -> None:
        ours = in_our_notation(self.text)
        listed = re.match(r"\s*(\[.*\])\s*(=.*|\?)?", self.text)
        if listed is not None:
            use = f"Kind {listed[2]}" if (listed[2] or "").startswith("=") else "Kind?"
            help_ = f"declare the list as a type, `Kind: {listed[1]}` under `types`, and write `{use}` here"
            raise _Stop(NotationFailure(message, start, end, help_))
        help_ = f"write `{ours}`" if ours else "types are written `Order`, `string?`, `Line[]`, `map<T>` or `A | B`"
        raise _Stop(NotationFailure(message, start, end, help_))


def _default(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=lambda _: text)
    except (ValueError, RecursionError):
        return text


def names_in(tree: TypeExpression) -> Iterator[Named]:
    """The declared types in a type expression, in order."""
    match tree:
        case Named():
            yield tree
        case ArrayOf(item=item) | Nullable(item=item) | MapOf(item=item) | WithDefault(item=item):
            yield from names_in(item)
        case Union(options=options):
            for option in options:
                yield from names_in(option)
        case Primitive() | Format():
            pass
