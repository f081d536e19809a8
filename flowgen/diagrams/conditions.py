"""Rules of Choice states as text, in the notation of expressions: `$.total > 100 and $.kind = "new"`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_SYMBOLS = {
    "GreaterThanEquals": "≥",
    "LessThanEquals": "≤",
    "GreaterThan": ">",
    "LessThan": "<",
    "Equals": "=",
    "Matches": "like",
}
_MAX_DEPTH = 20
"""Rules that are nested more deeply are shortened, so that no rule is too deep for the stack."""


def condition(rule: Mapping[str, Any]) -> str:
    """The text of a rule. JSONata conditions are shown without their delimiters.

    >>> condition({"Variable": "$.a", "NumericGreaterThan": 3}), condition({"Not": {"Variable": "$.a", "IsNull": True}})
    ('$.a > 3', 'not $.a is null')
    """
    given = rule.get("Condition")
    if isinstance(given, str):
        return expression(given)
    if given is not None:
        return json.dumps(given)
    return _test(rule, 0)


def expression(value: Any) -> str:
    """A value that may be a JSONata expression, without `{% %}`.

    >>> expression("{% $x > 1 %}")
    '$x > 1'
    """
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    text = value.strip()
    return text[2:-2].strip() if text.startswith("{%") and text.endswith("%}") else text


def _test(rule: Any, depth: int) -> str:
    if not isinstance(rule, Mapping) or depth > _MAX_DEPTH:
        return "…"
    for name, word in (("And", " and "), ("Or", " or ")):
        inner = rule.get(name)
        if isinstance(inner, list):
            texts = [_test(one, depth + 1) for one in inner]
            joined = word.join(texts)
            return f"({joined})" if depth and len(texts) > 1 else joined
    if "Not" in rule:
        return f"not {_test(rule['Not'], depth + 1)}"
    variable = rule.get("Variable")
    subject = variable if isinstance(variable, str) else "…"
    for operator, operand in rule.items():
        if operator in ("Variable", "Next", "Comment", "Assign", "Output"):
            continue
        return _comparison(subject, operator, operand)
    return subject


def _comparison(subject: str, operator: str, operand: Any) -> str:
    if operator.startswith("Is"):
        words = {"IsPresent": "exists", "IsNull": "is null"}
        word = words.get(operator, f"is a {operator.removeprefix('Is').lower()}")
        return f"{subject} {word}" if operand is True else f"not {subject} {word}"
    bare = operator.removesuffix("Path")
    symbol = next((sign for suffix, sign in _SYMBOLS.items() if bare.endswith(suffix)), operator)
    shown = (
        operand if operator.endswith("Path") and isinstance(operand, str) else json.dumps(operand, ensure_ascii=False)
    )
    return f"{subject} {symbol} {shown}"
