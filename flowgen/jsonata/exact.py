"""A second, slower way to evaluate an expression, for numbers that the library cannot represent.

The library fails where arithmetic overflows or divides by zero, cannot distinguish NaN from null, and computes integers
as doubles. On AWS such a number becomes the string "Infinity", "-Infinity" or "NaN" in the result, and integers of JSON
are exact (measured: github.com/floci-io/floci, issues 2669, 2737 and 2783). So this module replaces operators and
functions by functions that do the same in Python. They, too, represent numbers that are not finite as strings.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from typing import Any

from flowgen.jsonata.aws_functions import current
from flowgen.jsonata.failures import EvaluationFailure, thrown
from flowgen.jsonata.parsing import ExpressionParser, SyntaxFailure
from flowgen.jsonata.tree import Apply, Binary, Call, Variable, walk

COMPUTES_NAN = re.compile(r"[/%]|\$parseInteger\b")
"""What the code of an expression contains if the result can be NaN."""

WRITES_NUMBERS = re.compile(r"&|\$string\b")
"""What the code of an expression contains if the digits of numbers can become text."""

LONG_NUMBER = re.compile(r"\d{16}|\d[eE]\+?\d\d")
"""A number that JSONata 2.0.6 does not write with all its digits."""

_BLANK = re.compile(r"(?:\s|/\*.*?\*/)*", re.DOTALL)
_NOT_FINITE = {"Infinity": math.inf, "-Infinity": -math.inf, "NaN": math.nan}


def _divide(left: float, right: float) -> float:
    if right:
        return left / right
    return left * math.copysign(math.inf, right)  # 0 * Infinity is NaN


_OPERATORS: dict[str, tuple[str, Callable[[float, float], Any]]] = {
    "+": ("add", operator.add),
    "-": ("subtract", operator.sub),
    "*": ("multiply", operator.mul),
    "/": ("divide", _divide),
    "%": ("modulo", lambda left, right: math.fmod(left, right) if right else math.nan),
    "<": ("lt", operator.lt),
    "<=": ("le", operator.le),
    ">": ("gt", operator.gt),
    ">=": ("ge", operator.ge),
}

PROLOGUE = [
    *(
        f"${name}_ := function($l, $r){{$numeric_($l) and $numeric_($r) ? ${name}_host_($l, $r) : $l {symbol} $r}}"
        for symbol, (name, _) in _OPERATORS.items()
    ),
    "$native_string_ := $string",
    "$string_pretty_ := function($v, $p)<x-b?:s>{$type($v) = 'string' ? $v : $digits_($native_string_($v, $p))}",
    "$string := function($v)<x-:s>{$type($v) = 'string' ? $v : $digits_($native_string_($v))}",
    "$text_ := function($v){$exists($v) ? $string($v) : ''}",
    "$native_parse_integer_ := $parseInteger",
    "$parseInteger := function($t, $p)<s-s:n>{$or_nan_($native_parse_integer_($t, $p))}",
    "$or_nan_ := function($n){$type($n) = 'object' ? 'NaN' : $n}",
]
"""The start of a rewritten expression."""


# See docs/explanation/decisions-stack-and-runner.md#numbers-follow-aws
def rewritten(source: str) -> str:
    """The text of an expression with calls for its operators. An expression that does not parse is unchanged."""
    syntax = ExpressionParser().parse(source)
    if isinstance(syntax, SyntaxFailure):
        return source
    closing, replacing, opening = range(3)
    edits: list[tuple[int, int, str, int]] = []
    for node in walk(syntax.tree):
        match node:
            case Call(procedure=Variable(name="string") as name, arguments=(_, _)):
                edits.append((name.start, replacing, "$string_pretty_", name.end - name.start))
            case Apply(function=Call(procedure=Variable(name="string") as name, arguments=(_,))):
                edits.append((name.start, replacing, "$string_pretty_", name.end - name.start))
        if not isinstance(node, Binary):
            continue
        if node.operator == "&":
            for side in (node.left, node.right):
                edits += [(side.start, opening, "$text_(", 0), (side.end, closing, ")", 0)]
        elif node.operator in _OPERATORS:
            edits.append((node.start, opening, f"${_OPERATORS[node.operator][0]}_(", 0))
            before_operator = _BLANK.match(source, node.left.end)
            if before_operator is not None:
                edits.append((before_operator.end(), replacing, ",", len(node.operator)))
            edits.append((node.end, closing, ")", 0))
    # The sort is stable: of calls that start at one place, the outer comes first, as `walk` found them.
    made, done = [], 0
    for position, _, text, length in sorted(edits, key=lambda edit: edit[:2]):
        made += [source[done:position], text]
        done = position + length
    return "".join([*made, source[done:]])


def _numeric(value: Any) -> bool:
    return type(value) in {int, float} or (type(value) is str and value in _NOT_FINITE)


def _host(symbol: str, function: Callable[[float, float], Any]) -> Callable[[Any, Any], Any]:
    def compare(left: Any, right: Any) -> bool:
        return bool(function(_NOT_FINITE.get(left, left), _NOT_FINITE.get(right, right)))

    def compute(left: Any, right: Any) -> Any:
        for value, code, side in ((left, "T2001", "left"), (right, "T2002", "right")):
            if value == "NaN":
                raise EvaluationFailure(
                    thrown(code, f'The {side} side of the "{symbol}" operator must evaluate to a number')
                )
            if type(value) is str:
                raise EvaluationFailure(thrown("D1001", "Number out of range: null"))
        number = current.environment.integers.number
        return _shown(function(number(left), number(right)))

    return compare if symbol in {"<", "<=", ">", ">="} else compute


def _shown(number: float) -> float | str:
    """A number as the rest of the expression sees it."""
    if math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def _sum(numbers: list[float] | None) -> Any:
    return None if numbers is None else _shown(sum(map(current.environment.integers.number, numbers), 0.0))


def _average(numbers: list[float] | None) -> Any:
    if not numbers:
        return None
    return _shown(sum(map(current.environment.integers.number, numbers), 0.0) / len(numbers))


def _digits(text: str | None) -> str | None:
    return None if text is None else current.environment.integers.text(text)


FUNCTIONS: list[tuple[str, Callable[..., Any], str | None]] = [
    *((f"{name}_host_", _host(symbol, function), None) for symbol, (name, function) in _OPERATORS.items()),
    ("numeric_", _numeric, None),
    ("digits_", _digits, None),
    ("sum", _sum, "<a<n>:n>"),
    ("average", _average, "<a<n>:n>"),
]
"""The functions of the host that a rewritten expression calls: name, implementation, signature."""
