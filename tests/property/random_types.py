"""Random types as contracts have them, and random values of a type."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from flowgen.types import (
    ANY_TYPE,
    BOOLEAN_TYPE,
    INTEGER_TYPE,
    NEVER,
    NULL_TYPE,
    NUMBER_TYPE,
    TEXT_TYPE,
    Array,
    Definitions,
    Object,
    Type,
    array_of,
    expand,
    literal,
    optional,
    present,
    union,
)
from flowgen.types.algebra import ANY, FALSE, FRACTION, INTEGER, NULL, NUMERIC, TEXT, TRUE

NAMES = ("a", "b", "c", "kind", "items", "name")
TEXTS = ("", "a", "b", "open", "paid", "2024-01-01T00:00:00Z", "3", "x y", "zz")
FORMATTED = {
    "date-time": ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00.123+01:00"),
    "date": ("2024-01-01", "1999-12-31"),
    NUMERIC: ("3", "-1.5", "007", "1e3", "0"),
}
NUMBERS = (0, 1, 2, 3, -1, 1.5, -2.5, 10, 100)


RECURSIVE = Definitions(
    {
        "Tree": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "a": {"type": "array", "items": {"$ref": "#/$defs/Tree"}, "maxItems": 1},
                "kind": {"enum": ["x", "y"]},
            },
            "required": ["name", "a"],
            "additionalProperties": False,
        },
        "Either": {
            "anyOf": [{"$ref": "#/$defs/Tree"}, {"type": "array", "items": {"$ref": "#/$defs/Tree"}, "maxItems": 2}]
        },
        "State": {"enum": ["open", "paid", "a"]},
        "Score": {"type": "number"},
        "Count": {"type": "integer"},
        "Note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "Time": {"type": "string", "format": "date-time"},
        "States": {"type": "array", "items": {"$ref": "#/$defs/State"}},
        "Scores": {"type": "array", "items": {"$ref": "#/$defs/Score"}, "maxItems": 3},
    }
)
"""Types by name, one of which contains itself."""

NAMED_SCALARS = ("State", "Score", "Count", "Note", "Time")
NAMED = ("Tree", "Either", "States", "Scores")


def random_type(rng: Random, depth: int = 3) -> Type:
    """A type as a contract may have it; never nothing."""
    kinds = ["scalar", "scalar", "literals", "union", "named scalar"]
    if depth > 0:
        kinds += ["array", "array", "object", "object", "object", "tagged", "map", "tuple", "named"]
    match rng.choice(kinds):
        case "scalar":
            plain = (NULL_TYPE, BOOLEAN_TYPE, INTEGER_TYPE, NUMBER_TYPE, TEXT_TYPE, TEXT_TYPE, INTEGER_TYPE)
            return rng.choice((*plain, *plain, *(Type(formats=frozenset({name})) for name in FORMATTED)))
        case "literals":
            return union(*(literal(value) for value in rng.sample(TEXTS, rng.randint(1, 3))))
        case "union":
            return union(random_type(rng, depth - 1), random_type(rng, depth - 1))
        case "array":
            least = rng.choice((0, 0, 0, 1, 2))
            most = rng.choice((None, None, least + 1, least + 2))
            return array_of(random_type(rng, depth - 1), least, most)
        case "tuple":
            items = tuple(random_type(rng, depth - 1) for _ in range(rng.randint(1, 3)))
            return Type(parts=(Array(items, NEVER, len(items), len(items)),))
        case "map":
            return Type(parts=(Object({}, random_type(rng, depth - 1)),))
        case "named":
            return RECURSIVE.named(rng.choice(NAMED))
        case "named scalar":
            return RECURSIVE.named(rng.choice(NAMED_SCALARS))
        case "tagged":
            return union(*(_object(rng, depth, literal(tag)) for tag in rng.sample(("x", "y", "z"), 2)))
        case _:
            return _object(rng, depth, None)


def _object(rng: Random, depth: int, tag: Type | None) -> Type:
    fields: dict[str, Type] = {} if tag is None else {"kind": tag}
    for name in rng.sample(NAMES, rng.randint(0 if tag else 1, 4)):
        if name not in fields:
            type_ = random_type(rng, depth - 1)
            fields[name] = optional(type_) if rng.random() < 0.3 else type_
    rest = ANY_TYPE if rng.random() < 0.03 else NEVER
    return Type(parts=(Object(fields, rest),))


def random_value(rng: Random, type_: Type) -> Any:
    """A JSON value of `type_`, which must not be only nothing."""
    type_ = expand(present(type_))
    makers: list[Callable[[], Any]] = []
    for bit, values in ((NULL, (None,)), (TRUE, (True,)), (FALSE, (False,)), (INTEGER, (0, 1, 2, 3, -1, 10))):
        if type_.atoms & bit:
            makers.append(lambda values=values: rng.choice(values))  # type: ignore[misc]
    if type_.atoms & FRACTION:
        makers.append(lambda: rng.choice((1.5, -2.5, 0.25)))
    if type_.atoms & TEXT:
        makers.append(lambda: rng.choice(TEXTS))
    formatted = [text for name in sorted(type_.formats) for text in FORMATTED.get(name, TEXTS)]
    if formatted:
        makers.append(lambda: rng.choice(formatted))
    if type_.atoms & ANY:
        makers.append(lambda: random_value(rng, random_type(rng, 2)))
    if type_.literals:
        makers.append(lambda: rng.choice(sorted(type_.literals, key=str)))
    for part in type_.parts:
        if isinstance(part, Array):
            makers.append(lambda part=part: _array_value(rng, part))  # type: ignore[misc]
        elif isinstance(part, Object):
            makers.append(lambda part=part: _object_value(rng, part))  # type: ignore[misc]
    return rng.choice(makers)()


def _array_value(rng: Random, array: Array) -> list[Any]:
    most = array.most if array.most is not None else array.least + 3
    count = rng.randint(array.least, most)
    items = [array.prefix[index] if index < len(array.prefix) else array.rest for index in range(count)]
    return [random_value(rng, item) for item in items]


def _object_value(rng: Random, one: Object) -> dict[str, Any]:
    value = {}
    for name, type_ in one.fields.items():
        if not type_.may_be_absent or (rng.random() < 0.6 and not present(type_).is_never):
            value[name] = random_value(rng, type_)
    if not one.rest.is_never:
        for name in rng.sample(NAMES, rng.randint(0, 2)):
            if name not in one.fields:
                value[name] = random_value(rng, one.rest)
    return value
