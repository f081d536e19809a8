"""The results of the functions of arrays and objects."""

from __future__ import annotations

from dataclasses import replace

from flowgen.jsonata.aws_functions import MAX_RANGE
from flowgen.jsonata.inference.boundary import as_json
from flowgen.jsonata.inference.inferrer import sequence_of
from flowgen.jsonata.inference.invocation import Invocation, fields_of, from_arrays, is_literal, none_of
from flowgen.jsonata.inference.problems import Kind, Severity
from flowgen.jsonata.inference.values import (
    flattened,
    lookup,
    scalars,
)
from flowgen.types import (
    NEVER,
    NOTHING_TYPE,
    Type,
    expand,
    optional,
    present,
    union,
    unknown,
)
from flowgen.types.algebra import (
    ABSENT,
    ANY,
    CONS,
    INTEGER,
    MAX_TUPLE,
    NOTHING,
    PLAIN,
    SEQUENCE,
    TEXT,
    Array,
    Function,
    Object,
    Origin,
)


def reordered(use: Invocation) -> Type:
    """The same items in a different order: an array of at most one item is unchanged, a longer one is plain."""

    def one(array: Array) -> Type:
        results: list[Type] = []
        if array.least <= 1:
            most = 1 if array.most is None else min(array.most, 1)
            results.append(Type(parts=(Array((), array.item(), array.least, most, array.kind, array.origin),)))
        if array.most is None or array.most > 1:
            results.append(Type(parts=(Array((), array.item(), max(2, array.least), array.most, PLAIN, array.origin),)))
        return union(*results)

    return from_arrays(use, one)


def zipped(use: Invocation) -> Type:
    slots: list[Type] = []
    least: int | None = None
    most: int | None = None
    for argument in use.arguments:
        argument = expand(argument)  # noqa: PLW2901 - the same type, with its names expanded
        item, few, many = flattened(argument)
        if argument.atoms & ABSENT:
            few = 0
        slots.append(item)
        least = few if least is None else min(least, few)
        if many is not None:
            most = many if most is None else min(most, many)
    if most == 0 or any(slot.is_never for slot in slots):
        return Type(parts=(Array((), NEVER, 0, 0),))
    if len(slots) > MAX_TUPLE:
        row = Type(parts=(Array((), union(*slots), len(slots), len(slots)),))
    else:
        row = Type(parts=(Array(tuple(slots), NEVER, len(slots), len(slots)),))
    return Type(parts=(Array((), row, least or 0, most),))


def keys(use: Invocation) -> Type:
    first = expand(use.first)
    results: list[Type] = []
    if first.atoms & ANY:
        results.append(sequence_of(Type(TEXT), 0, None))
    elif first.atoms or first.literals or first.formats:
        results.append(sequence_of(NEVER, 0, 0))
    origin = Origin("`$keys` returns the name of each field", use.node.start, use.node.end)
    for part in first.parts:
        if type(part) is Object:
            _, names = fields_of(Type(parts=(part,)))
            there = sum(not field.may_be_absent for field in part.fields.values())
            most = len(part.fields) if part.rest.is_never else None
            results.append(sequence_of(names, there, most, origin))
        elif type(part) is Array:
            inner = _all_names(part.item(), 0)
            least = 1 if part.least and not inner.is_never and _has_field(part.item()) else 0
            results.append(sequence_of(inner, least, None, origin))
        else:
            results.append(sequence_of(NEVER, 0, 0))
    return union(*results)


def _has_field(type_: Type) -> bool:
    type_ = expand(type_)
    return (
        not (type_.atoms or type_.literals or type_.formats)
        and bool(type_.objects)
        and len(type_.objects) == len(type_.parts)
        and all(any(not field.may_be_absent for field in one.fields.values()) for one in type_.objects)
    )


def _all_names(type_: Type, depth: int) -> Type:
    type_ = expand(type_)
    if type_.atoms & ANY or depth > 8:  # noqa: PLR2004 - arrays nested without limit
        return Type(TEXT)
    return union(fields_of(type_)[1], *(_all_names(array.item(), depth + 1) for array in type_.arrays))


