"""Calls of intrinsic functions: `States.Format('{} is {}', $.name, States.MathAdd($.age, 1))`, parsed once."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, TypeAlias

from flowgen.asl.errors import PathNotFound, QueryFailure, QuerySyntaxError, too_deep
from flowgen.asl.intrinsic_functions import FUNCTIONS, InvalidArguments, format_pieces, formatted
from flowgen.asl.json_text import to_text
from flowgen.asl.jsonpath import Path, Variables, compile_path

# "You can nest up to 10 intrinsic functions within a field in your workflows" (developer guide).
MAX_NESTING = 10

Evaluator: TypeAlias = Callable[[Any, Variables, Any, Random], Any]

_NAME = re.compile(r"States\.[A-Za-z0-9]+(?=\()")
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?=\s*[,)])")
_WORD = re.compile(r"(?:true|false|null)(?=\s*[,)])")
_BLANKS = re.compile(r"\s*")
_WORDS = {"true": True, "false": False, "null": None}
_ESCAPABLE = "'\\{}"
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Call:
    """A compiled call.

    `evaluate(input, variables, context, random)` returns its value, or raises QueryFailure. `paths` are the paths that
    it reads. `flaws` are the reasons why every evaluation fails (a wrong number of arguments), which the service
    reports only at run time.
    """

    text: str
    evaluate: Evaluator
    paths: tuple[Path, ...]
    flaws: tuple[str, ...]


def is_call(text: str) -> bool:
    """Whether a string is a function call rather than a path."""
    return text.startswith("States.")


def compile_call(text: str) -> Call:
    """Parses a call such as `States.Array($.a, 1)`. Raises QuerySyntaxError."""
    parser = _Parser(text)
    evaluate = parser.call()
    if text[parser.position :].strip():
        raise QuerySyntaxError(f"Unexpected '{text[parser.position :]}' after the call", parser.position)
    return Call(text, _guarded(text, evaluate), tuple(parser.paths), tuple(parser.flaws))


class _InvalidCall(Exception):  # noqa: N818 - it never leaves this module
    """The function in the message does not accept its arguments."""


def _guarded(text: str, evaluate: Evaluator) -> Evaluator:
    def guarded(root: Any, variables: Variables, context: Any, random: Random) -> Any:
        try:
            return evaluate(root, variables, context, random)
        except PathNotFound as missing:
            # The service shows a path into the context object as if it started with `$`, and always shows the input.
            path = missing.text.removeprefix("$") if missing.text.startswith("$$") else missing.text
            reason = (
                missing.reason
                if missing.kind == "no_array"
                else f"The JsonPath argument for the field '{path}' could not be found in the input '{to_text(root)}'"
            )
        except _InvalidCall as invalid:
            reason = str(invalid)
        except RecursionError:
            raise too_deep() from None
        raise QueryFailure("States.Runtime", f"The function '{text}' had the following error: {reason}")

    return guarded


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.nesting = 0
        self.paths: list[Path] = []
        self.flaws: list[str] = []

    def matched(self, pattern: re.Pattern[str]) -> str | None:
        match = pattern.match(self.text, self.position)
        if match is None:
            return None
        self.position = match.end()
        return match.group()

    def call(self) -> Evaluator:
        start = self.position
        name = self.matched(_NAME)
        if name is None or name not in FUNCTIONS:
            raise QuerySyntaxError(f"There is no intrinsic function '{self.text[start:].partition('(')[0]}'", start)
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise QuerySyntaxError(f"Intrinsic functions can be nested at most {MAX_NESTING} levels deep", start)
        self.position += 1
        arguments = self.arguments()
        self.nesting -= 1
        return self.applied(name, arguments)

    def arguments(self) -> list[Evaluator | str]:
        arguments: list[Evaluator | str] = []
        self.matched(_BLANKS)
        if self.text.startswith(")", self.position):
            self.position += 1
            return arguments
        while True:
            self.matched(_BLANKS)
            arguments.append(self.argument())
            self.matched(_BLANKS)
            separator = self.text[self.position : self.position + 1]
            if separator not in {",", ")"}:
                raise QuerySyntaxError("',' or ')' is missing after the argument", self.position)
            self.position += 1
            if separator == ")":
                return arguments

    def argument(self) -> Evaluator | str:
        if self.text.startswith("'", self.position):
            return self.quoted()
        if self.text.startswith("States.", self.position):
            return self.call()
        if self.text.startswith("$", self.position):
            return self.path()
        if (word := self.matched(_WORD)) is not None:
            return _constant(_WORDS[word])
        if (number := self.matched(_NUMBER)) is not None:
            return _constant(int(number) if number.lstrip("+-").isdecimal() else float(number))
        raise QuerySyntaxError(
            "Expected a path, a call, a number, 'text' in single quotes, true, false or null", self.position
        )

    def quoted(self) -> str:
        # Escapes are preserved: a template of States.Format must distinguish `\\{` from `{`.
        opening = self.position
        at = opening + 1
        while at < len(self.text):
            if self.text[at] == "\\":
                if self.text[at + 1 : at + 2] not in _ESCAPABLE:
                    raise QuerySyntaxError(r"A backslash is only allowed before \, ', { and }", at)
                at += 2
            elif self.text[at] == "'":
                self.position = at + 1
                return self.text[opening + 1 : at]
            else:
                at += 1
        raise QuerySyntaxError("The quote is not closed", opening)

    def path(self) -> Evaluator:
        start = self.position
        self.position = _end_of_path(self.text, start)
        try:
            path = compile_path(self.text[start : self.position].rstrip())
        except QuerySyntaxError as error:
            raise QuerySyntaxError(error.message, start + error.position) from None
        self.paths.append(path)
        read = path.read
        return lambda root, variables, context, _random: read(root, variables, context)

    def applied(self, name: str, arguments: list[Evaluator | str]) -> Evaluator:
        function = FUNCTIONS[name]
        call, count = function.call, len(arguments)
        if count < function.least or (function.most is not None and count > function.most):
            self.flaws.append(f"{name} does not take {count} arguments")
            return _failing(name)
        if name == "States.Format" and isinstance(arguments[0], str):
            return self.formatted(arguments[0], _evaluators(arguments[1:]))
        evaluators = _evaluators(arguments)

        def evaluate(root: Any, variables: Variables, context: Any, random: Random) -> Any:
            try:
                return call([argument(root, variables, context, random) for argument in evaluators], random)
            except InvalidArguments:
                raise _InvalidCall(f"Invalid arguments in {name}") from None

        return evaluate

    def formatted(self, template: str, evaluators: tuple[Evaluator, ...]) -> Evaluator:
        try:
            pieces = format_pieces(template)
        except InvalidArguments:
            self.flaws.append(r"A brace in the template of States.Format must be part of '{}' or escaped as '\{'")
            return _failing("States.Format")
        if pieces.count(None) != len(evaluators):
            self.flaws.append(
                f"The template of States.Format has {pieces.count(None)} '{{}}' for {len(evaluators)} arguments"
            )
            return _failing("States.Format")
        return lambda root, variables, context, random: formatted(
            pieces, (argument(root, variables, context, random) for argument in evaluators)
        )


def _failing(name: str) -> Evaluator:
    def fail(_root: Any, _variables: Variables, _context: Any, _random: Random) -> Any:
        raise _InvalidCall(f"Invalid arguments in {name}")

    return fail


def _evaluators(arguments: list[Evaluator | str]) -> tuple[Evaluator, ...]:
    return tuple(_constant(_unescaped(argument)) if isinstance(argument, str) else argument for argument in arguments)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)


def _constant(value: Any) -> Evaluator:
    return lambda _root, _variables, _context, _random: value


def _end_of_path(text: str, start: int) -> int:
    """The end of a path in a list of arguments: a comma or bracket outside its own brackets and quotes, or the end."""
    depth, at = 0, start
    while at < len(text):
        character = text[at]
        if depth and character in "'\"":
            at = _end_of_quote(text, at)
        elif character in "([":
            depth += 1
        elif depth and character in ")]":
            depth -= 1
        elif not depth and character in ",)":
            break
        at += 1
    return at


def _end_of_quote(text: str, opening: int) -> int:
    at = opening + 1
    while at < len(text) and text[at] != text[opening]:
        at += 2 if text[at] == "\\" else 1
    return at
