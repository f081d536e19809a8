"""The types of JSON values, and of what JSONata adds: undefined, sequences and functions.

A `Type` is a normalized union: bits for types without parts, literals, formats, and arrays, objects, functions and
named types. Only `union` joins types. The type of a property or item that may be absent has the bit `NOTHING`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeAlias

NOTHING = 1
"""May be absent: JSONata's undefined, which is not a JSON value."""
UNSURE = 2
"""May be absent according to a contract that is too cautious (AWS marks nearly every response member as optional)."""
NULL, TRUE, FALSE = 4, 8, 16
INTEGER, FRACTION = 32, 64
TEXT = 128
ANY = 256
"""Any JSON value, unchecked. Does not include NOTHING, which is set in addition if the value may be absent."""

ABSENT = NOTHING | UNSURE
BOOLEAN = TRUE | FALSE
NUMBER = INTEGER | FRACTION

PLAIN = 0
"""A JSON array."""
SEQUENCE = 1
"""The result of a path or `$map`: a single item instead of an array of one, and undefined instead of an empty array."""
KEPT = 2
"""A sequence that stays an array if it has one item (`[]` after a path)."""
CONS = 3
"""The result of `.[…]`: an item of the path, which is not flattened."""
WRAPPER = 4
"""The sequence of one item in which JSONata wraps an input that is an array."""

NUMERIC = "numeric"
"""The format of strings that `$number` accepts, as tested by the workflow or promised by AWS. Not in JSON Schema."""

MAX_LITERALS = 24
MAX_OBJECTS = 24
MAX_ARRAYS = 4
MAX_TUPLE = 16
MAX_FUNCTIONS = 4
_COVER_DEPTH = 6


@dataclass(frozen=True, slots=True)
class Declaration:
    """The position of a contract: the declared type, and the path into its JSON Schema (`("properties", "total")`).

    For an AWS response: the step that receives it, and the member that may be missing.
    """

    name: str
    pointer: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """The reason for a property of a type. `text` is a clause ("`coupon` may be absent from `Order`").

    `start` and `end` are offsets into the expression that is the reason. Both are 0 if it is the contract in
    `declaration`.
    """

    text: str
    start: int = 0
    end: int = 0
    declaration: Declaration | None = None


@dataclass(frozen=True, slots=True)
class Array:
    """Arrays of at least `least` and at most `most` items: first those of `prefix`, then `rest`.

    `unsure` is the reason why the length is unknown, if an index is assumed to exist nevertheless.
    """

    prefix: tuple[Type, ...]
    rest: Type
    least: int = 0
    most: int | None = None
    kind: int = PLAIN
    origin: Origin | None = field(default=None, compare=False, repr=False)
    unsure: Origin | None = field(default=None, compare=False, repr=False)

    def slot(self, index: int) -> Type:
        """The type of the item at an index, if there is one."""
        return self.prefix[index] if index < len(self.prefix) else self.rest

    def item(self) -> Type:
        """The union of the types of all items."""
        return union(*self.prefix, self.rest) if self.prefix else self.rest

    def at(self, index: int) -> Type:
        """The type of the item at an index from the start, with NOTHING if there may be none."""
        if self.most is not None and index >= self.most:
            return NOTHING_TYPE
        item = self.slot(index)
        return item if index < self.least else optional(item)


@dataclass(frozen=True, slots=True)
class Object:
    """Objects with `fields`, and any other fields whose values are `rest` (NEVER: no others).

    `name` is the name of the declared type, for messages. `spellings` maps doubtful names of fields to better ones.
    """

    fields: Mapping[str, Type]
    rest: Type
    name: str | None = field(default=None, compare=False)
    declaration: Declaration | None = field(default=None, compare=False, repr=False)
    spellings: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    def get(self, name: str) -> Type:
        """The type of a field, with NOTHING if it may be absent."""
        found = self.fields.get(name)
        if found is not None:
            return found
        if self.rest.is_never:
            return NOTHING_TYPE
        # An unknown object and a response of AWS are assumed to have the fields that are read from them.
        open_ = bool(self.rest.atoms & (ANY | UNSURE))
        return replace(self.rest, atoms=self.rest.atoms | UNSURE) if open_ else optional(self.rest)


