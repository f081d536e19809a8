"""Types and JSON values: the type of a value, and whether a type contains a value."""

from __future__ import annotations

from typing import Any

from flowgen.types.algebra import (
    ANY,
    FALSE,
    FRACTION,
    INTEGER,
    MAX_TUPLE,
    NEVER,
    NULL,
    TEXT,
    TRUE,
    Array,
    Object,
    Type,
    expand,
    literal,
    union,
    widen,
)


def type_of_value(value: Any, *, exact: bool = True) -> Type:
    """The type of a JSON value. If not `exact`, literals are widened and arrays have any length, as for an example."""
    if isinstance(value, dict):
        fields = {name: type_of_value(member, exact=exact) for name, member in value.items()}
        return Type(parts=(Object(fields, NEVER),))
    if isinstance(value, list):
        items = [type_of_value(item, exact=exact) for item in value]
        if exact and len(items) <= MAX_TUPLE:
            return Type(parts=(Array(tuple(items), NEVER, len(items), len(items)),))
        bounds = (len(items), len(items)) if exact else (0, None)
        return Type(parts=(Array((), union(*items), *bounds),))
    return literal(value) if exact else widen(literal(value))


def contains(type_: Type, value: Any) -> bool:
    """Whether `type_` contains a JSON value. Formats of strings are ignored."""
    type_ = expand(type_)
    atoms = type_.atoms
    if atoms & ANY:
        return True
    match value:
        case None:
            return bool(atoms & NULL)
        case bool():
            return bool(atoms & (TRUE if value else FALSE))
        case str():
            return bool(atoms & TEXT) or bool(type_.formats) or value in type_.literals
        case int() | float():
            whole = isinstance(value, int) or value.is_integer()
            return bool(atoms & (INTEGER if whole else FRACTION)) or value in type_.literals
        case list():
            return any(_is_array(array, value) for array in type_.arrays)
        case dict():
            return any(_is_object(object_, value) for object_ in type_.objects)
        case _:
            return False


def _is_array(array: Array, value: list[Any]) -> bool:
    if len(value) < array.least or (array.most is not None and len(value) > array.most):
        return False
    return all(contains(array.slot(index), item) for index, item in enumerate(value))


def _is_object(one: Object, value: dict[str, Any]) -> bool:
    return all(found.may_be_absent or name in value for name, found in one.fields.items()) and all(
        contains(one.get(name), member) for name, member in value.items()
    )
