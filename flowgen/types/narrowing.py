"""Narrows types by what is known of their values: intersection, difference, and refinement along a path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from flowgen.types.algebra import (
    ABSENT,
    ANY,
    FRACTION,
    INTEGER,
    NEVER,
    TEXT,
    Array,
    Literal,
    Object,
    Part,
    Reference,
    Type,
    covers,
    expand,
    optional,
    present,
    union,
)
from flowgen.types.other_strings import leaves_out

_MEET_DEPTH = 8


def meet(left: Type, right: Type, depth: int = 0) -> Type:
    """The values of both types. For types that nest too deep or recur, `left`, which contains them."""
    if left is right or depth > _MEET_DEPTH:
        return left
    if left.atoms & ANY:
        return _with_absence(right, left)
    if right.atoms & ANY:
        return _with_absence(left, right)
    if left.parts == right.parts and left.parts and all(type(part) is Reference for part in left.parts):
        return _meet_scalars(left, right, left.parts)
    left, right = expand(left), expand(right)
    if left.atoms & ANY or right.atoms & ANY:
        return meet(left, right, depth)
    return _meet_scalars(left, right, _meet_parts(left.parts, right.parts, depth + 1))


def _with_absence(type_: Type, other: Type) -> Type:
    """`type_`, but absent only if `other` may be absent, too."""
    return type_ if other.atoms & ABSENT else present(type_)


def _meet_scalars(left: Type, right: Type, parts: tuple[Part, ...]) -> Type:
    literals = frozenset(
        value for value in left.literals | right.literals if _has_literal(left, value) and _has_literal(right, value)
    )
    formats = frozenset(
        name
        for name in left.formats | right.formats
        if (left.atoms & TEXT or name in left.formats) and (right.atoms & TEXT or name in right.formats)
    )
    if left.formats and right.formats and not formats:
        formats = left.formats
    atoms = left.atoms & right.atoms
    if left.atoms & ABSENT and right.atoms & ABSENT:
        atoms |= (left.atoms | right.atoms) & ABSENT
    return union(Type(atoms, literals, formats, absent=left.absent or right.absent), Type(parts=parts))


def _has_literal(type_: Type, value: Literal) -> bool:
    if value in type_.literals:
        return True
    if isinstance(value, str):
        return bool(type_.atoms & TEXT) or any(not leaves_out(name, value) for name in type_.formats)
    return bool(type_.atoms & (INTEGER if isinstance(value, int) else FRACTION))


def _meet_parts(left: Sequence[Part], right: Sequence[Part], depth: int) -> tuple[Part, ...]:
    found: list[Part] = []
    for part in left:
        for other in right:
            both: Part | None = None
            if type(part) is Array and type(other) is Array:
                both = _meet_arrays(part, other, depth)
            elif type(part) is Object and type(other) is Object:
                both = meet_objects(part, other, depth)
            elif part is other:
                both = part
            if both is not None:
                found.append(both)
    return tuple(found)


def _meet_arrays(left: Array, right: Array, depth: int) -> Array | None:
    least = max(left.least, right.least)
    mosts = [bound for bound in (left.most, right.most) if bound is not None]
    most = min(mosts) if mosts else None
    longest = max(len(left.prefix), len(right.prefix))
    prefix = tuple(
        meet(left.slot(index), right.slot(index), depth)
        for index in range(longest if most is None else min(longest, most))
    )
    for index, item in enumerate(prefix):
        if item.is_never:
            most, prefix = index, prefix[:index]
            break
    rest = NEVER if most is not None and most <= len(prefix) else meet(left.rest, right.rest, depth)
    if rest.is_never:
        rest, most = NEVER, len(prefix) if most is None else min(most, len(prefix))
    if most is not None and least > most:
        return None
    return Array(prefix, rest, least, most, left.kind, left.origin or right.origin)


def meet_objects(left: Object, right: Object, depth: int = 0) -> Object | None:
    """The objects of both types, or None if there can't be any."""
    fields: dict[str, Type] = {}
    for name in [*left.fields, *(name for name in right.fields if name not in left.fields)]:
        field = meet(left.get(name), right.get(name), depth)
        if field.is_never:
            return None
        fields[name] = field
    rest = NEVER if left.rest.is_never or right.rest.is_never else meet(left.rest, right.rest, depth)
    named = left.name if right.name is None or covers(Type(parts=(right,)), Type(parts=(left,))) else right.name
    return Object(fields, NEVER if rest.is_never else rest, named, left.declaration or right.declaration)


def without(type_: Type, atoms: int, literals: frozenset[Literal] = frozenset()) -> Type:
    """`type_` without these bits and literals. Its references are expanded."""
    type_ = expand(type_)
    if not type_.atoms & atoms and not type_.literals & literals:
        return type_
    absent = None if atoms & ABSENT == ABSENT else type_.absent
    return replace(type_, atoms=type_.atoms & ~atoms, literals=type_.literals - literals, absent=absent)


def refine(type_: Type, path: Sequence[str], change: Callable[[Type], Type]) -> Type:
    """`type_` with the type at `path` narrowed by `change`.

    Variants of objects whose type at `path` becomes never are dropped. Arrays along the path are unchanged, because the
    value of the path does not determine a single item. Arrays without any value at `path` are dropped.
    """
    if not path:
        return change(type_)
    type_ = expand(type_)
    if type_.atoms & ANY:
        return type_
    gone = change_absent(path[1:], change)
    scalars = NEVER if gone.is_never else replace(type_, parts=())
    parts: list[Part] = []
    for part in type_.parts:
        if type(part) is Object:
            before = part.get(path[0])
            after = refine(before, path[1:], change)
            if after.is_never:
                continue
            if after is not before and (path[0] in part.fields or not after.may_be_absent):
                part = replace(part, fields={**part.fields, path[0]: after})  # noqa: PLW2901 - the narrowed part
        elif type(part) is Array and gone.is_never and not _has_value(part.item(), path, frozenset()):
            continue
        parts.append(part)
    return union(scalars, Type(parts=tuple(parts))) if scalars is not NEVER else Type(parts=tuple(parts))


def _has_value(type_: Type, path: Sequence[str], seen: frozenset[Reference]) -> bool:
    """Whether a value of `type_`, or an item in it at any depth, may have a value at `path`.

    `seen` are the types around it: the items of a list may be such lists.
    """
    named = frozenset(part for part in type_.parts if type(part) is Reference)
    if named and named <= seen:
        return False
    type_ = expand(type_)
    if type_.atoms & ANY:
        return True
    return any(
        not refine(part.get(path[0]), path[1:], present).is_never
        if type(part) is Object
        else type(part) is Array and _has_value(part.item(), path, seen | named)
        for part in type_.parts
    )


def change_absent(path: Sequence[str], change: Callable[[Type], Type]) -> Type:
    """The result of `change` for undefined, which is the value of a path with a missing step."""
    del path
    return change(optional(NEVER))
