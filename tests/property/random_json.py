"""Random JSON values checked against types of contracts and of AWS, whose records may be large and contain
themselves."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from flowgen.types import Array, Object, Type, expand, present
from flowgen.types.algebra import ANY, FALSE, FRACTION, INTEGER, NULL, NUMERIC, TEXT, TRUE

_FORMATTED = {
    "date-time": ("2024-01-01T00:00:00Z", "2031-12-31T23:59:59.999Z", "1999-02-28T12:00:00+01:00"),
    "date": ("2024-02-29", "1999-12-31"),
    "time": ("00:00:00Z", "23:59:59+01:00"),
    "uuid": ("00000000-0000-4000-8000-000000000000",),
    "email": ("ada@example.com",),
    "uri": ("https://example.com/a?b=c",),
    NUMERIC: ("3", "-1.5", "0"),
}
_TEXTS = ("", "a", "Ada", "0", "-1.5", "2024-01-01", "null", "x y", "a/b/c", "é")
_INTEGERS = (0, 0, 1, 2, 3, -1, 10, 1000)
_FRACTIONS = (0.5, -0.25, 1.5, 99.9)
_ANYTHING: tuple[Any, ...] = (None, True, False, 0, 1.5, "", "a", [], [1, "a"], {}, {"a": None, "items": [1]})
_DEEP = 4


def random_json(rng: Random, type_: Type, depth: int = 0) -> Any:
    """A JSON value of `type_`, which must not be only nothing."""
    type_ = expand(present(type_))
    makers: list[Callable[[], Any]] = []
    for bit, values in ((NULL, (None,)), (TRUE, (True,)), (FALSE, (False,)), (INTEGER, _INTEGERS), (TEXT, _TEXTS)):
        if type_.atoms & bit:
            makers.append(lambda values=values: rng.choice(values))  # type: ignore[misc]
    if type_.atoms & FRACTION:
        makers.append(lambda: rng.choice(_FRACTIONS))
    if type_.atoms & ANY:
        makers.append(lambda: rng.choice(_ANYTHING))
    makers += [lambda name=name: rng.choice(_FORMATTED.get(name, _TEXTS)) for name in sorted(type_.formats)]  # type: ignore[misc]
    if type_.literals:
        makers.append(lambda: rng.choice(sorted(type_.literals, key=str)))
    for part in type_.parts:
        if isinstance(part, Array):
            makers.append(lambda part=part: _array(rng, part, depth + 1))  # type: ignore[misc]
        elif isinstance(part, Object):
            makers.append(lambda part=part: _object(rng, part, depth + 1))  # type: ignore[misc]
    return rng.choice(makers)()


def _array(rng: Random, array: Array, depth: int) -> list[Any]:
    longest = array.least if depth > _DEEP else array.least + 3
    count = rng.randint(array.least, longest if array.most is None else min(array.most, longest))
    items = [array.prefix[index] if index < len(array.prefix) else array.rest for index in range(count)]
    return [random_json(rng, item, depth) for item in items if not present(item).is_never]


def _object(rng: Random, one: Object, depth: int) -> dict[str, Any]:
    value = {}
    for name, type_ in one.fields.items():
        there = not type_.may_be_absent or (depth <= _DEEP and rng.random() < 0.7)
        if there and not present(type_).is_never:
            value[name] = random_json(rng, type_, depth)
    if not present(one.rest).is_never and depth <= _DEEP:
        for name in rng.sample(("a", "b", "extra"), rng.randint(0, 2)):
            if name not in one.fields:
                value[name] = random_json(rng, one.rest, depth)
    return value
