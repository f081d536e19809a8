r"""Calls of intrinsic functions as trees: `States.Format('{} of {}', $.n, States.ArrayLength($.items))`.

`flowgen.asl.intrinsics` compiles the same calls to closures for the runner.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, TypeAlias

from flowgen.asl.errors import QuerySyntaxError
from flowgen.asl.intrinsics import compile_call

_NAME = re.compile(r"States\.[A-Za-z0-9]+(?=\()")
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?=\s*[,)])")
_WORD = re.compile(r"(?:true|false|null)(?=\s*[,)])")
_QUOTED = re.compile(r"'((?:\\.|[^'\\])*)'")
_BLANKS = re.compile(r"\s*")
_ESCAPED = re.compile(r"\\(.)")
_PLACEHOLDER = re.compile(r"\$\{([^{}']*)\}")
_OPEN, _CLOSE = "\ue000", "\ue001"
_WORDS = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Text:
    """A string in single quotes. `raw` has its escapes, which a template of States.Format needs."""

    raw: str

    @property
    def value(self) -> str:
        return with_placeholders(_ESCAPED.sub(r"\1", self.raw))


@dataclass(frozen=True, slots=True)
class Plain:
    """A number, a boolean or null."""

    value: Any


@dataclass(frozen=True, slots=True)
class PathText:
    """A path."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call with its arguments."""

    name: str
    arguments: tuple[Argument, ...]


Argument: TypeAlias = Text | Plain | PathText | Call


def parse_call(text: str) -> Call:
    """The tree of a call. Raises QuerySyntaxError for a call that the service would reject or that always fails."""
    text = _PLACEHOLDER.sub(f"{_OPEN}\\1{_CLOSE}", text)
    flaws = compile_call(text).flaws
    if flaws:
        raise QuerySyntaxError(flaws[0])
    call, _ = _call(text, 0)
    return call


def with_placeholders(text: str) -> str:
    """The text with placeholders such as `${Table}`. A tree has other marks for them, since `{` must be escaped."""
    return text.replace(_OPEN, "${").replace(_CLOSE, "}")


def _call(text: str, at: int) -> tuple[Call, int]:
    match = _NAME.match(text, at)
    if match is None:
        raise QuerySyntaxError("expected a call", at)
    at = match.end() + 1
    arguments: list[Argument] = []
    while True:
        at = _skipped(text, at)
        if text[at] == ")":
            return Call(match.group(), tuple(arguments)), at + 1
        argument, at = _argument(text, at)
        arguments.append(argument)
        at = _skipped(text, at)
        if text[at] == ",":
            at += 1


def _argument(text: str, at: int) -> tuple[Argument, int]:
    if match := _QUOTED.match(text, at):
        return Text(match.group(1)), match.end()
    if _NAME.match(text, at):
        return _call(text, at)
    if text[at] == "$":
        end = _end_of_path(text, at)
        return PathText(text[at:end].rstrip()), end
    if match := _WORD.match(text, at):
        return Plain(_WORDS[match.group()]), match.end()
    match = _NUMBER.match(text, at)
    if match is None:
        raise QuerySyntaxError("expected an argument", at)
    digits = match.group()
    return Plain(int(digits) if digits.lstrip("+-").isdecimal() else float(digits)), match.end()


def _skipped(text: str, at: int) -> int:
    match = _BLANKS.match(text, at)
    return match.end() if match else at


def _end_of_path(text: str, at: int) -> int:
    depth, quote = 0, ""
    while at < len(text):
        character = text[at]
        if quote:
            if character == "\\":
                at += 1
            elif character == quote:
                quote = ""
        elif depth and character in "'\"":
            quote = character
        elif character in "([":
            depth += 1
        elif depth and character in ")]":
            depth -= 1
        elif not depth and character in ",)":
            break
        at += 1
    return at
