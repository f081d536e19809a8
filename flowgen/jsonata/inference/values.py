"""How basic operations of JSONata affect types: field lookup, conversion to boolean, equality, wildcards."""

from __future__ import annotations

from dataclasses import replace

from flowgen.types import NEVER, Type, expand, optional, present, union, unknown
from flowgen.types.algebra import (
    ABSENT,
    ANY,
    BOOLEAN,
    FALSE,
    FRACTION,
    INTEGER,
    NOTHING,
    NULL,
    NUMBER,
    PLAIN,
    SEQUENCE,
    TEXT,
    TRUE,
    UNDECLARED,
    UNSURE,
    Array,
    Function,
    Object,
    Origin,
    Part,
    Reference,
)


def scalars(type_: Type) -> Type:
    """`type_` without its arrays; undefined is kept."""
    type_ = expand(type_)
    if not any(type(part) is Array for part in type_.parts):
        return type_
    parts = tuple(part for part in type_.parts if type(part) is not Array)
    return Type(type_.atoms, type_.literals, type_.formats, parts, type_.absent, type_.unknown)


def is_number(value: object) -> bool:
    """Whether a literal is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def flattened(type_: Type) -> tuple[Type, int, int | None]:
    """The items of `type_` as a list, arrays flattened by one level: their type, the least and most number."""
    type_ = expand(type_)
    if type_.atoms & ANY:
        return union(*(array.item() for array in type_.arrays), present(scalars(type_))), 0, None
    items: list[Type] = []
    least: int | None = None
    most: int | None = 0
    if type_.atoms & ABSENT:
        least = 0
    bare = present(scalars(type_))
    if not bare.is_never:
        items.append(bare)
        least, most = min(1, 1 if least is None else least), 1
    for array in type_.arrays:
        items.append(array.item())
        least = array.least if least is None else min(least, array.least)
        most = None if most is None or array.most is None else max(most, array.most)
    return union(*items), least or 0, most


def lookup(type_: Type, name: str) -> Type:
    """The field `name` of a value of `type_`; for an array, the sequence of the fields of its items."""
    type_ = expand(type_)
    if type_.atoms & ANY:
        # `any` implies that the field exists; a value that is known to be optional stays optional.
        return replace(type_, atoms=type_.atoms | UNSURE, parts=())
    results: list[Type] = []
    if type_.atoms or type_.literals or type_.formats:
        results.append(Type(type_.atoms & ABSENT or NOTHING, absent=type_.absent))
    for part in type_.parts:
        if type(part) is Object:
            results.append(part.get(name))
        elif type(part) is Array:
            results.append(_lookup_items(part, name))
        else:
            results.append(Type(NOTHING))
    return union(*results)


def _lookup_items(array: Array, name: str) -> Type:
    found, least, most = flattened(lookup(array.item(), name))
    most = None if array.most is None or most is None else most * array.most
    if most == 0 or found.is_never:
        return Type(parts=(Array((), NEVER, 0, 0, SEQUENCE),))
    return Type(parts=(Array((), found, least * array.least, most, SEQUENCE),))


def may_have(type_: Type, name: str) -> bool:
    """Whether a value of `type_` may have that field."""
    type_ = expand(type_)
    if type_.atoms & ANY:
        return True
    return any(_declares(object_, name) for object_ in type_.objects) or any(
        may_have(array.item(), name) for array in type_.arrays
    )


def _declares(one: Object, name: str) -> bool:
    if name not in one.fields and one.rest is UNDECLARED:
        return False
    return not present(one.get(name)).is_never


def field_names(type_: Type) -> list[str]:
    """The known fields of values of `type_`, or of the items of its arrays."""
    names: dict[str, None] = {}
    for part in expand(type_).parts:
        if type(part) is Object:
            names.update(dict.fromkeys(part.fields))
        elif type(part) is Array:
            names.update(dict.fromkeys(field_names(part.item())))
    return list(names)


def objects_in(type_: Type) -> list[Object]:
    """The object types in `type_`, including the items of its arrays."""
    found: list[Object] = []
    for part in expand(type_).parts:
        if type(part) is Object:
            found.append(part)
        elif type(part) is Array:
            found += objects_in(part.item())
    return found


def truth(type_: Type) -> int:
    """Which of TRUE, FALSE and NOTHING (undefined) `$boolean` returns for a value of `type_`."""
    type_ = expand(type_)
    atoms = type_.atoms
    found = atoms & BOOLEAN
    if atoms & ABSENT:
        found |= NOTHING
    if atoms & NULL:
        found |= FALSE
    if atoms & (NUMBER | TEXT | ANY) or type_.formats:
        found |= BOOLEAN if atoms & (INTEGER | TEXT | ANY) or type_.formats else TRUE
    for value in type_.literals:
        found |= TRUE if value else FALSE
    for part in type_.parts:
        if type(part) is Array:
            found |= _truth_of_array(part)
        elif type(part) is Object:
            if any(not field.may_be_absent for field in part.fields.values()):
                found |= TRUE
            else:
                found |= BOOLEAN if part.fields or not part.rest.is_never else FALSE
        else:
            found |= BOOLEAN
    return found


def _truth_of_array(array: Array) -> int:
    found = FALSE if array.least == 0 else 0
    if array.most == 0:
        return FALSE
    inner = truth(array.item())
    if inner & TRUE:
        found |= TRUE
    if inner & (FALSE | NOTHING):
        found |= FALSE
    return found | (NOTHING if inner & NOTHING and array.least <= 1 else 0)


def can_be_true(type_: Type) -> bool:
    return bool(truth(type_) & TRUE)


def can_be_false(type_: Type) -> bool:
    """Whether a value of `type_`, including undefined, may count as false."""
    return bool(truth(type_) & (FALSE | NOTHING))


def truthy(type_: Type) -> Type:
    """`type_` restricted to values that count as true."""
    type_ = expand(type_)
    parts: tuple[Part, ...] = tuple(
        part
        for part in type_.parts
        if not (type(part) is Array and part.most == 0) and not (type(part) is Object and _is_empty(part))
    )
    parts = tuple(
        replace(part, least=max(1, part.least)) if type(part) is Array and part.least == 0 else part for part in parts
    )
    literals = frozenset(value for value in type_.literals if value)
    return replace(type_, atoms=type_.atoms & ~(ABSENT | NULL | FALSE), literals=literals, parts=parts, absent=None)


def falsy(type_: Type) -> Type:
    """`type_` restricted to values that count as false or are undefined."""
    type_ = expand(type_)
    parts = tuple(
        part
        for part in type_.parts
        if not (type(part) is Object and any(not field.may_be_absent for field in part.fields.values()))
    )
    literals = frozenset(value for value in type_.literals if not value)
    return replace(type_, atoms=type_.atoms & ~(TRUE | FRACTION), literals=literals, parts=parts)


def _is_empty(part: Object) -> bool:
    return not part.fields and part.rest.is_never


def may_be_equal(left: Type, right: Type, depth: int = 0) -> bool:
    """Whether a value of `left` may deeply equal one of `right`; undefined is ignored."""
    left, right = expand(left), expand(right)
    if (left.atoms | right.atoms) & ANY or depth > 6:  # noqa: PLR2004 - deep enough to distinguish most types
        return True
    if left.atoms & right.atoms & ~ABSENT or left.literals & right.literals:
        return True
    if _literal_meets(left, right) or _literal_meets(right, left):
        return True
    if (left.formats and (right.formats or right.atoms & TEXT)) or (right.formats and left.atoms & TEXT):
        return True
    for part in left.parts:
        for other in right.parts:
            if type(part) is Array and type(other) is Array:
                if _arrays_may_be_equal(part, other, depth):
                    return True
            elif type(part) is Object and type(other) is Object:
                if _objects_may_be_equal(part, other, depth):
                    return True
            elif type(part) is Function and type(other) is Function:
                return True
    return False


def _literal_meets(literal: Type, other: Type) -> bool:
    for value in literal.literals:
        if isinstance(value, str):
            if other.atoms & TEXT or other.formats:
                return True
        elif other.atoms & (INTEGER if isinstance(value, int) else FRACTION):
            return True
    return False


def _arrays_may_be_equal(left: Array, right: Array, depth: int) -> bool:
    if (left.most is not None and left.most < right.least) or (right.most is not None and right.most < left.least):
        return False
    if left.least == 0 and right.least == 0:
        return True
    return may_be_equal(optional(left.item()), optional(right.item()), depth + 1)


def _objects_may_be_equal(left: Object, right: Object, depth: int) -> bool:
    for name in {*left.fields, *right.fields}:
        one, other = left.get(name), right.get(name)
        if one.may_be_absent and other.may_be_absent:
            continue
        if not may_be_equal(present(one), present(other), depth + 1):
            return False
    return True


def wildcard(type_: Type) -> Type:
    """The result of `*`: the values of an object's fields, with arrays flattened completely."""
    type_ = expand(type_)
    if type_.atoms & ANY:
        return optional(replace(present(type_), parts=()))
    results: list[Type] = []
    if type_.atoms or type_.literals or type_.formats:
        results.append(Type(NOTHING))
    for part in type_.parts:
        if type(part) is Array:
            fields = [item for item in (*part.prefix, part.rest) if not item.is_never]
            fields = fields if part.least else [optional(item) for item in fields]
            results.append(_wildcard(fields, part.least if not part.prefix else 0, part.most))
        elif type(part) is Object:
            fields = list(part.fields.values())
            if not part.rest.is_never:
                fields.append(optional(part.rest))
            most = len(fields) if part.rest.is_never else None
            results.append(_wildcard(fields, sum(not field.may_be_absent for field in fields), most))
        else:
            results.append(Type(NOTHING))
    return union(*results)


