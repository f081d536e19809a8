"""Conditions, and what their outcome implies for the values that they test."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from flowgen.jsonata.inference.facts import Facts, change, enter, shown, typed
from flowgen.jsonata.inference.frame import Frame
from flowgen.jsonata.inference.inferrer import Inferrer, collapse
from flowgen.jsonata.inference.same_value import NOT_NEGATIVE, NOT_ZERO
from flowgen.jsonata.inference.subsets import not_of_type, of_length, of_type
from flowgen.jsonata.inference.values import can_be_false, can_be_true, falsy, flattened, is_number, truthy
from flowgen.jsonata.tree import (
    ArrayConstructor,
    Binary,
    Block,
    Call,
    Condition,
    Literal,
    Path,
    Regex,
    Tree,
    Variable,
    ends_in_tail_call,
)
from flowgen.types import NEVER, Type, expand, meet, optional, present, union, without
from flowgen.types.algebra import (
    ABSENT,
    ANY,
    BOOLEAN,
    NULL,
    NUMBER,
    NUMERIC,
    TEXT,
    Array,
    Origin,
    only_absent,
)


def infer_condition(run: Inferrer, node: Condition, context: Type, frame: Frame) -> Type:
    condition = run.evaluate(node.condition, context, frame)
    before = frame.save()
    results: list[Type] = []
    after: list[dict[str, Type]] = []
    reached = {True: False, False: False}
    for holds, branch in ((True, node.then), (False, node.otherwise)):
        if not (can_be_true(condition) if holds else can_be_false(condition)):
            continue
        known = narrow(run, node.condition, Facts(context, {}), frame, holds=holds)
        if known is None:
            continue
        reached[holds] = True
        if branch is None:
            why = Origin("a `?` without `:` is undefined if its condition is false", node.start, node.end)
            results.append(optional(NEVER, why))
            after.append(before[0])
            continue
        inside = enter(run, known, context, frame)
        given = run.evaluate(branch, inside, frame)
        results.append(given if ends_in_tail_call(branch) else collapse(given))
        after.append(frame.bindings)
        frame.restore(before)
    run.tested(node.condition, holds=reached[True], fails=reached[False], branches=node.otherwise is not None)
    if after:
        frame.bindings = dict(after[0])
        for other in after[1:]:
            frame.join(other)
    return union(*results)


def narrowed_item(run: Inferrer, predicate: Tree, item: Type, frame: Frame) -> Type:
    """The type of an item for which a predicate is true."""
    # Facts about a context are found by the identity of its type: the item of `$[…]` is not the context outside.
    item = replace(item)
    known = narrow(run, predicate, Facts(item, {}), frame, holds=True)
    if known is None:
        return NEVER
    return enter(run, replace(known, variables={}), item, frame) if known.here else known.context


# See docs/explanation/decisions.md#facts-about-expressions-are-stored-by-their-text
def narrow(run: Inferrer, node: Tree, known: Facts, frame: Frame, *, holds: bool) -> Facts | None:
    """What is known if `node` counts as true, or if it does not; None if that cannot happen."""
    run.work -= 1
    if run.work < 0:
        return known
    if node.predicates or node.group is not None or node.keep_array:
        return _truth(run, node, known, frame, holds=holds)
    match node:
        case Block(expressions=(only,)):
            return narrow(run, only, known, frame, holds=holds)
        case Binary(operator="and" | "or" as operator) if (operator == "and") == holds:
            return _all(run, operands(node), known, frame, holds=holds)
        case Binary(operator="and" | "or"):
            return _any(run, operands(node), known, frame, holds=holds)[0]
        case Binary():
            return _compared(run, node, known, frame, holds=holds)
        case Call(procedure=Variable(name="exists" | "boolean" | "not" as name), arguments=(only,)) if (
            frame.lookup(name) is None
        ):
            return _called(run, name, only, known, frame, holds=holds)
        case Call(procedure=Variable(name="contains" | "match" as name), arguments=(subject, Regex() as pattern)) if (
            frame.lookup(name) is None and holds and _NUMBER.fullmatch(run.text[pattern.start : pattern.end])
        ):
            return change(run, subject, known, frame, _numeric)
        case Call() | Path() | Variable():
            return _truth(run, node, known, frame, holds=holds)
        case _:
            return known


def _truth(run: Inferrer, node: Tree, known: Facts, frame: Frame, *, holds: bool) -> Facts | None:
    """What is known if the value of `node` counts as true, or as false."""
    if not holds:
        return change(run, node, known, frame, falsy)
    found = change(run, node, known, frame, truthy)
    return None if found is None else shown(run, node, found, frame, NOT_ZERO)


def operands(node: Binary) -> list[Tree]:
    """The operands of a chain of `and`, or of `or`, from left to right. A loop, not recursion: chains may be long."""
    found = [node.right]
    left = node.left
    while isinstance(left, Binary) and left.operator == node.operator and _is_bare(left):
        found.append(left.right)
        left = left.left
    return [left, *reversed(found)]


def _is_bare(node: Tree) -> bool:
    return not node.predicates and node.group is None and not node.keep_array


def _all(run: Inferrer, parts: list[Tree], known: Facts, frame: Frame, *, holds: bool) -> Facts | None:
    """Operands of an `and` that is true, or of an `or` that is false: all of them have the same outcome."""
    found: Facts | None = known
    for part in parts:
        if found is not None:
            found = narrow(run, part, found, frame, holds=holds)
    return found


def _any(
    run: Inferrer, parts: list[Tree], known: Facts, frame: Frame, *, holds: bool
) -> tuple[Facts | None, Facts | None]:
    """An `or` that is true, or an `and` that is false: the first operand with this outcome decides.

    Also returns what is known if no operand has this outcome. Each operand is visited once for both results: two visits
    would double the work at each level of nesting.
    """
    found: Facts | None = None
    others: Facts | None = known
    for part in parts:
        if others is not None:
            one, others = _outcomes(run, part, others, frame, holds=holds)
            found = _either(found, one)
    return found, others


def _outcomes(
    run: Inferrer, node: Tree, known: Facts, frame: Frame, *, holds: bool
) -> tuple[Facts | None, Facts | None]:
    """`narrow` for `holds`, and for the opposite."""
    if _is_bare(node):
        match node:
            case Block(expressions=(only,)):
                return _outcomes(run, only, known, frame, holds=holds)
            case Binary(operator="and" | "or" as operator) if (operator == "and") == holds:
                other, one = _any(run, operands(node), known, frame, holds=not holds)
                return one, other
            case Binary(operator="and" | "or"):
                return _any(run, operands(node), known, frame, holds=holds)
            case Call(procedure=Variable(name="boolean" as name), arguments=(only,)) if frame.lookup(name) is None:
                return _outcomes(run, only, known, frame, holds=holds)
            case Call(procedure=Variable(name="not" as name), arguments=(only,)) if frame.lookup(name) is None:
                true, false = _outcomes(run, only, known, frame, holds=True)
                denied = None if false is None else change(run, only, false, frame, present)
                other = known if typed(run, only, known, frame).may_be_absent else true
                return (denied, other) if holds else (other, denied)
    return (narrow(run, node, known, frame, holds=holds), narrow(run, node, known, frame, holds=not holds))


def _either(first: Facts | None, second: Facts | None) -> Facts | None:
    """What is known if one of two sets of facts holds."""
    if first is None or second is None:
        return first or second
    names = first.variables.keys() & second.variables.keys()
    return Facts(
        union(first.context, second.context),
        {name: union(first.variables[name], second.variables[name]) for name in names},
        {text: union(first.here[text], second.here[text]) for text in first.here.keys() & second.here.keys()},
    )


_DIGITS = r"(?:\[0-9\]|\\d)"
_NUMBER = re.compile(rf"/\^(?:-\??)?{_DIGITS}\+(?:\((?:\?:)?(?:\[\.\]|\\\.){_DIGITS}\+\)\??)?\$/")
"""Regular expressions that match only numeric strings: `/^[0-9]+$/`, `/^-?[0-9]+([.][0-9]+)?$/`."""


def _numeric(type_: Type) -> Type:
    type_ = expand(type_)
    texts = type_.atoms & (TEXT | ANY) or type_.formats
    return Type(literals=type_.literals, formats=frozenset({NUMERIC} if texts else ()))


def _called(run: Inferrer, name: str, argument: Tree, known: Facts, frame: Frame, *, holds: bool) -> Facts | None:
    match name:
        case "exists":
            return change(run, argument, known, frame, present if holds else only_absent)
        case "boolean":
            return narrow(run, argument, known, frame, holds=holds)
        case "not" if holds:
            # Neither true nor undefined: `$not` of undefined is undefined.
            fallen = narrow(run, argument, known, frame, holds=False)
            return None if fallen is None else change(run, argument, fallen, frame, present)
        case "not" if not typed(run, argument, known, frame).may_be_absent:
            return narrow(run, argument, known, frame, holds=True)
        case _:
            return known


def _compared(run: Inferrer, node: Binary, known: Facts, frame: Frame, *, holds: bool) -> Facts | None:
    operator = node.operator
    known = _sign_of(run, node, known, frame, holds=holds)
    counted = _count(node, frame)
    if counted is not None:
        argument, sign, limit = counted
        return change(run, argument, known, frame, _counted(sign if holds else _OPPOSITE[sign], limit))
    if operator in ("=", "!="):
        return _equality(run, node, known, frame, equal=(operator == "=") == holds, holds=holds)
    if operator in _MIRRORED:
        if not holds:
            return known
        for side in (node.left, node.right):
            changed = change(run, side, known, frame, _comparable)
            if changed is None:
                return None
            known = changed
        return known
    if operator == "in":
        return _membership(run, node, known, frame, holds=holds)
    return known


_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _sign_of(run: Inferrer, node: Binary, known: Facts, frame: Frame, *, holds: bool) -> Facts:
    """Records the sign of a number that was compared with a literal."""
    operator = node.operator
    for side, other in ((node.left, node.right), (node.right, node.left)):
        if type(other) is Literal and is_number(other.value):
            sign = operator if holds else _OPPOSITE.get(operator, "")
            for about in _signs(sign, other.value):
                known = shown(run, side, known, frame, about)
        operator = _MIRRORED.get(operator, operator)
    return known


def _signs(operator: str, value: object) -> Iterator[str]:
    """What a comparison with a number implies for the sign of the other side."""
    assert isinstance(value, int | float)  # noqa: S101 - the caller checked it
    positive = (operator in (">", ">=", "=") and value > 0) or (operator == ">" and value == 0)
    negative = (operator in ("<", "<=", "=") and value < 0) or (operator == "<" and value == 0)
    if positive or negative or (operator == "!=" and value == 0):
        yield NOT_ZERO
    if positive or (operator in (">=", "=") and value == 0):
        yield NOT_NEGATIVE


def _comparable(type_: Type) -> Type:
    return meet(type_, Type(NUMBER | TEXT))


def _equality(run: Inferrer, node: Binary, known: Facts, frame: Frame, *, equal: bool, holds: bool) -> Facts | None:
    for side, other in ((node.left, node.right), (node.right, node.left)):
        if type(side) is Literal:
            continue
        against = typed(run, other, known, frame)
        if _is_type_call(side, frame):
            assert isinstance(side, Call)  # noqa: S101 - checked above
            found = _by_type(run, side.arguments[0], against, known, frame, equal=equal, holds=holds)
        else:
            found = change(run, side, known, frame, lambda t, a=against: _equal(t, a, equal=equal, holds=holds))  # type: ignore[misc]
        if found is None:
            return None
        known = found
    return known


def _equal(type_: Type, against: Type, *, equal: bool, holds: bool) -> Type:
    """`type_` if it equals a value of `against`, or if it does not; `holds` says whether the comparison is true."""
    if equal:
        same = _same(type_, present(against))
        # `x != y` is also false if one of them is undefined.
        return same if holds else union(same, only_absent(type_) if not against.may_be_absent else type_)
    if against.may_be_absent and not holds:
        return type_
    rest = _less(type_, against)
    return present(rest) if holds else rest


def _same(type_: Type, against: Type) -> Type:
    there, against = present(expand(type_)), expand(against)
    if against.atoms & ANY:
        return there
    if there.atoms & ANY:
        return replace(against, parts=()) if not against.parts else there
    if _is_empty_array(against):
        return of_length(Type(parts=tuple(there.arrays)), 0, 0)
    kept = meet(replace(there, parts=()), replace(against, parts=()))
    kinds = {type(part) for part in against.parts}
    return union(kept, Type(parts=tuple(part for part in there.parts if type(part) in kinds)))


def _less(type_: Type, against: Type) -> Type:
    """`type_` without the value of `against`, if `against` has exactly one value."""
    if _is_empty_array(against):
        type_ = expand(type_)
        rest = tuple(part for part in type_.parts if type(part) is not Array)
        return union(replace(type_, parts=rest), of_length(Type(parts=tuple(type_.arrays)), 1, None))
    if against.parts or against.formats or against.atoms & ~(NULL | BOOLEAN):
        return type_
    if len(against.literals) + against.atoms.bit_count() != 1:
        return type_
    return without(type_, against.atoms, against.literals)


def _is_empty_array(type_: Type) -> bool:
    """Whether the only value of a type is `[]`."""
    return type_ == replace(NEVER, parts=type_.parts) and [array.most for array in type_.arrays] == [0]


def _is_type_call(node: Tree, frame: Frame) -> bool:
    match node:
        case Call(procedure=Variable(name="type"), arguments=(_,)):
            return frame.lookup("type") is None
        case _:
            return False


def _by_type(
    run: Inferrer, argument: Tree, against: Type, known: Facts, frame: Frame, *, equal: bool, holds: bool
) -> Facts | None:
    names = {value for value in against.literals if isinstance(value, str)}
    if len(names) != 1 or against.atoms & ~ABSENT or against.parts or against.formats:
        return known
    name = names.pop()
    if equal and holds:
        return change(run, argument, known, frame, lambda type_: of_type(type_, name))
    if equal:
        return change(run, argument, known, frame, lambda type_: union(of_type(type_, name), only_absent(type_)))
    rest = (lambda type_: present(not_of_type(type_, name))) if holds else (lambda type_: not_of_type(type_, name))
    return change(run, argument, known, frame, rest)


def _membership(run: Inferrer, node: Binary, known: Facts, frame: Frame, *, holds: bool) -> Facts | None:
    if type(node.left) is Literal:
        return known
    within = typed(run, node.right, known, frame)
    if within.atoms & ANY:
        return change(run, node.left, known, frame, present) if holds else known
    if holds:
        found = _key(run, node, known, frame)
        if found is None:
            return None
        known = found
        items = present(flattened(within)[0])
        known_ = change(run, node.left, known, frame, lambda type_: _same(type_, items))
        return None if known_ is None else change(run, node.right, known_, frame, present)
    if not isinstance(node.right, ArrayConstructor) or not all(type(item) is Literal for item in node.right.items):
        return known
    result: Facts | None = known
    for item in node.right.items:
        assert isinstance(item, Literal)  # noqa: S101 - checked above
        one = typed(run, item, known, frame)
        if result is not None:
            result = change(run, node.left, result, frame, lambda type_, one=one: _less(type_, one))  # type: ignore[misc]
    return result


def _key(run: Inferrer, node: Binary, known: Facts, frame: Frame) -> Facts | None:
    """`key in $keys(x)`: `$lookup(x, key)` is defined."""
    match node.right:
        case Call(procedure=Variable(name="keys") as keys, arguments=(owner,)) if frame.lookup("keys") is None:
            lookup = replace(node.right, procedure=replace(keys, name="lookup"), arguments=(owner, node.left))
            if typed(run, owner, known, frame).arrays:
                return known  # the values of the items may be empty lists, which leaves nothing
            return change(run, lookup, known, frame, present) if frame.lookup("lookup") is None else known
        case _:
            return known


def _count(node: Binary, frame: Frame) -> tuple[Tree, str, int] | None:
    """Parses `$count(x) > 0` and similar: `x`, the operator and the number, normalized to the number on the right."""
    operator = node.operator
    for side, other in ((node.left, node.right), (node.right, node.left)):
        match side, other:
            case Call(procedure=Variable(name="count"), arguments=(argument,), predicates=()), Literal(value=value):
                if isinstance(value, bool) or not isinstance(value, int) or frame.lookup("count") is not None:
                    return None
                return (argument, operator, value) if operator in _OPPOSITE else None
        operator = _MIRRORED.get(operator, operator)
    return None


def is_count(node: Binary) -> bool:
    """Whether a comparison compares a count with a number."""
    return _count(node, Frame()) is not None


def says_nothing(node: Binary) -> bool:
    """Whether a comparison with a count is true for all values, or for none: a count is not negative."""
    found = _count(node, Frame())
    if found is None:
        return False
    _, sign, limit = found
    return (limit <= 0 and sign in (">=", "<")) or (limit < 0)


def _counted(sign: str, limit: int) -> Callable[[Type], Type]:
    """Restricts a type to the values whose `$count` compares with `limit` as `sign` says."""
    least, most = {
        "=": (limit, limit),
        ">": (limit + 1, None),
        ">=": (limit, None),
        "<": (0, limit - 1),
        "<=": (0, limit),
    }.get(sign, (0, None))
    if sign == "!=":
        return lambda type_: _of_other_length(type_, limit)
    return lambda type_: of_length(type_, max(0, least), most)


def _of_other_length(type_: Type, limit: int) -> Type:
    type_ = expand(type_)
    if limit <= 0:
        return of_length(type_, 1 + limit, None) if limit == 0 else type_
    below, above = of_length(type_, 0, limit - 1), of_length(type_, limit + 1, None)
    return union(below, above)


_OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
