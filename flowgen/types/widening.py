"""A type for a value that grows, such as the value of a loop or of `$reduce`.

Rounds that each add an item or a number have no fixpoint. Widening turns the types of two rounds into a type for all
following ones: lists of any length, numbers and strings of any value.
"""

from __future__ import annotations

from dataclasses import replace

from flowgen.types.algebra import (
    NEVER,
    Array,
    Object,
    Part,
    Type,
    covers,
    expand,
    join_arrays,
    union,
    widen,
)

_DEEPEST = 6


def widened(before: Type, after: Type, depth: int = 0) -> Type:
    """A type with the values of both, and probably those of the next rounds.

    >>> from flowgen.types import INTEGER_TYPE, show, tuple_of
    >>> show(widened(tuple_of(), tuple_of(INTEGER_TYPE)))
    'integer[]'
    """
    if covers(before, after):
        return before
    before, after = expand(before), expand(after)
    scalars = union(replace(before, parts=()), replace(after, parts=()))
    if not after.literals <= before.literals:
        scalars = widen(scalars)
    parts: list[Part] = [part for part in before.parts if type(part) is not Array and type(part) is not Object]
    parts += [part for part in after.parts if type(part) is not Array and type(part) is not Object]
    if depth > _DEEPEST:
        return union(scalars, Type(parts=before.parts), Type(parts=after.parts))
    for kind in dict.fromkeys(array.kind for array in (*before.arrays, *after.arrays)):
        parts.append(_array(_joined(before, kind), _joined(after, kind), depth))
    return union(scalars, *(Type(parts=(part,)) for part in parts), _objects(before.objects, after.objects, depth))


def _joined(type_: Type, kind: int) -> Array | None:
    whole: Array | None = None
    for array in type_.arrays:
        if array.kind == kind:
            whole = array if whole is None else join_arrays(whole, array)
    return whole


def _array(before: Array | None, after: Array | None, depth: int) -> Array:
    if before is None or after is None:
        only = before or after
        assert only is not None  # noqa: S101 - one of them has that kind
        return only
    if len(before.prefix) == len(after.prefix) and before.least == after.least and before.most == after.most:
        pairs = zip((*before.prefix, before.rest), (*after.prefix, after.rest), strict=True)
        *prefix, rest = [widened(one, other, depth + 1) for one, other in pairs]
        return replace(before, prefix=tuple(prefix), rest=rest)
    item = after.item() if before.most == 0 else widened(before.item(), after.item(), depth + 1)
    least = before.least if after.least >= before.least else 0
    grows = after.most is None or (before.most is not None and after.most > before.most)
    return replace(before, prefix=(), rest=item, least=least, most=None if grows else before.most)


def _objects(before: list[Object], after: list[Object], depth: int) -> Type:
    found = list(before)
    for new in after:
        alike = next((index for index, old in enumerate(found) if _alike(old, new)), None)
        if alike is None:
            found.append(new)
        else:
            old = found[alike]
            fields = {name: widened(old.get(name), new.get(name), depth + 1) for name in old.fields}
            found[alike] = replace(old, fields=fields, rest=widened(old.rest, new.rest, depth + 1))
    return union(NEVER, *(Type(parts=(part,)) for part in found))


def _alike(old: Object, new: Object) -> bool:
    return old.fields.keys() == new.fields.keys()