def looked_up(use: Invocation) -> Type:
    first, key = use.first, expand(use.argument(1))
    names = sorted(value for value in key.literals if isinstance(value, str))
    results = [lookup(first, name) for name in names]
    if key.atoms & ABSENT:
        results.append(NOTHING_TYPE)
    if key.atoms & (TEXT | ANY) or key.formats:
        results.append(_any_field(first, 0))
    found = union(*results)
    why = Origin(f"`${use.name}` returns undefined if the field is missing", use.node.start, use.node.end)
    return replace(found, absent=found.absent or why) if found.atoms & ABSENT else found


def _any_field(type_: Type, depth: int) -> Type:
    type_ = expand(type_)
    if type_.atoms & ANY or depth > 8:  # noqa: PLR2004 - arrays nested without limit
        return optional(unknown("it is a field of `any`"))
    values = fields_of(type_)[0]
    results = [optional(values)]
    for array in type_.arrays:
        item, _, most = flattened(_any_field(array.item(), depth + 1))
        results.append(sequence_of(item, 0, None if most is None or array.most is None else most * array.most))
    return union(*results)


def appended(use: Invocation) -> Type:
    left, right = expand(use.first), expand(use.argument(1))
    results: list[Type] = []
    if left.atoms & ABSENT:
        results.append(right)
    if right.atoms & ABSENT:
        results.append(left)
    if present(left).is_never or present(right).is_never:
        return union(*results)
    one, least, most = flattened(present(left))
    other, more, many = flattened(present(right))
    exact = [_exact(present(left)), _exact(present(right))]
    if exact[0] is not None and exact[1] is not None and len(exact[0]) + len(exact[1]) <= MAX_TUPLE:
        prefix = (*exact[0], *exact[1])
        results.append(Type(parts=(Array(prefix, NEVER, len(prefix), len(prefix)),)))
        return union(*results)
    longest = None if most is None or many is None else most + many
    results.append(Type(parts=(Array((), union(one, other), least + more, longest),)))
    return union(*results)


def _exact(type_: Type) -> tuple[Type, ...] | None:
    """The items of a value with a known number of items."""
    if type_.atoms & ANY:
        return None
    arrays = type_.arrays
    if not arrays:
        return (type_,)
    only = arrays[0]
    if len(arrays) == 1 and scalars(type_).is_never and only.least == only.most == len(only.prefix):
        return only.prefix
    return None


def spread(use: Invocation) -> Type:
    return _spread(expand(use.first), use, 0)


def _spread(type_: Type, use: Invocation, depth: int) -> Type:
    if type_.atoms & ANY or depth > 8:  # noqa: PLR2004 - arrays nested without limit
        return optional(unknown("`$spread` got `any`"))
    results = [replace(type_, parts=tuple(part for part in type_.parts if type(part) is Function))]
    for part in type_.parts:
        if type(part) is Object:
            ones = [Type(parts=(Object({name: present(field)}, NEVER),)) for name, field in part.fields.items()]
            if not part.rest.is_never:
                ones.append(Type(parts=(Object({}, part.rest),)))
            there = sum(not field.may_be_absent for field in part.fields.values())
            most = len(part.fields) if part.rest.is_never else None
            origin = Origin("`$spread` returns one object per field", use.node.start, use.node.end)
            results.append(sequence_of(union(*ones), there, most, origin))
        elif type(part) is Array:
            inner = _spread(expand(part.item()), use, depth + 1)
            item, least, most = flattened(inner)
            most = None if most is None or part.most is None else most * part.most
            # Appending makes a plain array, but appending to undefined returns the value unchanged.
            sequence = sequence_of(item, least * part.least, most)
            results.append(sequence)
            results.append(Type(parts=tuple(replace(array, kind=PLAIN) for array in sequence.arrays)))
            if part.least <= 1 and not inner.is_never:
                results.append(inner)
    return union(*results)


def merged(use: Invocation) -> Type:
    def one(array: Array) -> Type:
        item = expand(array.item())
        if array.most == 0:
            return Type(parts=(Object({}, NEVER),))
        if item.atoms & ANY:
            return Type(parts=(Object({}, unknown("`$merge` got `any`")),))
        if array.prefix and array.least == array.most == len(array.prefix):
            return _merged_in_order(list(array.prefix))
        objects = item.objects
        rest = union(*(each_.rest for each_ in objects))
        fields: dict[str, Type] = {}
        for each_ in objects:
            for name in each_.fields:
                if name not in fields:
                    found = union(*(other.get(name) for other in objects))
                    fields[name] = found if array.least > 0 else optional(found)
        if array.most == 1 and array.least == 1:
            return Type(parts=tuple(objects))
        return Type(parts=(Object(fields, rest),))

    return from_arrays(use, one)


