"""Types of values that leave an expression: as JSON has them, and as other expressions may be told of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from flowgen.types import Array, Object, Origin, Type, union, unknown
from flowgen.types.algebra import ABSENT, ANY, NULL, PLAIN, Part

MAX_DEPTH = 40
"""Arrays and objects within each other; deeper, a type is `any`."""


class _Rebuilding:
    """Rebuilds a type part by part. Types share their parts, so each is looked at once for every depth."""

    def __init__(self, change: Callable[[_Rebuilding, Part, int], Part]) -> None:
        self._change = change
        self._done: dict[tuple[int, int], tuple[Type, Type]] = {}

    def type(self, type_: Type, depth: int) -> Type:
        if not type_.parts:
            return type_
        if depth > MAX_DEPTH:
            return unknown("it is nested too deeply")
        found = self._done.get((id(type_), depth))
        if found is None:
            parts = tuple(self._change(self, part, depth + 1) for part in type_.parts)
            if all(new is old for new, old in zip(parts, type_.parts, strict=True)):
                new_type = type_
            else:
                new_type = union(replace(type_, parts=()), Type(parts=parts))
            # The key is the identity of the first of these, which must live as long.
            found = self._done[id(type_), depth] = type_, new_type
        return found[1]


def as_json(type_: Type) -> Type:
    """`type_` as the JSON value that leaves the expression: arrays are arrays, a ghost among items is null."""
    return _Rebuilding(_as_json).type(type_, 0)


def _as_json(rebuilding: _Rebuilding, part: Part, depth: int) -> Part:
    if isinstance(part, Array):
        prefix = tuple(_item(rebuilding.type(item, depth)) for item in part.prefix)
        rest = _item(rebuilding.type(part.rest, depth))
        if part.kind == PLAIN and rest is part.rest and all(map(_same, prefix, part.prefix)):
            return part
        return replace(part, prefix=prefix, rest=rest, kind=PLAIN)
    if isinstance(part, Object) and part.name is None:
        return _rebuilt(rebuilding, part, depth)
    return part


def _rebuilt(rebuilding: _Rebuilding, part: Object, depth: int) -> Object:
    fields = {name: rebuilding.type(found, depth) for name, found in part.fields.items()}
    rest = rebuilding.type(part.rest, depth)
    if rest is part.rest and all(map(_same, fields.values(), part.fields.values())):
        return part
    return replace(part, fields=fields, rest=rest)


def _same(one: Type, other: Type) -> bool:
    return one is other


def _item(item: Type) -> Type:
    if not item.atoms & ABSENT:
        return item
    if item.atoms & ANY:
        return replace(item, atoms=ANY, absent=None)
    return replace(item, atoms=(item.atoms & ~ABSENT) | NULL, absent=None)


def settled(type_: Type) -> Type:
    """`type_` for use in other expressions: what explains it keeps its text, without offsets."""
    rebuilt = _Rebuilding(_without_places).type(type_, 0)
    return replace(rebuilt, absent=_placeless(rebuilt.absent), unknown=_placeless(rebuilt.unknown))


def _without_places(rebuilding: _Rebuilding, part: Part, depth: int) -> Part:
    if isinstance(part, Array):
        prefix = tuple(_type_without_places(rebuilding, item, depth) for item in part.prefix)
        rest = _type_without_places(rebuilding, part.rest, depth)
        return replace(part, prefix=prefix, rest=rest, origin=_placeless(part.origin))
    if isinstance(part, Object) and part.name is None:
        fields = {name: _type_without_places(rebuilding, found, depth) for name, found in part.fields.items()}
        return replace(part, fields=fields, rest=_type_without_places(rebuilding, part.rest, depth))
    return part


def _type_without_places(rebuilding: _Rebuilding, type_: Type, depth: int) -> Type:
    rebuilt = rebuilding.type(type_, depth)
    if rebuilt.absent is None and rebuilt.unknown is None:
        return rebuilt
    return replace(rebuilt, absent=_placeless(rebuilt.absent), unknown=_placeless(rebuilt.unknown))


def _placeless(origin: Origin | None) -> Origin | None:
    return None if origin is None else replace(origin, start=0, end=0)
