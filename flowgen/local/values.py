"""JSON values: their text, their size, and what a message calls their types."""

from __future__ import annotations

import json
import math
from typing import Any, TypeAlias

from flowgen.jsonata.long_integers import ROUNDED

JSON: TypeAlias = Any
"""None, bool, int, float, str, list or dict of the same. A value that was handed on is never changed afterwards."""

PAYLOAD_LIMIT = 262_144
"""Bytes of UTF-8 that an input, output or result may have as JSON text (developer guide, "Service quotas")."""

TOO_LARGE = "The state/task '{}' returned a result with a size exceeding the maximum number of bytes service limit."
"""The service's cause of States.DataLimitExceeded."""

_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)
encode = _encoder.encode
"""The compact JSON text of a value."""


ATOMS = frozenset({int, float, bool, type(None)})
"""The types of values that are small whatever they are: JSON's numbers are bounded here by what wrote them."""

SURELY_SMALL = 64
"""Members, and characters of each, that keep a value far below every limit."""


def is_light(value: JSON) -> bool:
    """Whether a value is small at first sight: an atom, a short string, or an object with few of these.

    An integer that evaluators hold only with care (`flowgen.jsonata.long_integers`) is not.
    """
    kind = type(value)
    if kind is dict:
        if len(value) > SURELY_SMALL:
            return False
        for name, member in value.items():
            kind = type(member)
            if kind is int:
                if not -ROUNDED <= member <= ROUNDED:
                    return False
            elif kind not in ATOMS and (kind is not str or len(member) > SURELY_SMALL):
                return False
            if len(name) > SURELY_SMALL:
                return False
        return True
    if kind is int:
        return bool(-ROUNDED <= value <= ROUNDED)
    return kind in ATOMS or (kind is str and len(value) <= SURELY_SMALL)


def is_too_large(text: str) -> bool:
    """Whether the JSON text exceeds what a state may hold."""
    if len(text) * 4 <= PAYLOAD_LIMIT:
        return False
    return len(text.encode("utf-8", "surrogatepass")) > PAYLOAD_LIMIT


def type_name(value: JSON) -> str:
    """What the service's messages call the type of a value."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def is_number(value: JSON) -> bool:
    """Whether the value is a JSON number: Python counts booleans as integers, JSON does not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def as_number(value: JSON) -> JSON:
    """The number that a string holds, as the service reads it behind a path; anything else as it is."""
    if isinstance(value, str):
        for kind in (int, float):
            try:
                number = kind(value)
            except ValueError:
                continue
            if math.isfinite(number):
                return number
    return value
