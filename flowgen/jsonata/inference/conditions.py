"""Conditions, and what one that holds, or does not, says of the values that it looks at."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from flowgen.jsonata.inference.frame import Frame
from flowgen.jsonata.inference.run import Run, collapse
from flowgen.jsonata.inference.values import can_be_false, can_be_true, falsy, scalars, truthy
from flowgen.jsonata.inference.ways import before_index, not_zero, ways
from flowgen.jsonata.tree import (
    ArrayConstructor,
    Binary,
    Block,
    Call,
    Condition,
    Literal,
    Name,
    Path,
    Regex,
    Tree,
    Variable,
    ends_in_tail_call,
)
from flowgen.types import NEVER, Type, expand, meet, optional, present, refine, union, without
from flowgen.types.algebra import (
    ABSENT,
    ANY,
    ANY_TYPE,
    BOOLEAN,
    NULL,
    NUMBER,
    NUMERIC,
    TEXT,
    Array,
    Function,
    Object,
    Origin,
    only_absent,
)


@dataclass(frozen=True, slots=True)
class Known:
    """The context, and the variables of which more is known than their frame says."""

    context: Type
    variables: dict[str, Type]


def infer_condition(run: Run, node: Condition, context: Type, frame: Frame) -> Type:
    condition = run.evaluate(node.condition, context, frame)
    before = frame.save()
    results: list[Type] = []
    after: list[dict[str, Type]] = []
    for holds, branch in ((True, node.then), (False, node.otherwise)):
        if not (can_be_true(condition) if holds else can_be_false(condition)):
            continue
        known = narrow(run, node.condition, Known(context, {}), frame, holds=holds)
        if known is None:
            continue
        if branch is None:
            why = Origin("a `?` without `:` gives nothing where its condition is false", node.start, node.end)
            results.append(optional(NEVER, why))
            after.append(before[0])
            continue
        frame.narrowed.update(known.variables)
        given = run.evaluate(branch, known.context, frame)
        results.append(given if ends_in_tail_call(branch) else collapse(given))
        after.append(frame.bindings)
        frame.restore(before)
    if after:
        frame.bindings = dict(after[0])
        for other in after[1:]:
            frame.join(other)
    return union(*results)


def narrowed_item(run: Run, predicate: Tree, item: Type, frame: Frame) -> Type:
    """What an item is when a predicate holds for it."""
    known = narrow(run, predicate, Known(item, {}), frame, holds=True)
    return NEVER if known is None else known.context


def narrow(run: Run, node: Tree, known: Known, frame: Frame, *, holds: bool) -> Known | None:
    """What is known where `node` counts as true, or where it does not; None if that can't be."""
    if node.predicates or node.group is not None or node.keep_array:
        return known
    match node:
        case Block(expressions=(only,)):
            return narrow(run, only, known, frame, holds=holds)
        case Binary(operator="and" | "or" as operator, left=left, right=right):
            return _both(run, left, right, known, frame, holds=holds, at_once=(operator == "and") == holds)
        case Binary():
            return _compared(run, node, known, frame, holds=holds)
        case Call(procedure=Variable(name=name), arguments=(only,)) if frame.lookup(name) is None:
            return _called(run, name, only, known, frame, holds=holds)
        case Call(procedure=Variable(name="contains" | "match" as name), arguments=(subject, Regex() as pattern)) if (
            frame.lookup(name) is None and holds and _NUMBER.fullmatch(run.text[pattern.start : pattern.end])
        ):
            return _change(subject, known, frame, _numeric)
        case Call() if holds:
            return _passed_on(node, known, frame)
        case Path() | Variable():
            return _change(node, known, frame, truthy if holds else falsy)
        case _:
            return known


def _both(run: Run, left: Tree, right: Tree, known: Known, frame: Frame, *, holds: bool, at_once: bool) -> Known | None:
    """`and` that holds, or `or` that does not (`at_once`): both sides say something. Else one or the other does."""
    first = narrow(run, left, known, frame, holds=holds)
    if at_once:
        return None if first is None else narrow(run, right, first, frame, holds=holds)
    other = narrow(run, left, known, frame, holds=not holds)
    second = None if other is None else narrow(run, right, other, frame, holds=holds)
    if first is None or second is None:
        return first or second
    names = first.variables.keys() & second.variables.keys()
    return Known(
        union(first.context, second.context),
        {name: union(first.variables[name], second.variables[name]) for name in names},
    )


