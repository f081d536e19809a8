"""Choice rules of the JSONPath query language, each compiled to a test.

See "Choice State" in the specification. A rule compares values of one type only: if the variable or the value of a path
has a different type, the rule is false.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from flowgen.asl.errors import PathNotFound, QueryFailure, QuerySyntaxError
from flowgen.asl.json_text import is_number
from flowgen.asl.jsonpath import Path, Variables, compile_path
from flowgen.asl.timestamps import instant

MAX_DEPTH = 200

# An escaped character, a wildcard, a backslash that escapes nothing, any other character.
_PATTERN_PIECE = re.compile(r"\\([*\\])|(\*)|(\\)|(.)", re.DOTALL)

Test: TypeAlias = Callable[[Any, Variables, Any], bool]
_Prepare: TypeAlias = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """A compiled rule: `holds(input, variables, context)`. Raises QueryFailure for a path that does not exist."""

    holds: Test
    paths: tuple[tuple[str, Path], ...]


def _text(value: Any) -> Any:
    return value if isinstance(value, str) else None


def _number(value: Any) -> Any:
    return value if is_number(value) else None


def _boolean(value: Any) -> Any:
    return value if isinstance(value, bool) else None


# Converts a value for comparison with others of its type; None if it has a different type.
_KINDS: Mapping[str, _Prepare] = {"String": _text, "Numeric": _number, "Boolean": _boolean, "Timestamp": instant}
_RELATIONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "GreaterThan": operator.gt,
    "LessThanEquals": operator.le,
    "GreaterThanEquals": operator.ge,
}
COMPARISONS: Mapping[str, tuple[_Prepare, Callable[[Any, Any], bool]]] = {
    f"{kind}{relation}": (prepare, holds)
    for kind, prepare in _KINDS.items()
    for relation, holds in _RELATIONS.items()
    if kind != "Boolean" or relation == "Equals"
}
TYPE_TESTS: Mapping[str, Callable[[Any], bool]] = {
    "IsNull": lambda value: value is None,
    "IsString": lambda value: isinstance(value, str),
    "IsNumeric": is_number,
    "IsBoolean": lambda value: isinstance(value, bool),
    "IsTimestamp": lambda value: instant(value) is not None,
}
OPERATORS = frozenset(
    {*COMPARISONS, *(f"{name}Path" for name in COMPARISONS), *TYPE_TESTS, "IsPresent", "StringMatches"}
)
JUNCTIONS = frozenset({"And", "Or", "Not"})


def compile_rule(rule: Mapping[str, Any]) -> Rule:
    """The rule of a JSON object such as `{"Variable": "$.n", "NumericLessThan": 3}`; `Next` and the like are ignored.

    Raises QuerySyntaxError for a rule without exactly one operator, or with a path that does not parse.
    """
    paths: list[tuple[str, Path]] = []
    return Rule(_compiled(rule, paths, 0), tuple(paths))


def _compiled(rule: Any, paths: list[tuple[str, Path]], depth: int) -> Test:
    if depth > MAX_DEPTH:
        raise QuerySyntaxError(f"Choice rules can be nested at most {MAX_DEPTH} levels deep", 0)
    if not isinstance(rule, Mapping):
        raise QuerySyntaxError("A choice rule must be an object", 0)
    operators = [name for name in rule if name in OPERATORS or name in JUNCTIONS]
    if len(operators) != 1:
        raise QuerySyntaxError(f"A choice rule must have exactly one operator, found {len(operators)}", 0)
    name = operators[0]
    operand = rule[name]
    if name == "Not":
        inner = _compiled(operand, paths, depth + 1)
        return lambda root, variables, context: not inner(root, variables, context)
    if name in JUNCTIONS:
        if not isinstance(operand, list) or not operand:
            raise QuerySyntaxError(f"The value of '{name}' must be a list of rules", 0)
        tests = tuple(_compiled(item, paths, depth + 1) for item in operand)
        return _all(tests) if name == "And" else _any(tests)
    variable = _path(rule.get("Variable"), "Variable", paths)
    return _comparison(variable, name, operand, paths)


def _all(tests: tuple[Test, ...]) -> Test:
    return lambda root, variables, context: all(test(root, variables, context) for test in tests)


def _any(tests: tuple[Test, ...]) -> Test:
    return lambda root, variables, context: any(test(root, variables, context) for test in tests)


def _path(text: Any, field: str, paths: list[tuple[str, Path]]) -> Path:
    if not isinstance(text, str):
        raise QuerySyntaxError(f"The field '{field}' must be a path", 0)
    path = compile_path(text)
    paths.append((field, path))
    return path


def _comparison(variable: Path, name: str, operand: Any, paths: list[tuple[str, Path]]) -> Test:
    if name in {"IsPresent", *TYPE_TESTS} and not isinstance(operand, bool):
        raise QuerySyntaxError(f"The value of '{name}' must be true or false", 0)
    if name == "IsPresent":
        return _presence(variable, wanted=operand)
    read = _reader(variable)
    if name in TYPE_TESTS:
        test = TYPE_TESTS[name]
        return lambda root, variables, context: test(read(root, variables, context)) is operand
    if name == "StringMatches":
        matches = compile_pattern(operand)
        return lambda root, variables, context: matches(read(root, variables, context))
    prepare, holds = COMPARISONS[name.removesuffix("Path")]
    if name.endswith("Path"):
        read_other = _reader(_path(operand, name, paths))

        def compare(root: Any, variables: Variables, context: Any) -> bool:
            left = prepare(read(root, variables, context))
            right = prepare(read_other(root, variables, context))
            return left is not None and right is not None and holds(left, right)

        return compare
    right = prepare(operand)
    if right is None:
        raise QuerySyntaxError(f"The value of '{name}' has the wrong type", 0)

    def compare_with_constant(root: Any, variables: Variables, context: Any) -> bool:
        left = prepare(read(root, variables, context))
        return left is not None and holds(left, right)

    return compare_with_constant


def _reader(path: Path) -> Callable[[Any, Variables, Any], Any]:
    read, text = path.read, path.text

    def read_or_fail(root: Any, variables: Variables, context: Any) -> Any:
        try:
            return read(root, variables, context)
        except PathNotFound:
            cause = f"Invalid path '{text}': The choice state's condition path references an invalid value."
            raise QueryFailure("States.Runtime", cause) from None

    return read_or_fail


def _presence(variable: Path, *, wanted: Any) -> Test:
    read, is_list = variable.read, not variable.is_definite

    def is_present(root: Any, variables: Variables, context: Any) -> bool:
        try:
            found = read(root, variables, context)
        except PathNotFound:
            return not wanted
        return (not is_list or bool(found)) is wanted

    return is_present


def compile_pattern(pattern: Any) -> Callable[[Any], bool]:
    r"""A predicate for strings that match the pattern: `*` matches any text, `\*` and `\\` are literal.

    Each `*` takes time linear in the text. Raises QuerySyntaxError if the pattern is not a string. A pattern with any
    other backslash fails when it is used, as specified.
    """
    if not isinstance(pattern, str):
        raise QuerySyntaxError("The value of 'StringMatches' must be a string", 0)
    parts = [""]
    for escaped, wildcard, open_escape, character in _PATTERN_PIECE.findall(pattern):
        if open_escape:
            return _failing(pattern)
        if wildcard:
            parts.append("")
        else:
            parts[-1] += escaped or character
    if len(parts) == 1:
        return lambda value: bool(value == parts[0])
    return _wildcard(parts[0], tuple(filter(None, parts[1:-1])), parts[-1])


def _failing(pattern: str) -> Callable[[Any], bool]:
    def fail(_: Any) -> bool:
        raise QueryFailure(
            "States.Runtime", f"An open escape backslash is found in the StringMatches string '{pattern}'"
        )

    return fail


def _wildcard(head: str, middle: tuple[str, ...], tail: str) -> Callable[[Any], bool]:
    def matches(value: Any) -> bool:
        if not isinstance(value, str) or not value.startswith(head) or not value.endswith(tail):
            return False
        position, end = len(head), len(value) - len(tail)
        for part in middle:
            found = value.find(part, position, end)
            if found < 0:
                return False
            position = found + len(part)
        return position <= end

    return matches
