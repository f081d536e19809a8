"""Subsets of a type: the values of a kind, and those with a number of items."""

from __future__ import annotations

from dataclasses import replace

from flowgen.types import NEVER, Type, expand, present, union
from flowgen.types.algebra import ANY, BOOLEAN, NULL, NUMBER, TEXT, Array, Function, Object, only_absent

_ATOMS = {"null": NULL, "boolean": BOOLEAN, "number": NUMBER, "string": TEXT}
_PARTS: dict[str, type] = {"array": Array, "object": Object, "function": Function}


def of_type(type_: Type, name: str) -> Type:
    """The part of `type_` for which `$type` returns `name`."""
    type_ = expand(type_)
    if type_.atoms & ANY:
        return Type(_ATOMS[name]) if name in _ATOMS else present(type_)
    literals = frozenset(
        value for value in type_.literals if name == ("string" if isinstance(value, str) else "number")
    )
    parts = tuple(part for part in type_.parts if type(part) is _PARTS.get(name))
    formats = type_.formats if name == "string" else frozenset()
    return Type(type_.atoms & _ATOMS.get(name, 0), literals, formats, parts)


def not_of_type(type_: Type, name: str) -> Type:
    """The part of `type_` for which `$type` does not return `name`."""
    type_ = expand(type_)
    if type_.atoms & ANY:
        return type_
    literals = frozenset(
        value for value in type_.literals if name != ("string" if isinstance(value, str) else "number")
    )
    parts = tuple(part for part in type_.parts if type(part) is not _PARTS.get(name))
    formats = frozenset() if name == "string" else type_.formats
    return replace(type_, atoms=type_.atoms & ~_ATOMS.get(name, 0), literals=literals, formats=formats, parts=parts)


def of_length(type_: Type, least: int, most: int | None) -> Type:
    """The part of `type_` with that `$count`: a single value counts as one item, undefined as none."""
    type_ = expand(type_)
    if most is not None and most < least:
        return NEVER
    if type_.atoms & ANY:
        return type_ if least == 0 else present(type_)
    parts = [part for part in type_.parts if type(part) is not Array]
    alone = least <= 1 and (most is None or most >= 1)
    kept = replace(type_, parts=tuple(parts)) if alone else only_absent(type_)
    kept = present(kept) if least > 0 else kept
    arrays = tuple(clipped for array in type_.arrays if (clipped := _clipped(array, least, most)) is not None)
    return union(kept, Type(parts=arrays)) if arrays else kept


def _clipped(array: Array, least: int, most: int | None) -> Array | None:
    least = max(array.least, least)
    if most is None or (array.most is not None and array.most < most):
        most = array.most
    if most is not None and most < least:
        return None
    prefix = array.prefix if most is None else array.prefix[:most]
    rest = NEVER if most is not None and most <= len(prefix) else array.rest
    return replace(array, prefix=prefix, rest=rest, least=least, most=most)
