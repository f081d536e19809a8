"""The type of concatenated values: of `&`, and of a string template."""

from __future__ import annotations

import re

from flowgen.types import TEXT_TYPE, Type, expand

_TIME_OF_DAY = re.compile(r"T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)")


def concatenation(left: Type, right: Type) -> Type:
    """The type of the concatenation of two values."""
    left, right = expand(left), expand(right)
    return Type(formats=frozenset({"date-time"})) if _makes_a_time(left, right) else TEXT_TYPE


def _makes_a_time(left: Type, right: Type) -> bool:
    """Whether a time of day is appended to a date: `$day & "T00:00:00Z"`."""
    dates = left.formats == {"date"} and not (left.atoms or left.literals or left.parts)
    return (
        dates
        and bool(right.literals)
        and not (right.atoms or right.formats or right.parts)
        and all(isinstance(literal, str) and _TIME_OF_DAY.fullmatch(literal) for literal in right.literals)
    )
