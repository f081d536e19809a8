"""JSON values as text and their equality, as in the service's Java: Jackson for JSON, `String.valueOf` otherwise."""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from typing import Any

from flowgen.asl.errors import too_deep

# Between these limits, Java writes a double without an exponent.
_PLAIN_FROM, _PLAIN_TO = 1e-3, 1e7
_MOST_DIGITS = 308
"""A double has at most 309 digits before the decimal point."""
_PERHAPS_OTHERWISE_IN_JAVA = re.compile(r"\d{8}\.\d|\de[-+]\d|0\.000")
_STRING_OR_NUMBER = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:e[-+]?\d+)?')


def parse(text: str) -> Any:
    """Parses untrusted JSON. Raises ValueError, also for `NaN` and for numbers that exceed a double."""
    try:
        return json.loads(text, parse_constant=_refused, parse_int=whole_number, parse_float=fraction)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def parse_data(text: str) -> Any:
    """The value of a JSON text that a workflow's data contains. Raises ValueError.

    A number beyond a double is the string that the service's Jackson writes for it (`"Infinity"`), as in JSONata.
    """
    try:
        return json.loads(text, parse_constant=_refused, parse_int=_whole_data, parse_float=_finite)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _whole_data(digits: str) -> int | float | str:
    return int(digits) if len(digits) <= _MOST_DIGITS else _finite(digits)


def _finite(digits: str) -> float | str:
    value = float(digits)
    return double_text(value) if math.isinf(value) else value


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is not allowed in JSON")


def whole_number(digits: str) -> int:
    """The integer of a JSON text. Raises ValueError beyond a double."""
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"the number {digits[:12]}… is too large")
    return int(digits)


def fraction(digits: str) -> float:
    """The number with a fraction of a JSON text. Raises ValueError beyond a double."""
    value = float(digits)
    if math.isinf(value):
        raise ValueError(f"the number {digits[:24]} is too large")
    return value


def to_text(value: Any) -> str:
    """The value as compact JSON, with fractions in Java's notation of doubles (`1.0E10`, not `1e+10`).

    Raises QueryFailure for a value that is nested too deeply.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        raise too_deep() from None
    if _PERHAPS_OTHERWISE_IN_JAVA.search(text):
        return _STRING_OR_NUMBER.sub(_rewritten, text)
    return text


def _rewritten(match: re.Match[str]) -> str:
    token = match.group()
    is_float = token[0] != '"' and ("." in token or "e" in token)
    return double_text(float(token)) if is_float else token


def double_text(value: float) -> str:
    """The shortest representation of a double, in the format of Java's `Double.toString`."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value == 0 or _PLAIN_FROM <= abs(value) < _PLAIN_TO:
        return repr(value)
    shortest = Decimal(repr(value)).normalize()
    digits = "".join(map(str, shortest.as_tuple().digits))
    return f"{'-' if value < 0 else ''}{digits[0]}.{digits[1:] or '0'}E{shortest.adjusted()}"


def plain_text(value: Any) -> str:
    """The value in the format of Java's `String.valueOf`: `{a=1, b=[x, y]}`, strings without quotes, `null`.

    States.Format and Jayway's messages write objects in this format.
    """
    match value:
        case str():
            return value
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case float():
            return double_text(value)
        case dict():
            return "{" + ", ".join(f"{key}={plain_text(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(plain_text, value)) + "]"
        case _:
            return str(value)


def is_number(value: Any) -> bool:
    """Whether it is a JSON number. Booleans are not, although they are integers in Python."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_same(left: Any, right: Any) -> bool:
    """Whether two JSON values are equal. Numbers are compared by value, and are never equal to booleans."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict):
        return (
            isinstance(right, dict)
            and left.keys() == right.keys()
            and all(is_same(item, right[key]) for key, item in left.items())
        )
    if isinstance(left, list):
        return isinstance(right, list) and len(left) == len(right) and all(map(is_same, left, right))
    return bool(left == right)