def _wildcard(fields: list[Type], least: int, most: int | None) -> Type:
    fields = [expand(field) for field in fields]
    if not fields:
        return Type(parts=(Array((), NEVER, 0, 0, SEQUENCE),))
    if any(field.atoms & ANY for field in fields):
        return optional(unknown("`*` includes a value that is `any`"))
    arrays = any(field.arrays for field in fields)
    item = union(*(opened(present(field)) for field in fields))
    if not arrays:
        return Type(parts=(Array((), item, least, most, SEQUENCE),))
    open_ended: Type = (
        Type(parts=(Array((), item, 0, None, PLAIN),))
        if not item.is_never
        else Type(parts=(Array((), NEVER, 0, 0, PLAIN),))
    )
    if any(field.arrays and not field.may_be_absent and scalars(field).is_never for field in fields):
        return open_ended
    return union(open_ended, Type(parts=(Array((), item, 0, None, SEQUENCE),)))


def opened(type_: Type, depth: int = 0) -> Type:
    """`type_` with its arrays replaced by their items, at any depth."""
    type_ = expand(type_)
    if not type_.arrays:
        return type_
    if depth > 8:  # noqa: PLR2004 - arrays nested this deeply are recursive types
        return unknown("arrays are nested too deeply")
    return union(scalars(type_), *(opened(array.item(), depth + 1) for array in type_.arrays))