_MAX_MERGED = 16


def _merged_in_order(items: list[Type]) -> Type:
    current: list[Object] = [Object({}, NEVER)]
    for item in items:
        following = expand(item).objects
        if len(current) * len(following) > _MAX_MERGED:
            return Type(parts=(Object({}, unknown("`$merge` got too many variants")),))
        current = [put_over(one, other) for one in current for other in following]
    return union(*(Type(parts=(one,)) for one in current))


def put_over(under: Object, over: Object) -> Object:
    """`under` overwritten by the fields of `over` that are defined."""
    fields: dict[str, Type] = {}
    for name in [*under.fields, *(name for name in over.fields if name not in under.fields)]:
        new, old = over.get(name), under.get(name)
        fields[name] = union(present(new), old) if new.may_be_absent else new
    return Object(fields, union(under.rest, over.rest))


def distinct(use: Invocation) -> Type:
    first = expand(use.first)
    results = [scalars(first)] if not scalars(first).is_never else []
    for array in first.arrays:
        if array.least <= 1:
            most = 1 if array.most is None else min(array.most, 1)
            results.append(Type(parts=(Array((), array.item(), array.least, most, array.kind, array.origin),)))
        if array.most is None or array.most > 1:
            # The result for a sequence is a new sequence, which does not keep a single item in an array.
            kind = PLAIN if array.kind in (PLAIN, CONS) else SEQUENCE
            results.append(Type(parts=(Array((), array.item(), 1, array.most, kind, array.origin),)))
    return union(*results)


def cloned(use: Invocation) -> Type:
    return as_json(use.first)


def partitioned(use: Invocation) -> Type:
    size = use.argument(1)
    missing = present(size).is_never
    if not missing and not (is_literal(size) and all(_at_least_one(value) for value in size.literals)):
        use.fails("the size is less than 1", severity=Severity.NOTE)

    def one(array: Array) -> Type:
        if array.most == 0:
            return Type(NOTHING, absent=none_of(use, "items"))
        chunk = Type(parts=(Array((), array.item(), 1, None),))
        chunks = Type(parts=(Array((), chunk, 1, array.most),))
        return chunks if array.least else optional(chunks, none_of(use, "items"))

    return from_arrays(use, one)


def _at_least_one(value: object) -> bool:
    return isinstance(value, int | float) and value >= 1


def ranged(use: Invocation) -> Type:
    """A sequence: undefined for no number, and a bare number for one (measured on AWS, floci-io/floci#2676)."""
    ends = [_whole(argument) for argument in use.arguments[:3]]
    if len(ends) == 3 and None not in ends and not any(argument.may_be_absent for argument in use.arguments):  # noqa: PLR2004
        count = _count(*(end for end in ends if end is not None))
        if count > MAX_RANGE:
            use.run.tell(
                Kind.MAY_FAIL, Severity.ERROR, use.node,
                f"this range of {count:,} numbers exceeds the memory of Step Functions",
                "loop over a smaller range, or pass the numbers in pages",
                certain=True, may_fail=True,
            )  # fmt: skip
            return NEVER
        if count > 1:
            return Type(parts=(Array((), Type(INTEGER), count, count),))
        if count == 1:
            return Type(INTEGER)
        return Type(NOTHING, absent=none_of(use, "numbers"))
    use.fails("the range has too many numbers", severity=Severity.NOTE)
    why = Origin("`$range` returns undefined for no number, and a bare number for one", use.node.start, use.node.end)
    several = Type(parts=(Array((), Type(INTEGER), 2, None),))
    return optional(union(Type(INTEGER), several), why)


def _whole(type_: Type) -> int | None:
    if is_literal(type_) and len(type_.literals) == 1:
        value = next(iter(type_.literals))
        return None if isinstance(value, str) else int(value)
    return None


def _count(first: int, last: int, step: int) -> int:
    return 0 if step == 0 else max(0, (last - first) // step + 1)
