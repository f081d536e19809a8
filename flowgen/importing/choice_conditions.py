"""Rules of a JSONPath Choice state as JSONata conditions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from flowgen.asl.comparison import COMPARISONS, JUNCTIONS, OPERATORS, TYPE_TESTS
from flowgen.importing.jsonpath_expressions import NotExpressible, Reader
from flowgen.importing.state_document import (
    JSON,
    Computed,
    Missing,
    New,
    Optional,
    Record,
    Reference,
    Sequence,
    Value,
    expression,
    literal,
    operand,
    text_literal,
)
from flowgen.jsonata.literals import regex

_SIGNS = {"Equals": "=", "LessThan": "<", "GreaterThan": ">", "LessThanEquals": "<=", "GreaterThanEquals": ">="}
_TYPES = {"IsString": "string", "IsNumeric": "number", "IsBoolean": "boolean"}
_TIMESTAMP = r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$"
_PIECE = re.compile(r"\\([*\\])|(\*)|(\\)|(.)", re.DOTALL)


def condition(rule: Mapping[str, JSON], reader: Reader) -> str:
    """The condition of a rule. Raises `NotExpressible`."""
    return _Conditions(reader).of(rule)


class _Conditions:
    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def of(self, rule: JSON) -> str:
        if not isinstance(rule, Mapping):
            raise NotExpressible("a choice rule that is not an object")
        names = [name for name in rule if name in OPERATORS or name in JUNCTIONS]
        if len(names) != 1:
            raise NotExpressible("a choice rule without exactly one operator")
        name = names[0]
        if name == "Not":
            return f"$not({self.of(rule[name])})"
        if name in JUNCTIONS:
            parts = [self._joined(inner, alone=len(rule[name]) == 1) for inner in rule[name]]
            return (" and " if name == "And" else " or ").join(parts)
        return self._comparison(self.reader.path(rule.get("Variable")), name, rule[name])

    def _joined(self, rule: JSON, *, alone: bool) -> str:
        text = self.of(rule)
        return f"({text})" if not alone and isinstance(rule, Mapping) and ("And" in rule or "Or" in rule) else text

    def _comparison(self, value: Value, name: str, wanted: JSON) -> str:
        if name == "IsPresent":
            return _presence(value, wanted=wanted)
        self._check_presence(value)
        text = operand(value)
        if name in TYPE_TESTS:
            return _type_test(text, name, wanted=wanted)
        if name == "StringMatches":
            return self._matches(text, wanted)
        is_path = name.endswith("Path")
        kind, sign = _split(name.removesuffix("Path"))
        if is_path:
            other = self.reader.path(wanted)
            self._check_presence(other)
            right = operand(other)
        else:
            # A placeholder such as `${Limit}` is a string in JSON, even if its value is a number.
            right = f"$number({literal(wanted)})" if kind == "Numeric" and isinstance(wanted, str) else literal(wanted)
        if kind == "Timestamp":
            self.reader.differs("a value that is not a timestamp fails the comparison, where JSONPath makes it false")
            return f"$toMillis({text}) {sign} {_milliseconds(right, wanted, is_path=is_path)}"
        if sign == "=" and is_path:
            self.reader.differs(f"`=` compares values of any type, where {name} is false for other types")
        elif sign != "=":
            self.reader.differs(f"`{sign}` fails for a value of another type, where {name} is false")
        return f"{text} {sign} {right}"

    def _check_presence(self, value: Value) -> None:
        if isinstance(value, Optional | Missing) or (isinstance(value, Reference) and value.steps):
            self.reader.differs("a missing value makes a condition false, where JSONPath fails with States.Runtime")

    def _matches(self, text: str, pattern: JSON) -> str:
        if not isinstance(pattern, str):
            raise NotExpressible("a StringMatches that is not a string")
        parts = [""]
        for escaped, wildcard, open_escape, character in _PIECE.findall(pattern):
            if open_escape:
                raise NotExpressible(f"the pattern `{pattern}` with an open escape")
            if wildcard:
                parts.append("")
            else:
                parts[-1] += escaped or character
        if len(parts) == 1:
            return f"{text} = {text_literal(parts[0])}"
        self.reader.differs("a value that is not a string is matched as text, where JSONPath makes the match false")
        if parts == ["", ""]:
            return f"$type({text}) = 'string'"
        if len(parts) == 3 and not parts[0] and not parts[2] and parts[1]:  # noqa: PLR2004 - text between two wildcards
            return f"$contains($string({text}), {text_literal(parts[1])})"
        made = "[\\s\\S]*".join(map(_escaped, parts))
        start, end = "" if not parts[0] else "^", "" if not parts[-1] else "$"
        made = made.removeprefix("[\\s\\S]*") if not parts[0] else made
        made = made.removesuffix("[\\s\\S]*") if not parts[-1] else made
        found = regex(f"{start}{made}{end}")
        if found is None:
            raise NotExpressible(f"the pattern `{pattern}`")
        return f"$contains($string({text}), {found})"


def _escaped(text: str) -> str:
    return re.sub(r"[.*+?^${}()|\[\]\\/]", r"\\\g<0>", text)


def _split(name: str) -> tuple[str, str]:
    if name not in COMPARISONS:
        raise NotExpressible(f"the operator `{name}`")
    for kind in ("String", "Numeric", "Boolean", "Timestamp"):
        if name.startswith(kind):
            return kind, _SIGNS[name.removeprefix(kind)]
    raise AssertionError(name)


def _milliseconds(text: str, wanted: JSON, *, is_path: bool) -> str:
    if is_path:
        return f"$toMillis({text})"
    try:
        datetime.fromisoformat(str(wanted))
    except ValueError:
        raise NotExpressible(f"the timestamp `{wanted}`") from None
    return f"$toMillis({text})"


def _presence(value: Value, *, wanted: JSON) -> str:
    match value:
        case New(inner):
            return _presence(inner, wanted=wanted)
        case Missing():
            return "false" if wanted else "true"
        case Reference(root, ()) if root != "$states.result":
            return "true" if wanted else "false"
        case Record() | Sequence():
            return "true" if wanted else "false"
        case Computed(text) if text.startswith("["):
            test = f"$count({text}) > 0"
            return test if wanted else f"$not({test})"
        case _:
            test = f"$exists({expression(value)})"
            return test if wanted else f"$not({test})"


def _type_test(text: str, name: str, *, wanted: JSON) -> str:
    if name == "IsNull":
        return f"{text} = null" if wanted else f"{text} != null"
    if name == "IsTimestamp":
        test = f"$type({text}) = 'string' and $contains({text}, {regex(_TIMESTAMP)})"
        return f"({test})" if wanted else f"$not({test})"
    return f"$type({text}) {'=' if wanted else '!='} {text_literal(_TYPES[name])}"
