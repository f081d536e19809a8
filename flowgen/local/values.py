"""JSON values: their text, their size, and the names of their types."""

from __future__ import annotations

import json
import math
from typing import Any, TypeAlias

from flowgen.jsonata.long_integers import ROUNDED

JSON: TypeAlias = Any
"""None, bool, int, float, str, list or dict of these. A value is never changed after it was passed on."""

PAYLOAD_LIMIT = 262_144
"""Most bytes of UTF-8 in the JSON text of an input, output or result (developer guide, "Service quotas")."""

TOO_LARGE = "The state/task '{}' returned a result with a size exceeding the maximum number of bytes service limit."
"""The service's cause of States.DataLimitExceeded."""

_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)
encode = _encoder.encode
"""The compact JSON text of a value."""


ATOMS = frozenset({int, float, bool, type(None)})
"""Types whose values are always small. Numbers are bounded by the JSON text that they were read from."""

SURELY_SMALL = 64
"""A value with at most this many members of at most this many characters is far below every limit."""


def is_light(value: JSON) -> bool:
    """Whether a value is obviously small: an atom, a short string, or an object with few of these.

    False for integers that a double can't represent (`flowgen.jsonata.long_integers`).
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
    """Whether a JSON text exceeds `PAYLOAD_LIMIT`."""
    if len(text) * 4 <= PAYLOAD_LIMIT:
        return False
    return len(text.encode("utf-8", "surrogatepass")) > PAYLOAD_LIMIT


def is_number(value: JSON) -> bool:
    """Whether the value is a JSON number. Python counts booleans as integers, JSON does not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def as_number(value: JSON) -> JSON:
    """The number in a string, as the service reads the value at a path. Any other value is returned unchanged."""
    if isinstance(value, str):
        for kind in (int, float):
            try:
                number = kind(value)
            except ValueError:
                continue
            if math.isfinite(number):
                return number
    return value