class Namespace(Protocol):
    """Looks up named types."""

    def expansion(self, name: str) -> Type:
        """The type with this name, without references at its top level."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A declared type by name. It may contain itself."""

    name: str
    namespace: Namespace = field(repr=False)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reference) and self.name == other.name and self.namespace is other.namespace

    def __hash__(self) -> int:
        return hash(self.name)


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function with `arity` parameters. `value` is private to its creator."""

    value: object
    arity: int


Part: TypeAlias = Array | Object | Function | Reference
Literal: TypeAlias = str | int | float
Scalar: TypeAlias = str | float | bool | None


@dataclass(frozen=True, slots=True)
class Type:
    """A union. `absent` is the reason why it may be undefined, `unknown` why it is `any`."""

    atoms: int = 0
    literals: frozenset[Literal] = frozenset()
    formats: frozenset[str] = frozenset()
    parts: tuple[Part, ...] = ()
    absent: Origin | None = field(default=None, compare=False, repr=False)
    unknown: Origin | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        from flowgen.types.printing import show

        return show(self)

    @property
    def arrays(self) -> list[Array]:
        return [part for part in self.parts if type(part) is Array]

    @property
    def objects(self) -> list[Object]:
        return [part for part in self.parts if type(part) is Object]

    @property
    def functions(self) -> list[Function]:
        return [part for part in self.parts if type(part) is Function]

    @property
    def is_never(self) -> bool:
        return not (self.atoms or self.literals or self.formats or self.parts)

    @property
    def may_be_absent(self) -> bool:
        return bool(self.atoms & ABSENT)

    @property
    def is_any(self) -> bool:
        return bool(self.atoms & ANY)


NEVER = Type()
NOTHING_TYPE = Type(NOTHING)
NULL_TYPE = Type(NULL)
TRUE_TYPE, FALSE_TYPE, BOOLEAN_TYPE = Type(TRUE), Type(FALSE), Type(BOOLEAN)
INTEGER_TYPE, NUMBER_TYPE = Type(INTEGER), Type(NUMBER)
TEXT_TYPE = Type(TEXT)
ANY_TYPE = Type(ANY, unknown=Origin("it is declared `any`"))
UNDECLARED = Type(ANY | UNSURE, unknown=Origin("nothing enforces the declared type, so there may be other fields"))
"""Undeclared fields of a value that is not checked at run time. Reading one is a mistake nevertheless."""


def literal(value: Scalar) -> Type:
    """The type of one scalar."""
    if value is None:
        return NULL_TYPE
    if isinstance(value, bool):
        return TRUE_TYPE if value else FALSE_TYPE
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return Type(literals=frozenset((value,)))


def array_of(item: Type, least: int = 0, most: int | None = None, kind: int = PLAIN) -> Type:
    return Type(parts=(Array((), item, least, most, kind),))


def tuple_of(*items: Type) -> Type:
    return Type(parts=(Array(items, NEVER, len(items), len(items)),))


def record(fields: Mapping[str, Type], rest: Type = NEVER) -> Type:
    return Type(parts=(Object(dict(fields), rest),))


def unknown(text: str, start: int = 0, end: int = 0) -> Type:
    """`any`, with a reason."""
    return Type(ANY, unknown=Origin(text, start, end))


def optional(type_: Type, why: Origin | None = None) -> Type:
    """`type_` or undefined, with a reason."""
    if type_.atoms & NOTHING:
        return type_
    parts, absent = type_.parts, type_.absent or why
    return Type(type_.atoms | NOTHING, type_.literals, type_.formats, parts, absent, type_.unknown)


def present(type_: Type) -> Type:
    """`type_` without undefined."""
    if not type_.atoms & ABSENT:
        return type_
    return Type(type_.atoms & ~ABSENT, type_.literals, type_.formats, type_.parts, None, type_.unknown)


def only_absent(type_: Type) -> Type:
    """Only the undefined part of `type_`, with its reason; NEVER if it has none."""
    return Type(type_.atoms & ABSENT, absent=type_.absent) if type_.atoms & ABSENT else NEVER


def expand(type_: Type) -> Type:
    """`type_` with its top-level references replaced by the types that they name."""
    for part in type_.parts:
        if type(part) is Reference:
            break
    else:
        return type_
    if len(type_.parts) == 1 and not (type_.atoms or type_.literals or type_.formats):
        return part.namespace.expansion(part.name)
    kept = replace(type_, parts=tuple(part for part in type_.parts if type(part) is not Reference))
    return union(kept, *(part.namespace.expansion(part.name) for part in type_.parts if type(part) is Reference))


def union(*types: Type) -> Type:
    """The values of any of `types`."""
    if len(types) == 2:  # noqa: PLR2004 - a fast path for the usual case
        left, right = types
        if left is right or right.is_never:
            return left
        if left.is_never:
            return right
    atoms = 0
    for type_ in types:
        atoms |= type_.atoms
    absent = next((type_.absent for type_ in types if type_.absent is not None), None)
    if atoms & ANY:
        why = next((type_.unknown for type_ in types if type_.unknown is not None), None)
        return Type(atoms & (ANY | ABSENT), absent=absent, unknown=why)
    literals: frozenset[Literal] = frozenset().union(*(type_.literals for type_ in types))
    formats: frozenset[str] = frozenset().union(*(type_.formats for type_ in types))
    atoms, literals, formats = _scalars(atoms, literals, formats)
    parts: list[Part] = []
    for type_ in types:
        for part in type_.parts:
            _add(parts, part)
    return Type(atoms, literals, formats, tuple(parts), absent)


def _scalars(
    atoms: int, literals: frozenset[Literal], formats: frozenset[str]
) -> tuple[int, frozenset[Literal], frozenset[str]]:
    if literals:
        if len(literals) > MAX_LITERALS:
            atoms |= _widened(literals)
        if atoms & TEXT:
            literals = frozenset(value for value in literals if not isinstance(value, str))
        if atoms & NUMBER:
            atoms |= _widened(frozenset(value for value in literals if not isinstance(value, str)))
            literals = frozenset(value for value in literals if isinstance(value, str))
    return atoms, literals, frozenset() if atoms & TEXT else formats


def _widened(literals: frozenset[Literal]) -> int:
    atoms = 0
    for value in literals:
        atoms |= TEXT if isinstance(value, str) else INTEGER if isinstance(value, int) else NUMBER
    return atoms


def widen(type_: Type) -> Type:
    """`type_` with its literals replaced by their kinds."""
    if not type_.literals:
        return type_
    return union(replace(type_, literals=frozenset()), Type(_widened(type_.literals)))


def _add(parts: list[Part], new: Part) -> None:
    match new:
        case Array():
            _add_array(parts, new)
        case Object():
            _add_object(parts, new)
        case Function():
            if new not in parts and sum(type(part) is Function for part in parts) <= MAX_FUNCTIONS:
                parts.append(new)
        case Reference():
            if new not in parts:
                parts.append(new)


def _add_array(parts: list[Part], new: Array) -> None:
    alike = 0
    for index, old in enumerate(parts):
        if type(old) is Array and old.kind == new.kind:
            alike += 1
            if _items_cover(old, new) or _items_cover(new, old) or alike >= MAX_ARRAYS:
                parts[index] = join_arrays(old, new)
                return
    parts.append(new)


def _items_cover(big: Array, small: Array) -> bool:
    if small.most == 0 or big == small:
        return True
    if big.prefix or small.prefix:
        if len(big.prefix) == len(small.prefix):
            pairs = zip((*big.prefix, big.rest), (*small.prefix, small.rest), strict=True)
            return all(covers(one, other) for one, other in pairs)
        return not big.prefix and covers(big.rest, small.item())
    return covers(big.rest, small.rest)


def join_arrays(left: Array, right: Array) -> Array:
    """One array type for the values of both, with the kind of `left`."""
    most = None if left.most is None or right.most is None else max(left.most, right.most)
    least = min(left.least, right.least)
    origin = left.origin or right.origin
    if left.most == 0:
        return Array(right.prefix, right.rest, 0, most, left.kind, origin)
    if right.most == 0:
        return Array(left.prefix, left.rest, 0, most, left.kind, origin)
    if len(left.prefix) == len(right.prefix):
        prefix = tuple(map(union, left.prefix, right.prefix))
        return Array(prefix, union(left.rest, right.rest), least, most, left.kind, origin)
    return Array((), union(left.item(), right.item()), least, most, left.kind, origin)


def _add_object(parts: list[Part], new: Object) -> None:
    alike = 0
    for index, old in enumerate(parts):
        if type(old) is Object:
            alike += 1
            if old is new or _object_covers(old, new, 0):
                return
            if _object_covers(new, old, 0):
                parts[index] = new
                return
            if old.name is not None and old.name == new.name and (merged := _but_for_one_field(old, new)) is not None:
                parts[index] = merged
                return
    if alike < MAX_OBJECTS:
        parts.append(new)
        return
    whole = new
    for old in parts:
        if type(old) is Object:
            whole = join_objects(whole, old)
    parts[:] = [*(part for part in parts if type(part) is not Object), whole]


def _but_for_one_field(left: Object, right: Object) -> Object | None:
    """One object type for both if they differ in one field, such as the two halves that a condition splits a type into.

    This is exact. Without it, each condition on a variable would double the variants of its type.
    """
    if left.fields.keys() != right.fields.keys() or left.rest != right.rest:
        return None
    unlike = [
        name for name, found in left.fields.items() if right.fields[name] is not found and right.fields[name] != found
    ]
    if len(unlike) != 1:
        return None
    return replace(left, fields={**left.fields, unlike[0]: union(left.fields[unlike[0]], right.fields[unlike[0]])})


def join_objects(left: Object, right: Object) -> Object:
    """One object type for the values of both. It loses the relations between fields."""
    names = [*left.fields, *(name for name in right.fields if name not in left.fields)]
    return Object({name: union(left.get(name), right.get(name)) for name in names}, union(left.rest, right.rest))


def covers(big: Type, small: Type, depth: int = 0) -> bool:
    """Whether every value of `small` is certainly one of `big`. False may mean that this is unknown."""
    if big is small:
        return True
    if small.atoms & ~big.atoms:
        if big.atoms & ANY and not small.atoms & ABSENT & ~big.atoms:
            return not any(type(part) is Function for part in small.parts)
        return False
    if big.atoms & ANY:
        return not any(type(part) is Function for part in small.parts)
    if small.literals and not small.literals <= big.literals:
        for value in small.literals - big.literals:
            if not big.atoms & (TEXT if isinstance(value, str) else INTEGER if isinstance(value, int) else FRACTION):
                return False
    if small.formats and not big.atoms & TEXT and not small.formats <= big.formats:
        return False
    if not small.parts:
        return True
    return depth < _COVER_DEPTH and all(_part_covered(big, part, depth + 1) for part in small.parts)


def _part_covered(big: Type, small: Part, depth: int) -> bool:
    for part in big.parts:
        if part is small:
            return True
        if type(part) is Array and type(small) is Array:
            if part.kind == small.kind and _array_covers(part, small, depth):
                return True
        elif type(part) is Object and type(small) is Object:
            if _object_covers(part, small, depth):
                return True
        elif type(part) is Reference and part == small:
            return True
    return False


def _array_covers(big: Array, small: Array, depth: int) -> bool:
    if small.least < big.least or (big.most is not None and (small.most is None or small.most > big.most)):
        return False
    if not big.prefix and not small.prefix:
        return small.most == 0 or covers(big.rest, small.rest, depth)
    longest = max(len(big.prefix), len(small.prefix))
    return all(covers(big.slot(index), small.slot(index), depth) for index in range(longest)) and covers(
        big.rest, small.rest, depth
    )


def _object_covers(big: Object, small: Object, depth: int) -> bool:
    if big.rest.is_never and (not small.rest.is_never or not small.fields.keys() <= big.fields.keys()):
        return False
    if not small.rest.is_never and not covers(big.rest, small.rest, depth):
        return False
    for name, expected in big.fields.items():
        if not covers(expected, small.get(name), depth):
            return False
    if big.rest.is_never:
        return True
    beyond = optional(big.rest)
    return all(covers(beyond, found, depth) for name, found in small.fields.items() if name not in big.fields)


def alternatives(type_: Type) -> Iterator[Type]:
    """The members of the union `type_`, one at a time. References are not expanded."""
    bit = 1
    while bit <= type_.atoms:
        if type_.atoms & bit:
            yield Type(bit, absent=type_.absent if bit & ABSENT else None, unknown=type_.unknown if bit & ANY else None)
        bit <<= 1
    for value in sorted(type_.literals, key=lambda value: (isinstance(value, str), value)):
        yield Type(literals=frozenset((value,)))
    for name in sorted(type_.formats):
        yield Type(formats=frozenset((name,)))
    for part in type_.parts:
        yield Type(parts=(part,))