def descendants(type_: Type) -> Type:
    """The result of `**`: the value itself and everything in it, with arrays flattened."""
    found: list[Type] = []
    _descend(type_, found, [])
    everything = union(*found)
    if everything.atoms & ANY:
        return optional(everything)
    type_ = expand(type_)
    itself = scalars(type_)
    results = [itself if not any(type(part) is Object for part in itself.parts) else present(itself)]
    if any(type(part) in (Object, Array) for part in type_.parts):
        results.append(Type(parts=(Array((), present(everything), 0, None, SEQUENCE),)))
    return union(*results)


def _descend(type_: Type, found: list[Type], seen: list[Reference]) -> None:
    for part in type_.parts:
        if type(part) is Reference:
            if part in seen:
                continue
            seen.append(part)
            _descend(part.namespace.expansion(part.name), found, seen)
        elif type(part) is Array:
            _descend(part.item(), found, seen)
        elif type(part) is Object:
            found.append(Type(parts=(part,)))
            for field in part.fields.values():
                _descend(field, found, seen)
            _descend(part.rest, found, seen)
        else:
            found.append(Type(parts=(part,)))
    if type_.atoms or type_.literals or type_.formats:
        found.append(replace(type_, parts=()))


def with_absence(type_: Type, why: Origin) -> Type:
    """`type_`, with `why` as the reason if it may be undefined."""
    if not type_.atoms & ABSENT:
        return type_
    return Type(type_.atoms, type_.literals, type_.formats, type_.parts, why, type_.unknown)


def may_be_index(verdict: Type) -> bool:
    """Whether a predicate of this type may select items by their index."""
    verdict = expand(verdict)
    numbers = verdict.atoms & NUMBER or any(is_number(value) for value in verdict.literals)
    return bool(numbers) or any(may_be_indices(array) for array in verdict.arrays)


def may_be_indices(array: Array) -> bool:
    """Whether a predicate that is this list may select items by their indices."""
    if array.most == 0:
        return False
    item = expand(array.item())
    return bool(item.atoms & (NUMBER | ANY)) or any(is_number(value) for value in item.literals)
