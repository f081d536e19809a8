"""The functions that Step Functions adds to JSONata, and the environment that expressions can query.

See "Transforming data with JSONata in Step Functions" in the developer guide; others measured the undocumented
behavior on AWS (github.com/floci-io/floci, issues 2662, 2676, 2737 and 2783). The library checks arguments against the
signatures, so each function receives the types it declares, and None for undefined; returning None means undefined.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import random
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flowgen.jsonata.failures import INTERNAL, EvaluationFailure, memory_exceeded, thrown
from flowgen.jsonata.long_integers import ROUNDED, LongIntegers, exceed


@dataclass(frozen=True, slots=True)
class Environment:
    """The environment that expressions can query: `millis` is the time in milliseconds since 1970-01-01T00:00:00Z."""

    random: random.Random
    millis: Callable[[], int]
    integers: LongIntegers = field(default_factory=LongIntegers)


class _Current(threading.local):
    environment: Environment
    exact: bool


current = _Current()
"""The environment of the evaluation that runs in this thread, and whether it uses `exact`."""


class NeedsExactNumbers(Exception):  # noqa: N818 - asks for another way of evaluation
    """Numbers occur that only `exact` can represent."""


LONGEST_RANGE = 873_782
"""Numbers that fit into AWS's memory for an expression: `[1..873782]` does, `[1..873783]` does not (measured)."""

MAX_RANGE = 436_906
"""Numbers that `$range` may return. AWS's limit is one on memory: 200,000 numbers fit, 500,000 do not (measured)."""

_MOST_DIGITS = 308
"""A double has at most 309 digits before its point."""

_ALGORITHMS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


def _hash(text: str | None, algorithm: str | None) -> str | None:
    if text is None or algorithm is None:
        return None
    name = _ALGORITHMS.get(algorithm)
    if name is None:
        raise EvaluationFailure(thrown("D3137", f"Invalid algorithm: {algorithm}"))
    return hashlib.new(name, text.encode("utf-8", "replace")).hexdigest()


def _parse(text: str | None) -> Any:
    """The value as the member `v` of an object, since a function of the host cannot return null."""
    if text is None:
        return None
    try:
        value = json.loads(
            text, parse_constant=_invalid, parse_int=_whole, parse_float=_finite, object_pairs_hook=_unique
        )
    except (ValueError, RecursionError):
        raise EvaluationFailure(thrown("D3137", "Invalid JSON")) from None
    if not exceed(value, ROUNDED):
        return {"v": value}
    if not current.exact:
        raise NeedsExactNumbers
    return {"v": current.environment.integers.encode(value)}


def _finite(text: str) -> float | str:
    """A number of JSON; beyond the range of doubles the string that AWS makes of an infinite number."""
    number = float(text)
    return number if math.isfinite(number) else "Infinity" if number > 0 else "-Infinity"


def _whole(digits: str) -> float | str:
    return int(digits) if len(digits) <= _MOST_DIGITS else _finite(digits)


def _invalid(text: str) -> Any:
    raise ValueError(text)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a key occurs twice")
    return members


def _partition(items: list[Any] | None, size: float | None) -> list[list[Any]] | None:
    if not items:
        return None
    if size is None:
        return [items]
    width = int(size)
    if width < 1:
        raise EvaluationFailure(thrown("D3137", "Argument 2 of function partition must be a positive number"))
    return [items[start : start + width] for start in range(0, len(items), width)]


def _range(first: float | None, last: float | None, step: float | None) -> Any:
    """A bare number for a range of one number, as for every JSONata sequence."""
    if first is None or last is None or step is None or int(step) == 0:
        return None
    step = int(step)
    if (int(last) - int(first)) // step >= MAX_RANGE:
        raise memory_exceeded()
    numbers = range(int(first), int(last) + (1 if step > 0 else -1), step)
    return numbers[0] if len(numbers) == 1 else list(numbers) or None


def _random(seed: float | None) -> float:
    """The first `nextDouble()` of `java.util.Random(seed)`; without a seed, the environment's next number."""
    if seed is None:
        return current.environment.random.random()
    state = (int(seed) ^ _MULTIPLIER) & _MASK
    first = state = (state * _MULTIPLIER + 0xB) & _MASK
    second = (state * _MULTIPLIER + 0xB) & _MASK
    return ((first >> 22 << 27) + (second >> 21)) / 2**53


_MULTIPLIER, _MASK = 0x5DEECE66D, 2**48 - 1


def _base64decode(text: str | None) -> str | None:
    """JSONata's function, but text that is not Base64 fails as on AWS (measured); jsonata-js skips characters."""
    if text is None:
        return None
    try:
        return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), validate=True).decode("latin-1")
    except ValueError:
        raise EvaluationFailure(INTERNAL) from None


def _uuid() -> str:
    return str(uuid.UUID(int=current.environment.random.getrandbits(128), version=4))


SLOW_DISTINCT = 1_000
"""Values from which on `$distinct` runs here, in linear time: the library compares each value with each other."""


def _distinct(items: list[Any]) -> list[Any]:
    return list({json.dumps(item, sort_keys=True): item for item in reversed(items)}.values())[::-1]


FUNCTIONS: dict[str, tuple[str, Callable[..., Any], str]] = {
    "base64decode": ("base64decode", _base64decode, "<s-:s>"),
    "distinct": ("distinct_", _distinct, "<a:a>"),
    "hash": ("hash", _hash, "<ss?:s>"),
    "parse": ("parse_", _parse, "<s?:o>"),
    "partition": ("partition", _partition, "<an?:a>"),
    "random": ("random", _random, "<n?:n>"),
    "range": ("range", _range, "<nnn?:x>"),
    "uuid": ("uuid", _uuid, "<:s>"),
}
"""For each function: the name under which the library knows it, its implementation, and its signature."""

LONGEST_PICTURE = 1_000
"""Characters of a picture that is passed to the library, whose work can grow with the square of its length and that
does not look at the clock there. Input data can contain a picture. Longer ones exceed the memory of an expression."""

_PICTURES = {
    "formatInteger": ("$x, $picture", "n-s:s"),
    "formatNumber": ("$x, $picture, $options", "n-so?:s"),
    "fromMillis": ("$x, $picture, $zone", "n-s?s?:s"),
    "now": ("$picture, $zone", "s?s?:s"),
    "parseInteger": ("$x, $picture", "s-s:n"),
    "toMillis": ("$x, $picture", "s-s?:n"),
}
"""The parameters and signatures of the functions that read pictures. With the signatures that the library declares,
errors and the context as the first argument stay the same."""


def _bounded(name: str) -> str:
    parameters, signature = _PICTURES[name]
    too_long = f"$length($picture) > {LONGEST_PICTURE}"
    return (
        f"$native_{name}_ := ${name}; ${name} := function({parameters})<{signature}>"
        f"{{{too_long} ? [1..{LONGEST_RANGE + 1}] : $native_{name}_({parameters})}}"
    )


PROLOGUES = {
    "distinct": (
        "$native_distinct_ := $distinct; "
        f"$distinct := function($x)<x:x>{{$count($x) > {SLOW_DISTINCT} ? $distinct_($x) : $native_distinct_($x)}}"
    ),
    "parse": "$parse := function($text)<s?:x>{$parse_($text).v}",
    "eval": "$eval := $undefined",
    **{name: _bounded(name) for name in _PICTURES},
}
"""What an expression that names one of these starts with. Step Functions has no `$eval`."""