_PASSING = (
    "abs ceil contains floor formatBase formatInteger formatNumber fromMillis length lowercase match number pad "
    "parseInteger power replace round split sqrt substring substringAfter substringBefore toMillis trim uppercase"
)
_PASS_NOTHING_ON = frozenset(_PASSING.split())
"""Functions that give nothing where their first argument is nothing."""


def _passed_on(node: Tree, known: Known, frame: Frame) -> Known | None:
    """What is known where a call gives something: its first argument is there, too."""
    match node:
        case Call(procedure=Variable(name=name), arguments=(first, *_), predicates=(), group=None) if (
            name in _PASS_NOTHING_ON and frame.lookup(name) is None
        ):
            inner = _passed_on(first, known, frame)
            return None if inner is None else _change(first, inner, frame, present)
        case _:
            return known


_DIGITS = r"(?:\[0-9\]|\\d)"
_NUMBER = re.compile(rf"/\^(?:-\??)?{_DIGITS}\+(?:\((?:\?:)?(?:\[\.\]|\\\.){_DIGITS}\+\)\??)?\$/")
"""Regular expressions that only texts match which are numbers: `/^[0-9]+$/`, `/^-?[0-9]+([.][0-9]+)?$/`."""


def _numeric(type_: Type) -> Type:
    type_ = expand(type_)
    texts = type_.atoms & (TEXT | ANY) or type_.formats
    return Type(literals=type_.literals, formats=frozenset({NUMERIC} if texts else ()))


def _called(run: Run, name: str, argument: Tree, known: Known, frame: Frame, *, holds: bool) -> Known | None:
    match name:
        case "exists":
            if holds:
                known = _on_the_way(argument, known, frame)
            return _change(argument, known, frame, present if holds else only_absent)
        case "boolean":
            return narrow(run, argument, known, frame, holds=holds)
        case "not" if holds:
            # Not true, and not nothing either: `$not` of nothing is nothing.
            fallen = narrow(run, argument, known, frame, holds=False)
            return None if fallen is None else _change(argument, fallen, frame, present)
        case "not" if not _typed(run, argument, known, frame).may_be_absent:
            return narrow(run, argument, known, frame, holds=True)
        case _:
            return known


def access(node: Tree) -> tuple[str, tuple[str, ...]] | None:
    """The variable ("" for the context) and the names after it, where `node` is just that."""
    if node.predicates or node.group is not None or node.keep_array:
        return None
    match node:
        case Variable(name=name):
            return name, ()
        case Block(expressions=(only,)):
            return access(only)
        case Path(steps=steps, tuples=False, keep_single=False):
            names = []
            for index, step in enumerate(steps):
                inner = step.node
                if step.stages or step.tuples or step.focus or step.index or inner.predicates or inner.keep_array:
                    return None
                if index == 0 and type(inner) is Variable:
                    continue
                if type(inner) is not Name:
                    return None
                names.append(inner.name)
            first = steps[0].node
            return (first.name if type(first) is Variable else ""), tuple(names)
        case _:
            return None


def _change(node: Tree, known: Known, frame: Frame, change: Callable[[Type], Type]) -> Known | None:
    found = access(node)
    if found is None:
        return known
    root, path = found
    if root == "":
        context = refine(known.context, path, change)
        return None if context.is_never else Known(context, known.variables)
    before = known.variables.get(root) or frame.lookup(root)
    if before is None:
        return known
    after = refine(before, path, change)
    return None if after.is_never else Known(known.context, {**known.variables, root: after})


def _typed(run: Run, node: Tree, known: Known, frame: Frame) -> Type:
    """The type of one side of a comparison, with what is known by now."""
    if type(node) is Literal:
        from flowgen.types import literal

        return literal(node.value)
    inner = Frame(frame)
    inner.narrowed = dict(known.variables)
    with run.silently():
        return expand(run.evaluate(node, known.context, inner))


