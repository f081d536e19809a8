"""Parses a JSONPath into steps, as Jayway's compiler does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from flowgen.asl.errors import QuerySyntaxError

if TYPE_CHECKING:
    from collections.abc import Callable

FUNCTIONS = frozenset({"length", "size", "min", "max", "avg", "sum", "stddev", "keys", "first", "last", "index"})
OPERATORS = (
    *("===", "!==", "==", "!=", "<=", ">=", "<", ">"),
    *("nin", "in", "contains", "size", "empty", "subsetof", "anyof", "noneof"),
)
_MAX_NESTING = 50

_NAME_IN_DOTS = re.compile(r"(?:\\.|[^.\[\]()\s,'\"\\])+")
_NAME_IN_FILTER = re.compile(r"(?:\\.|[^.\[\]()\s,'\"\\=!<>&|])+")
_ESCAPED = re.compile(r"\\(.)")
_INTEGER = re.compile(r"-?\d+")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?(?![\w.])")
_SLICE = re.compile(r"(-?\d+)?\s*:\s*(-?\d+)?(?:\s*:\s*([1-9]\d*))?")
_OPERATOR = re.compile("|".join(f"{op}\\b" if op.isalpha() else re.escape(op) for op in OPERATORS))
_WORD = re.compile(r"[^\s()\[\]=!<>&|,]+")
_BLANKS = re.compile(r"\s*")
_WORDS = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Keys:
    """Members of an object by name: one (`.a`, `['a']`), or more (`['a','b']`)."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Indices:
    """Items of an array by index, negative ones from the end: one (`[0]`), or more (`[0,2]`)."""

    positions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Slice:
    """Items of an array from `start` to before `stop`, every `stride`-th."""

    start: int | None
    stop: int | None
    stride: int | None


@dataclass(frozen=True, slots=True)
class Wildcard:
    """All members of an object or items of an array."""


@dataclass(frozen=True, slots=True)
class Descend:
    """The value itself and all values inside it, at any depth (`..`)."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Items of an array, or the object itself, for which the condition is true (`[?(@.a > 1)]`)."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the values that the path before it selects (`.length()`)."""

    name: str
    argument: int | None


Step: TypeAlias = Keys | Indices | Slice | Wildcard | Descend | Filter | Function


@dataclass(frozen=True, slots=True)
class Literal:
    """A literal in a filter."""

    value: Any


@dataclass(frozen=True, slots=True)
class Query:
    """A path in a filter, from the current item (`@`) or from the document (`$`)."""

    from_item: bool
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two operands and the operator between them. A single operand tests its existence (`operator` is `exists`)."""

    left: Literal | Query
    operator: str
    right: Literal | Query


@dataclass(frozen=True, slots=True)
class Negation:
    """`!( … )`."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Junction:
    """Conditions joined by `&&` (`all`) or `||` (`any`)."""

    kind: str
    conditions: tuple[Condition, ...]


Condition: TypeAlias = Comparison | Negation | Junction
Item = TypeVar("Item")


def parse_steps(text: str, position: int) -> tuple[Step, ...]:
    """The steps of a path from `position`, after its root, to its end.

    Raises QuerySyntaxError at the first invalid character.
    """
    parser = _Parser(text, position)
    steps = parser.steps(_NAME_IN_DOTS)
    if parser.position < len(text):
        parser.fail(f"Unexpected '{text[parser.position]}': expected '.' or '['")
    return steps


