"""Passes integers with more digits than a double can hold through an evaluator whose only numbers are doubles.

Step Functions keeps integers of JSON exact up to a signed 64-bit long, and reads larger ones as doubles (measured:
github.com/floci-io/floci/issues/2669). So each long integer enters an evaluation as a unique double near it, and
replaces that double in the result.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Any

SAFE = 2**53
"""Integers up to this limit are exact as doubles."""

ROUNDED = 10**15
"""JSONata 2.0.6 writes the numbers it computes with 15 digits; AWS writes all digits of JSON integers."""

_LONG = 2**63
_NUMBER = re.compile(r'("(?:[^"\\]|\\.)*")|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?')


def exceed(value: Any, limit: int) -> bool:
    """Whether `value` contains an integer beyond ±`limit`."""
    kind = type(value)
    if kind is dict:
        value = value.values()
    elif kind is not list:
        return kind is int and not -limit <= value <= limit
    for member in value:
        kind = type(member)
        if kind is int:
            if not -limit <= member <= limit:
                return True
        elif (kind is dict or kind is list) and member and exceed(member, limit):
            return True
    return False


class LongIntegers:
    """The doubles that represent the long integers of one execution. Equal integers have equal doubles, others not."""

    __slots__ = ("_doubles", "_integers", "_texts")

    def __init__(self) -> None:
        self._doubles: dict[int, float] = {}
        self._integers: dict[float, int] = {}
        self._texts: dict[float, str] = {}

    def encode(self, value: Any) -> Any:
        """`value` with doubles for its long integers."""
        found: set[int] = set()
        _collect(value, found)
        # In order, so that the doubles compare like the integers as far as possible.
        for integer in sorted(found - self._doubles.keys()):
            self._add(integer)
        return self._encoded(value) if found else value

    def decode(self, value: Any) -> Any:
        """`value` with its long integers put back."""
        kind = type(value)
        if kind is list:
            return [self.decode(item) for item in value]
        if kind is dict:
            return {name: self.decode(member) for name, member in value.items()}
        if kind is int or kind is float:
            if value in self._integers:
                return self._integers[value]
            return float(value) if abs(value) >= _LONG else value
        return value

    def number(self, double: float) -> float:
        """The double that arithmetic works on: the one nearest to the integer."""
        return float(self._integers.get(double, double))

    def text(self, json_text: str) -> str:
        """The JSON text that the library wrote, with the digits that JSONata 2.0.6 and AWS write."""
        return _NUMBER.sub(self._digits, json_text)

    def _digits(self, match: re.Match[str]) -> str:
        if match[1] is not None:
            return match[0]
        double = float(match[0])
        if abs(double) < ROUNDED:
            return match[0]
        known = self._texts.get(double)
        return javascript_text(float(f"{double:.14e}")) if known is None else known

    def _add(self, integer: int) -> None:
        try:
            double = float(integer)
        except OverflowError:  # JavaScript's and Java's conversions do not fail
            double = math.copysign(math.inf, integer)
        if abs(integer) < _LONG:
            away = math.copysign(math.inf, integer)
            while double in self._texts or abs(double) >= _LONG:
                # 2^63 is itself a double, so next to it only the other side has free doubles.
                away = 0.0 if abs(double) >= _LONG else away
                double = math.nextafter(double, away)
            self._integers[double] = integer
            self._texts[double] = str(integer)
        else:
            self._texts.setdefault(double, javascript_text(double))
        self._doubles[integer] = double

    def _encoded(self, value: Any) -> Any:
        kind = type(value)
        if kind is list:
            return [self._encoded(item) for item in value]
        if kind is dict:
            return {name: self._encoded(member) for name, member in value.items()}
        return self._doubles.get(value, value) if kind is int else value


def _collect(value: Any, found: set[int]) -> None:
    kind = type(value)
    if kind is int:
        if not -ROUNDED < value < ROUNDED:
            found.add(value)
    elif kind is list:
        for item in value:
            _collect(item, found)
    elif kind is dict:
        for member in value.values():
            _collect(member, found)


def javascript_text(double: float) -> str:
    """JavaScript's text for a finite number (ECMA-262, Number::toString)."""
    if 1e-6 <= abs(double) < 1e21:  # noqa: PLR2004 - where JavaScript writes no exponent
        return f"{Decimal(repr(double)):f}".removesuffix(".0")
    return repr(double).replace("e-0", "e-") if double else "0"