def _compared(run: Run, node: Binary, known: Known, frame: Frame, *, holds: bool) -> Known | None:
    operator = node.operator
    known = _without_zero(node, known, holds=holds)
    if operator in ("=", "!="):
        return _equality(run, node, known, frame, equal=(operator == "=") == holds, holds=holds)
    if operator in ("<", "<=", ">", ">="):
        counted = _count(node, known, frame, holds=holds)
        if counted is not None or not holds:
            return counted or known
        for side in (node.left, node.right):
            passed = _passed_on(side, known, frame)
            changed = None if passed is None else _change(side, passed, frame, _comparable)
            if changed is None:
                return None
            known = changed
        return known
    if operator == "in":
        return _membership(run, node, known, frame, holds=holds)
    return known


_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _without_zero(node: Binary, known: Known, *, holds: bool) -> Known:
    """Keeps of a number that is compared with one that stands there that it is not 0."""
    operator = node.operator
    for side, other in ((node.left, node.right), (node.right, node.left)):
        found = access(side)
        if (
            found is not None
            and found[0]
            and type(other) is Literal
            and _excludes_zero(operator, other.value, holds=holds)
        ):
            return Known(known.context, {**known.variables, not_zero(*found): ANY_TYPE})
        operator = _MIRRORED.get(operator, operator)
    return known


def _excludes_zero(operator: str, value: object, *, holds: bool) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    match operator:
        case "=":
            return value == 0 if not holds else value != 0
        case "!=":
            return holds and value == 0
        case ">":
            return holds and value >= 0
        case ">=":
            return holds and value > 0
        case "<":
            return holds and value <= 0
        case "<=":
            return holds and value < 0
        case _:
            return False


def _comparable(type_: Type) -> Type:
    return meet(type_, Type(NUMBER | TEXT))


def _equality(run: Run, node: Binary, known: Known, frame: Frame, *, equal: bool, holds: bool) -> Known | None:
    for side, other in ((node.left, node.right), (node.right, node.left)):
        if equal and holds:
            passed = _passed_on(side, known, frame)
            if passed is None:
                return None
            known = passed
        if access(side) is None and not _is_type_call(side, frame):
            continue
        against = _typed(run, other, known, frame)
        if _is_type_call(side, frame):
            assert isinstance(side, Call)  # noqa: S101 - just looked at
            found = _by_type(side.arguments[0], against, known, frame, equal=equal, holds=holds)
        else:
            found = _change(side, known, frame, lambda type_, a=against: _equal(type_, a, equal=equal, holds=holds))  # type: ignore[misc]
        if found is None:
            return None
        known = found
    return known


def _equal(type_: Type, against: Type, *, equal: bool, holds: bool) -> Type:
    """`type_` where it is equal to a value of `against`, or not; `holds` says that the comparison was true."""
    if equal:
        same = _same(type_, present(against))
        # `x != y` is false also where one of them is nothing.
        return same if holds else union(same, only_absent(type_) if not against.may_be_absent else type_)
    if against.may_be_absent and not holds:
        return type_
    rest = _less(type_, against)
    return present(rest) if holds else rest


def _same(type_: Type, against: Type) -> Type:
    there = present(expand(type_))
    if against.atoms & ANY:
        return there
    if there.atoms & ANY:
        return replace(against, parts=()) if not against.parts else there
    kept = meet(replace(there, parts=()), replace(against, parts=()))
    kinds = {type(part) for part in against.parts}
    return union(kept, Type(parts=tuple(part for part in there.parts if type(part) in kinds)))


def _less(type_: Type, against: Type) -> Type:
    """`type_` without the one value that `against` is, if it is just one."""
    if against.parts or against.formats or against.atoms & ~(NULL | BOOLEAN):
        return type_
    if len(against.literals) + against.atoms.bit_count() != 1:
        return type_
    return without(type_, against.atoms, against.literals)


def _is_type_call(node: Tree, frame: Frame) -> bool:
    match node:
        case Call(procedure=Variable(name="type"), arguments=(_,)):
            return frame.lookup("type") is None
        case _:
            return False