class _Parser:
    def __init__(self, text: str, position: int) -> None:
        self.text = text
        self.position = position
        self.nesting = 0

    def fail(self, message: str) -> None:
        raise QuerySyntaxError(message, self.position)

    def at(self, token: str) -> bool:
        return self.text.startswith(token, self.position)

    def skip(self) -> None:
        match = _BLANKS.match(self.text, self.position)
        self.position = match.end() if match else self.position

    def take(self, token: str) -> bool:
        found = self.at(token)
        if found:
            self.position += len(token)
        return found

    def expect(self, token: str) -> None:
        self.skip()
        if not self.take(token):
            self.fail(f"'{token}' is missing")

    def matched(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self.text, self.position)
        if match:
            self.position = match.end()
        return match

    def enter(self) -> None:
        self.nesting += 1
        if self.nesting > _MAX_NESTING:
            self.fail("The path is nested too deeply")

    def steps(self, name: re.Pattern[str]) -> tuple[Step, ...]:
        steps: list[Step] = []
        while self.at(".") or self.at("["):
            if steps and isinstance(steps[-1], Function):
                self.fail(f"The function '{steps[-1].name}()' must be the last part of the path")
            self.step(steps, name)
        return tuple(steps)

    def step(self, steps: list[Step], name: re.Pattern[str]) -> None:
        if self.take("."):
            if self.take("."):
                steps.append(Descend())
            if self.take("*"):
                steps.append(Wildcard())
                return
        if self.at("["):
            steps.append(self.bracket())
            return
        match = self.matched(name)
        if match is None:
            self.fail("A name is missing after '.'")
        elif self.take("("):
            steps.append(self.function(match.group()))
        else:
            steps.append(Keys((_ESCAPED.sub(r"\1", match.group()),)))

    def function(self, name: str) -> Function:
        if name not in FUNCTIONS:
            self.fail(f"There is no path function '{name}()'")
        self.skip()
        argument = self.matched(_INTEGER)
        self.expect(")")
        return Function(name, int(argument.group()) if argument else None)

    def bracket(self) -> Step:
        self.enter()
        self.expect("[")
        self.skip()
        step = self.inside_bracket()
        self.expect("]")
        self.nesting -= 1
        return step

    def inside_bracket(self) -> Step:
        if self.take("?"):
            self.expect("(")
            condition = self.disjunction()
            self.expect(")")
            return Filter(condition)
        if self.take("*"):
            return Wildcard()
        if self.at("'") or self.at('"'):
            return Keys(self.listed(self.quoted))
        if bounds := self.matched(_SLICE):
            return Slice(*(int(part) if part else None for part in bounds.groups()))
        return Indices(self.listed(self.integer))

    def listed(self, parse: Callable[[], Item]) -> tuple[Item, ...]:
        items = [parse()]
        self.skip()
        while self.take(","):
            self.skip()
            items.append(parse())
            self.skip()
        return tuple(items)

    def integer(self) -> int:
        match = self.matched(_INTEGER)
        if match is None:
            raise QuerySyntaxError(
                "Expected a number, a quoted name, a slice, '*' or '?(…)' in brackets", self.position
            )
        return int(match.group())

    def quoted(self) -> str:
        # Only the same quote and the backslash can be escaped: in '…', the service reads `\"` as two characters.
        opening = self.position
        quote = self.text[opening]
        if quote not in "'\"":
            self.fail("A quoted name is missing")
        characters: list[str] = []
        self.position += 1
        while self.position < len(self.text):
            character = self.text[self.position]
            if character == quote:
                self.position += 1
                return "".join(characters)
            if character == "\\" and self.text[self.position + 1 : self.position + 2] in {quote, "\\"}:
                self.position += 1
                character = self.text[self.position]
            characters.append(character)
            self.position += 1
        raise QuerySyntaxError("The quote is not closed", opening)

    def disjunction(self) -> Condition:
        self.enter()
        condition = self.joined("||", "any", lambda: self.joined("&&", "all", self.condition))
        self.nesting -= 1
        return condition

    def joined(self, token: str, kind: str, parse: Callable[[], Condition]) -> Condition:
        conditions = [parse()]
        self.skip()
        while self.take(token):
            conditions.append(parse())
            self.skip()
        return conditions[0] if len(conditions) == 1 else Junction(kind, tuple(conditions))

    def condition(self) -> Condition:
        self.skip()
        if self.at("!") and not self.at("!="):
            self.enter()
            self.position += 1
            negated = Negation(self.condition())
            self.nesting -= 1
            return negated
        if self.take("("):
            condition = self.disjunction()
            self.expect(")")
            return condition
        left = self.operand()
        self.skip()
        if operator := self.matched(_OPERATOR):
            return Comparison(left, operator.group(), self.operand())
        return Comparison(left, "exists", Literal(True))

    def operand(self) -> Literal | Query:
        self.skip()
        if self.at("@") or self.at("$"):
            self.position += 1
            from_item = self.text[self.position - 1] == "@"
            return Query(from_item, self.steps(_NAME_IN_FILTER))
        return Literal(self.literal())

    def literal(self) -> Any:
        self.skip()
        if self.at("'") or self.at('"'):
            return self.quoted()
        if number := self.matched(_NUMBER):
            return float(number.group()) if number.group(1) or number.group(2) else int(number.group())
        if self.take("["):
            self.skip()
            items = () if self.at("]") else self.listed(self.literal)
            self.expect("]")
            return list(items)
        # The service accepts unquoted strings: some machines compare with `==fr`.
        word = self.matched(_WORD)
        if word is None:
            raise QuerySyntaxError("A value is missing in the filter", self.position)
        return _WORDS.get(word.group(), word.group())
