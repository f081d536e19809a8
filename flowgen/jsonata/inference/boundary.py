"""Types of values that leave an expression: as JSON, and for use in other expressions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace

from flowgen.types import Array, Object, Origin, Type, union, unknown
from flowgen.types.algebra import ABSENT, ANY, NULL, PLAIN, Part

MAX_DEPTH = 40
"""Levels of nested arrays and objects; a type that is nested deeper is `any`."""


def as_json(type_: Type) -> Type:
    """`type_` as the JSON value that leaves the expression: sequences become arrays, undefined items null."""
    return _kept(_AsJson, type_)


def settled(type_: Type) -> Type:
    """`type_` for use in other expressions: its reasons keep their text, without offsets."""
    return _kept(_Settled, type_)


_KEPT: dict[tuple[type[_Rebuilding], int], tuple[Type, Type]] = {}
_MOST_KEPT = 1_000


def _kept(kind: type[_Rebuilding], type_: Type) -> Type:
    """Returns the same result for the same type object: two equal results would double all later work on them."""
    found = _KEPT.get((kind, id(type_)))
    if found is None:
        if len(_KEPT) >= _MOST_KEPT:
            _KEPT.clear()
        # The key is the id of the first element, which must stay alive as long as the entry.
        found = _KEPT[kind, id(type_)] = type_, kind().type(type_, 0)
    return found[1]


class _Rebuilding(ABC):
    """Rebuilds a type part by part, each part once: types share their parts."""

    def __init__(self) -> None:
        self._done: dict[int, tuple[Type, Type]] = {}

    def type(self, type_: Type, depth: int) -> Type:
        found = self._done.get(id(type_))
        if found is None:
            if type_.parts and depth > MAX_DEPTH:
                new = unknown("it is nested too deeply")
            else:
                new = self.whole(type_, tuple(self.part(part, depth + 1) for part in type_.parts))
            # The key is the id of the first element, which must stay alive as long as the entry.
            found = self._done[id(type_)] = type_, new
        return found[1]

    def fields(self, part: Object, depth: int) -> Object:
        fields = {name: self.type(found, depth) for name, found in part.fields.items()}
        rest = self.type(part.rest, depth)
        if rest is part.rest and all(fields[name] is part.fields[name] for name in fields):
            return part
        return replace(part, fields=fields, rest=rest)

    @abstractmethod
    def whole(self, type_: Type, parts: tuple[Part, ...]) -> Type:
        """`type_` with its parts rebuilt."""

    @abstractmethod
    def part(self, part: Part, depth: int) -> Part:
        """One part rebuilt, or the same object if nothing changes."""


class _AsJson(_Rebuilding):
    def whole(self, type_: Type, parts: tuple[Part, ...]) -> Type:
        if all(new is old for new, old in zip(parts, type_.parts, strict=True)):
            return type_
        if any(isinstance(part, Array) for part in parts):
            return union(replace(type_, parts=()), Type(parts=parts))
        return replace(type_, parts=parts)

    def part(self, part: Part, depth: int) -> Part:
        if isinstance(part, Array):
            prefix = tuple(self.item(item, depth) for item in part.prefix)
            rest = self.item(part.rest, depth)
            same = rest is part.rest and all(new is old for new, old in zip(prefix, part.prefix, strict=True))
            return part if same and part.kind == PLAIN else replace(part, prefix=prefix, rest=rest, kind=PLAIN)
        return self.fields(part, depth) if isinstance(part, Object) and part.name is None else part

    def item(self, type_: Type, depth: int) -> Type:
        found = self.type(type_, depth)
        if not found.atoms & ABSENT:
            return found
        return replace(found, atoms=ANY if found.atoms & ANY else (found.atoms & ~ABSENT) | NULL, absent=None)


class _Settled(_Rebuilding):
    def whole(self, type_: Type, parts: tuple[Part, ...]) -> Type:
        absent, why = _placeless(type_.absent), _placeless(type_.unknown)
        same = absent is type_.absent and why is type_.unknown
        if same and all(new is old for new, old in zip(parts, type_.parts, strict=True)):
            return type_
        return replace(type_, parts=parts, absent=absent, unknown=why)

    def part(self, part: Part, depth: int) -> Part:
        if isinstance(part, Array):
            prefix = tuple(self.type(item, depth) for item in part.prefix)
            return replace(part, prefix=prefix, rest=self.type(part.rest, depth), origin=_placeless(part.origin))
        return self.fields(part, depth) if isinstance(part, Object) and part.name is None else part


def _placeless(origin: Origin | None) -> Origin | None:
    return origin if origin is None or not origin.end else replace(origin, start=0, end=0)