def _by_type(argument: Tree, against: Type, known: Known, frame: Frame, *, equal: bool, holds: bool) -> Known | None:
    names = {value for value in against.literals if isinstance(value, str)}
    if len(names) != 1 or against.atoms & ~ABSENT or against.parts or against.formats:
        return known
    name = names.pop()
    if equal and holds:
        return _change(argument, known, frame, lambda type_: of_type(type_, name))
    if equal:
        return _change(argument, known, frame, lambda type_: union(of_type(type_, name), only_absent(type_)))
    rest = (lambda type_: present(not_of_type(type_, name))) if holds else (lambda type_: not_of_type(type_, name))
    return _change(argument, known, frame, rest)


def _on_the_way(node: Tree, known: Known, frame: Frame) -> Known:
    """What is known where there is something at the end of a path through items of lists: all on its way is there."""
    keys = ways(node)
    if not keys:
        return known
    name, names = before_index(node)
    variables = {**known.variables, **dict.fromkeys(keys, ANY_TYPE)}
    before = variables.get(name) or frame.lookup(name)
    if before is not None:
        variables[name] = refine(before, names, present)
    return Known(known.context, variables)


_ATOMS = {"null": NULL, "boolean": BOOLEAN, "number": NUMBER, "string": TEXT}
_PARTS: dict[str, type] = {"array": Array, "object": Object, "function": Function}


def of_type(type_: Type, name: str) -> Type:
    """What of `type_` `$type` calls `name`."""
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
    """What of `type_` `$type` does not call `name`."""
    type_ = expand(type_)
    if type_.atoms & ANY:
        return type_
    literals = frozenset(
        value for value in type_.literals if name != ("string" if isinstance(value, str) else "number")
    )
    parts = tuple(part for part in type_.parts if type(part) is not _PARTS.get(name))
    formats = frozenset() if name == "string" else type_.formats
    return replace(type_, atoms=type_.atoms & ~_ATOMS.get(name, 0), literals=literals, formats=formats, parts=parts)


def _membership(run: Run, node: Binary, known: Known, frame: Frame, *, holds: bool) -> Known | None:
    if access(node.left) is None:
        return known
    within = _typed(run, node.right, known, frame)
    if within.atoms & ANY:
        return _change(node.left, known, frame, present) if holds else known
    if holds:
        items = present(union(scalars(within), *(array.item() for array in within.arrays)))
        known_ = _change(node.left, known, frame, lambda type_: _same(type_, items))
        return None if known_ is None else _change(node.right, known_, frame, present)
    if not isinstance(node.right, ArrayConstructor) or not all(type(item) is Literal for item in node.right.items):
        return known
    result: Known | None = known
    for item in node.right.items:
        assert isinstance(item, Literal)  # noqa: S101 - just looked at
        one = _typed(run, item, known, frame)
        if result is not None:
            result = _change(node.left, result, frame, lambda type_, one=one: _less(type_, one))  # type: ignore[misc]
    return result


def _count(node: Binary, known: Known, frame: Frame, *, holds: bool) -> Known | None:
    """`$count(x) > 0` and the like: how many items there are at least."""
    match node.left, node.right:
        case Call(procedure=Variable(name="count"), arguments=(argument,)), Literal(value=int(limit)):
            if frame.lookup("count") is not None or not holds or isinstance(node.right.value, bool):
                return None
            least = {">": limit + 1, ">=": limit}.get(node.operator, 0)
            return _change(argument, known, frame, lambda type_: _at_least(type_, least)) if least > 0 else None
        case _:
            return None


def _at_least(type_: Type, least: int) -> Type:
    type_ = expand(type_)
    parts = tuple(
        replace(part, least=max(part.least, least)) if type(part) is Array else part
        for part in type_.parts
        if type(part) is not Array or part.most is None or part.most >= least
    )
    if type_.atoms & ANY:
        return present(type_)
    if least > 1:
        parts = tuple(part for part in parts if type(part) is Array)
        return Type(parts=parts)
    return present(replace(type_, parts=parts))
