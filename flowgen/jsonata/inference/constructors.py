"""Array and object constructors, and grouping by `{…}` after a path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowgen.jsonata.inference.frame import Frame
from flowgen.jsonata.inference.inferrer import Inferrer
from flowgen.jsonata.inference.problems import Kind, Severity
from flowgen.jsonata.inference.values import flattened, scalars
from flowgen.jsonata.tree import ArrayConstructor, Bind, Group, Literal, ObjectConstructor, Tree
from flowgen.types import NEVER, NOTHING_TYPE, Type, expand, optional, present, union
from flowgen.types.algebra import ABSENT, ANY, CONS, MAX_TUPLE, PLAIN, TEXT, WRAPPER, Array, Object, covers, widen

if TYPE_CHECKING:
    from flowgen.jsonata.inference.items import Tuples


@dataclass(slots=True)
class _Builder:
    """An array under construction: `prefix` while the position of each item is known, then `rest`."""

    prefix: list[Type]
    rest: Type
    least: int
    most: int | None
    open: bool = False

    def add(self, item: Type, least: int = 1, most: int | None = 1) -> None:
        if most == 0 or item.is_never:
            return
        if not self.open and least == most == 1 and len(self.prefix) < MAX_TUPLE:
            self.prefix.append(item)
        else:
            self.open = True
            self.rest = union(self.rest, item)
        self.least += least
        self.most = None if self.most is None or most is None else self.most + most

    def add_all(self, array: Array) -> None:
        if not self.open and array.least == array.most == len(array.prefix):
            for item in array.prefix:
                self.add(item)
            return
        self.add(array.item(), array.least, array.most)

    def built(self, kind: int) -> Type:
        if self.open and len(self.prefix) > 1:
            # The known start of a long array has no use, and costs time.
            whole = union(*self.prefix, self.rest)
            if covers(widen(self.rest), whole):
                return Type(parts=(Array((), whole, self.least, self.most, kind),))
        return Type(parts=(Array(tuple(self.prefix), self.rest, self.least, self.most, kind),))


def infer_array(run: Inferrer, node: ArrayConstructor, context: Type, frame: Frame) -> Type:
    builder = _Builder([], NEVER, 0, 0)
    binds = sum(isinstance(item, Bind) for item in node.items)
    for item in node.items:
        before = frame.save() if binds else None
        type_ = run.evaluate(item, context, frame)
        if before is not None:
            # JSONata evaluates the items in parallel: a variable that one binds may be unbound in the next.
            frame.join(before[0])
        if type_.is_never:
            return NEVER
        if isinstance(item, ArrayConstructor):
            builder.add(present(type_), 0 if type_.atoms & ABSENT else 1)
        else:
            _append(builder, type_)
    return builder.built(CONS if node.constructor else PLAIN)


def _append(builder: _Builder, type_: Type) -> None:
    type_ = expand(type_)
    arrays = type_.arrays
    bare = present(scalars(type_))
    if not type_.atoms & (ABSENT | ANY):
        if not arrays:
            builder.add(type_)
            return
        if bare.is_never and len(arrays) == 1:
            builder.add_all(arrays[0])
            return
    if not arrays and bare.is_never:
        return
    builder.add(*flattened(type_))


def infer_object(run: Inferrer, node: ObjectConstructor, context: Type, frame: Frame) -> Type:
    return grouped(run, node.pairs, context, frame, constructor=node)


def grouped(
    run: Inferrer, group: Group, context: Type, frame: Frame, constructor: ObjectConstructor | None = None
) -> Type:
    """The object that pairs make of a value: an array is grouped by the keys of its items."""
    context = expand(context)
    results: list[Type] = []
    bare = scalars(context)
    arrays = context.arrays
    if context.atoms & ANY and constructor is None:
        results.append(_object(run, group, present(context), 0, None, frame))
        with run.only_failures():
            results.append(_object(run, group, NOTHING_TYPE, 1, 1, frame))
        return union(*results)
    if not bare.is_never or not arrays:
        results.append(_object(run, group, bare, 1, 1, frame))
    for array in arrays:
        if array.least == 0:
            if array.kind in (PLAIN, CONS):
                run.tell(Kind.GROUPS_EMPTY, Severity.NOTE, group, EMPTY_GROUPED)
            with run.only_failures():
                results.append(_object(run, group, NOTHING_TYPE, 1, 1, frame))
        if array.most != 0:
            results.append(_object(run, group, array.item(), max(1, array.least), array.most, frame))
            if constructor is not None and array.kind != WRAPPER and array.most != 1 and _gathers(results[-1]):
                _tell_groups(run, constructor, array)
    return union(*results)


EMPTY_GROUPED = "if this array is empty, JSONata adds a null to it before it groups"


def _gathers(made: Type) -> bool:
    """Whether a field has the values of several items, instead of one value computed from all of them."""
    fields = (expand(field) for part in made.parts if type(part) is Object for field in part.fields.values())
    return any(field.arrays or field.atoms & ANY for field in fields)


def _tell_groups(run: Inferrer, node: ObjectConstructor, array: Array) -> None:
    if not any(isinstance(key, Literal) for key, _ in node.pairs.pairs):
        return
    run.tell(
        Kind.GROUPS,
        Severity.WARNING,
        node,
        f"the context is an array `{Type(parts=(array,))}`: `{{…}}` makes one object of all its items, "
        "not one object per item",
        "for one object per item, write `.{…}`",
    )


def _object(
    run: Inferrer, group: Group, item: Type, least: int, most: int | None, frame: Frame, tuples: Tuples | None = None
) -> Type:
    fields: dict[str, Type] = {}
    rest = NEVER
    dynamic = 0
    outer = frame if tuples is None else Frame(frame, tuples.variables)
    for key_node, value_node in group.pairs:
        key = expand(run.evaluate(key_node, item, outer))
        _check_key(run, key_node, key)
        names = {name for name in key.literals if isinstance(name, str)}
        fixed = len(names) == 1 and not key.atoms & ~ABSENT and not key.formats and not key.parts
        one = least <= 1 or not fixed or bool(key.atoms & ABSENT) or item.may_be_absent
        value = _value(run, value_node, item, most, frame, tuples, one=one)
        if fixed:
            name = names.pop()
            absent = bool(key.atoms & ABSENT)
            if name in fields:
                _tell_twice(run, key_node, name)
            if not present(value).is_never:
                fields[name] = optional(value) if absent else value
        elif key.atoms & (TEXT | ANY) or key.formats:
            dynamic += 1
            rest = union(rest, present(value))
        else:
            dynamic += 1
            for name in sorted(names):
                fields[name] = optional(union(fields.get(name, NEVER), present(value)))
    if dynamic > 1 or (dynamic and fields and not rest.is_never):
        run.tell(
            Kind.MAY_FAIL, Severity.NOTE, group.pairs[0][0],
            "the expression fails if two of these pairs have the same key", may_fail=True,
        )  # fmt: skip
    if not rest.is_never:
        fields = {name: union(field, optional(rest)) for name, field in fields.items()}
    return Type(parts=(Object(fields, rest if not rest.is_never else NEVER),))


def _value(
    run: Inferrer, node: Tree, item: Type, most: int | None, frame: Frame, tuples: Tuples | None, *, one: bool
) -> Type:
    many = most is None or most > 1
    context = _together(item, one=one or not many) if many else item
    if tuples is None:
        return run.evaluate(node, context, frame)
    variables = {
        name: _together(type_, one=one or not many) if many else type_ for name, type_ in tuples.variables.items()
    }
    return run.evaluate(node, context, Frame(frame, variables))


def _together(item: Type, *, one: bool) -> Type:
    """The items of one group as the context of its value: a single item, or an array of all."""
    item = expand(item)
    flat, _, _ = flattened(item)
    array = Type(parts=(Array((), flat, 0 if item.arrays or item.atoms & (ABSENT | ANY) else 2, None, PLAIN),))
    return union(item, array) if one or item.atoms & ABSENT else array


def grouped_tuples(run: Inferrer, group: Group, tuples: Tuples, frame: Frame) -> Type:
    """`grouped` for items that carry variables."""
    results: list[Type] = []
    if tuples.least == 0:
        run.tell(
            Kind.MAY_FAIL, Severity.WARNING, group,
            "grouping after `@`, `#` or `%` fails in JSONata 2.0.6 if there are no items", may_fail=True,
        )  # fmt: skip
        with run.only_failures():
            results.append(_object(run, group, NOTHING_TYPE, 1, 1, frame))
    if tuples.most != 0 and not tuples.item.is_never:
        results.append(_object(run, group, tuples.item, max(1, tuples.least), tuples.most, frame, tuples))
    return union(*results)


def _check_key(run: Inferrer, node: Tree, key: Type) -> None:
    if key.atoms & ANY:
        run.tell(Kind.UNCHECKED, Severity.NOTE, node, "a key must be a string, but this is `any`", may_fail=True)
        return
    others = Type(
        key.atoms & ~(TEXT | ABSENT),
        frozenset(value for value in key.literals if not isinstance(value, str)),
        parts=key.parts,
    )
    if not others.is_never:
        run.tell(
            Kind.WRONG_KEY,
            Severity.ERROR,
            node,
            f"a key must be a string, but this may be `{others}`, and the expression then fails",
            "convert it: `$string(x)`",
            may_fail=True,
            type=key,
        )


def _tell_twice(run: Inferrer, node: Tree, name: str) -> None:
    run.tell(
        Kind.WRONG_KEY, Severity.ERROR, node, f"duplicate key `{name}` in this object: the expression fails",
        certain=True, may_fail=True,
    )  # fmt: skip
