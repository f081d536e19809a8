"""Conditions, and what one that holds, or does not, says of the values that it looks at."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from flowgen.jsonata.inference.frame import Frame
from flowgen.jsonata.inference.run import Run, collapse
from flowgen.jsonata.inference.same_value import NOT_ZERO, SameValue, first_steps
from flowgen.jsonata.inference.values import can_be_false, can_be_true, falsy, flattened, truthy
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
    walk,
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
    WRAPPER,
    Array,
    Function,
    Object,
    Origin,
    covers,
    only_absent,
)


@dataclass(frozen=True, slots=True)
class Known:
    """What a condition has shown: about the context, about variables, and about other expressions.

    `variables` also has facts that hold in any context, under their keys; `here` has those that depend on the context,
    under the text of the expression.
    """

    context: Type
    variables: dict[str, Type]
    here: dict[str, Type] = field(default_factory=dict)


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
        inside = enter(run, known, context, frame)
        given = run.evaluate(branch, inside, frame)
        results.append(given if ends_in_tail_call(branch) else collapse(given))
        after.append(frame.bindings)
        frame.restore(before)
    if after:
        frame.bindings = dict(after[0])
        for other in after[1:]:
            frame.join(other)
    return union(*results)


def enter(run: Run, known: Known, context: Type, frame: Frame) -> Type:
    """Puts what is known into `frame`; the context to go on with where it was `context` before."""
    frame.narrowed.update(known.variables)
    before = f"@{id(context)}"
    about = frame.facts(before) if run.facts else {}
    if not known.here and not about:
        return known.context
    # A type of its own: facts about the context are found by its identity.
    fresh = context if known.context is run.top else run.entered(known.context)
    after = f"@{id(fresh)}"
    frame.narrowed.update({after + key.removeprefix(before): fact for key, fact in about.items()})
    frame.narrowed.update({after + text: fact for text, fact in known.here.items()})
    run.facts.update(frame.narrowed)
    return fresh


def refined_by_facts(run: Run, node: Tree, type_: Type, context: Type, frame: Frame) -> Type:
    """The type of an expression, with what conditions have shown about an equal one."""
    same = run.same(node)
    if same is None or (key := same.key(context)) not in run.facts:
        return type_
    fact = frame.fact(key)
    return type_ if fact is None else restricted(type_, fact)


def restricted(type_: Type, fact: Type) -> Type:
    """What of `type_` is also of `fact`, the type of an equal expression."""
    if fact.atoms & ANY or type_.functions:
        return type_ if fact.may_be_absent else present(type_)
    return fact if covers(type_, fact) else meet(type_, fact)


def narrowed_item(run: Run, predicate: Tree, item: Type, frame: Frame) -> Type:
    """What an item is when a predicate holds for it."""
    known = narrow(run, predicate, Known(item, {}), frame, holds=True)
    return NEVER if known is None else known.context


def narrow(run: Run, node: Tree, known: Known, frame: Frame, *, holds: bool) -> Known | None:
    """What is known where `node` counts as true, or where it does not; None if that can't be."""
    if node.predicates or node.group is not None or node.keep_array:
        return _truth(run, node, known, frame, holds=holds)
    match node:
        case Block(expressions=(only,)):
            return narrow(run, only, known, frame, holds=holds)
        case Binary(operator="and" | "or" as operator, left=left, right=right):
            return _both(run, left, right, known, frame, holds=holds, at_once=(operator == "and") == holds)
        case Binary():
            return _compared(run, node, known, frame, holds=holds)
        case Call(procedure=Variable(name="exists" | "boolean" | "not" as name), arguments=(only,)) if (
            frame.lookup(name) is None
        ):
            return _called(run, name, only, known, frame, holds=holds)
        case Call(procedure=Variable(name="contains" | "match" as name), arguments=(subject, Regex() as pattern)) if (
            frame.lookup(name) is None and holds and _NUMBER.fullmatch(run.text[pattern.start : pattern.end])
        ):
            return _change(run, subject, known, frame, _numeric)
        case Call() | Path() | Variable():
            return _truth(run, node, known, frame, holds=holds)
        case _:
            return known


def _truth(run: Run, node: Tree, known: Known, frame: Frame, *, holds: bool) -> Known | None:
    """What is known where the value of `node` counts as true, or as false."""
    if not holds:
        return _change(run, node, known, frame, falsy)
    found = _change(run, node, known, frame, truthy)
    return None if found is None else _not_zero(run, node, found, frame)


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
        {text: union(first.here[text], second.here[text]) for text in first.here.keys() & second.here.keys()},
    )


_PASSING = (
    "abs ceil contains floor formatBase formatInteger formatNumber fromMillis length lowercase match number pad "
    "parseInteger power replace round split sqrt substring substringAfter substringBefore toMillis trim uppercase"
)
_PASS_NOTHING_ON = frozenset(_PASSING.split())
"""Functions that give nothing where their first argument is nothing."""


def _passed_on(run: Run, node: Tree, known: Known, frame: Frame) -> Known | None:
    """What is known where a call returns something: its first argument is there, too."""
    match node:
        case Call(procedure=Variable(name=name), arguments=(first, *_), predicates=(), group=None) if (
            name in _PASS_NOTHING_ON and frame.lookup(name) is None
        ):
            return _change(run, first, known, frame, present)
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
            return _change(run, argument, known, frame, present if holds else only_absent)
        case "boolean":
            return narrow(run, argument, known, frame, holds=holds)
        case "not" if holds:
            # Not true, and not nothing either: `$not` of nothing is nothing.
            fallen = narrow(run, argument, known, frame, holds=False)
            return None if fallen is None else _change(run, argument, fallen, frame, present)
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


def _change(run: Run, node: Tree, known: Known, frame: Frame, change: Callable[[Type], Type]) -> Known | None:
    """What is known where `change` leaves the value of `node`; None if it leaves none.

    Variables and their fields are refined themselves. Of any other expression it is kept what its value is, for where
    the same expression is written again; so it is of fields whose owner is `any` or a list.
    """
    found = access(node)
    if found is not None:
        root, path = found
        before = known.context if root == "" else known.variables.get(root) or frame.lookup(root)
        if before is None:
            return known
        if any(array.kind == WRAPPER for array in before.arrays):
            return _remember(run, node, known, frame, change)
        after = refine(before, path, change)
        if after.is_never:
            return None
        if after is not before:
            changed = {"context": after} if root == "" else {"variables": {**known.variables, root: after}}
            known = replace(known, **changed)
            if not path or not _is_vague(before, path[:-1]):
                return known
    return _remember(run, node, known, frame, change)


def _is_vague(type_: Type, path: tuple[str, ...]) -> bool:
    """Whether what is at `path` is `any` or a list, of which `refine` says nothing."""
    type_ = expand(type_)
    if type_.atoms & ANY or type_.arrays:
        return True
    return bool(path) and any(_is_vague(one.get(path[0]), path[1:]) for one in type_.objects)


def _remember(run: Run, node: Tree, known: Known, frame: Frame, change: Callable[[Type], Type]) -> Known | None:
    same = run.same(node)
    if same is None or _calls_functions_of_its_own(node, frame):
        return known
    before = _typed(run, node, known, frame)
    after = change(before)
    if after.is_never and not before.is_never:
        return None
    if before.may_be_absent and not after.may_be_absent:
        there = _are_there(run, node, known, frame)
        if there is None:
            return None
        known = there
    return known if after == before else _with_fact(run, known, same, after)


def _with_fact(run: Run, known: Known, same: SameValue, fact: Type, about: str = "") -> Known:
    """`known`, and a fact about an expression; `about` says what of it, if it is not its type."""
    if same.local:
        return replace(known, here={**known.here, same.text + about: fact})
    key = same.key(None) + about
    run.facts.add(key)
    return replace(known, variables={**known.variables, key: fact})


def _calls_functions_of_its_own(node: Tree, frame: Frame) -> bool:
    """Whether a variable in an expression holds a function, which may read variables that change."""
    found = (frame.lookup(one.name) for one in walk(node) if isinstance(one, Variable) and one.name)
    return any(type_ is not None and type_.functions for type_ in found)


def _are_there(run: Run, node: Tree, known: Known, frame: Frame) -> Known | None:
    """What is known where an expression has a value: the first steps of a path, and what a function passes on."""
    if not isinstance(node, Path):
        return _passed_on(run, node, known, frame)
    for same in first_steps(node):
        if same is not None:
            known = _with_fact(run, known, same, ANY_TYPE)
    root = node.steps[0].node
    names: list[str] = []
    if isinstance(root, Variable) and not root.predicates and not node.steps[0].stages:
        for step in node.steps[1:]:
            if type(step.node) is not Name or step.tuples:
                break
            names.append(step.node.name)
            if step.node.predicates or step.stages:
                break
    before = known.variables.get(root.name) or frame.lookup(root.name) if isinstance(root, Variable) else None
    if before is None or not isinstance(root, Variable):
        return known
    after = refine(before, names, present)
    return None if after.is_never else replace(known, variables={**known.variables, root.name: after})


def _typed(run: Run, node: Tree, known: Known, frame: Frame) -> Type:
    """The type of one side of a comparison, with what is known by now."""
    if type(node) is Literal:
        from flowgen.types import literal

        return literal(node.value)
    inner = Frame(frame)
    context = enter(run, known, known.context, inner)
    with run.silently():
        return expand(run.evaluate(node, context, inner))


def _compared(run: Run, node: Binary, known: Known, frame: Frame, *, holds: bool) -> Known | None:
    operator = node.operator
    known = _without_zero(run, node, known, frame, holds=holds)
    counted = _count(node, frame, holds=holds)
    if counted is not None:
        argument, least, most = counted
        if most is not None and most < least:
            return None
        return _change(run, argument, known, frame, lambda type_: _of_length(type_, least, most))
    if operator in ("=", "!="):
        return _equality(run, node, known, frame, equal=(operator == "=") == holds, holds=holds)
    if operator in _MIRRORED:
        if not holds:
            return known
        for side in (node.left, node.right):
            changed = _change(run, side, known, frame, _comparable)
            if changed is None:
                return None
            known = changed
        return known
    if operator == "in":
        return _membership(run, node, known, frame, holds=holds)
    return known


_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _without_zero(run: Run, node: Binary, known: Known, frame: Frame, *, holds: bool) -> Known:
    """Keeps that a number is not 0, where it was compared with a literal."""
    operator = node.operator
    for side, other in ((node.left, node.right), (node.right, node.left)):
        if type(other) is Literal and _excludes_zero(operator, other.value, holds=holds):
            return _not_zero(run, side, known, frame)
        operator = _MIRRORED.get(operator, operator)
    return known


def _not_zero(run: Run, node: Tree, known: Known, frame: Frame) -> Known:
    same = run.same(node)
    if same is None or type(node) is Literal or _calls_functions_of_its_own(node, frame):
        return known
    return _with_fact(run, known, same, ANY_TYPE, NOT_ZERO)


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
        if type(side) is Literal:
            continue
        against = _typed(run, other, known, frame)
        if _is_type_call(side, frame):
            assert isinstance(side, Call)  # noqa: S101 - just looked at
            found = _by_type(run, side.arguments[0], against, known, frame, equal=equal, holds=holds)
        else:
            found = _change(run, side, known, frame, lambda t, a=against: _equal(t, a, equal=equal, holds=holds))  # type: ignore[misc]
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
    there, against = present(expand(type_)), expand(against)
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


def _by_type(
    run: Run, argument: Tree, against: Type, known: Known, frame: Frame, *, equal: bool, holds: bool
) -> Known | None:
    names = {value for value in against.literals if isinstance(value, str)}
    if len(names) != 1 or against.atoms & ~ABSENT or against.parts or against.formats:
        return known
    name = names.pop()
    if equal and holds:
        return _change(run, argument, known, frame, lambda type_: of_type(type_, name))
    if equal:
        return _change(run, argument, known, frame, lambda type_: union(of_type(type_, name), only_absent(type_)))
    rest = (lambda type_: present(not_of_type(type_, name))) if holds else (lambda type_: not_of_type(type_, name))
    return _change(run, argument, known, frame, rest)


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
    if type(node.left) is Literal:
        return known
    within = _typed(run, node.right, known, frame)
    if within.atoms & ANY:
        return _change(run, node.left, known, frame, present) if holds else known
    if holds:
        items = present(flattened(within)[0])
        known_ = _change(run, node.left, known, frame, lambda type_: _same(type_, items))
        return None if known_ is None else _change(run, node.right, known_, frame, present)
    if not isinstance(node.right, ArrayConstructor) or not all(type(item) is Literal for item in node.right.items):
        return known
    result: Known | None = known
    for item in node.right.items:
        assert isinstance(item, Literal)  # noqa: S101 - just looked at
        one = _typed(run, item, known, frame)
        if result is not None:
            result = _change(run, node.left, result, frame, lambda type_, one=one: _less(type_, one))  # type: ignore[misc]
    return result


def _count(node: Binary, frame: Frame, *, holds: bool) -> tuple[Tree, int, int | None] | None:
    """`$count(x) > 0` and the like: `x`, and how many items it then has, at least and at most."""
    operator = node.operator
    for side, other in ((node.left, node.right), (node.right, node.left)):
        match side, other:
            case Call(procedure=Variable(name="count"), arguments=(argument,), predicates=()), Literal(value=value):
                if isinstance(value, bool) or not isinstance(value, int) or frame.lookup("count") is not None:
                    return None
                bounds = _bounds(operator, value, holds=holds)
                return None if bounds is None else (argument, *bounds)
        operator = _MIRRORED.get(operator, operator)
    return None


def _bounds(operator: str, limit: int, *, holds: bool) -> tuple[int, int | None] | None:
    """The least and the most number for which the comparison with `limit` holds, or does not."""
    if not holds:
        operator = _OPPOSITE.get(operator, "")
    match operator:
        case "=":
            return max(0, limit), limit
        case ">":
            return max(0, limit + 1), None
        case ">=":
            return max(0, limit), None
        case "<":
            return 0, limit - 1
        case "<=":
            return 0, limit
        case "!=" if limit == 0:
            return 1, None
        case _:
            return None


_OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def _of_length(type_: Type, least: int, most: int | None) -> Type:
    """What of `type_` `$count` finds that many items in: a single value is one, nothing is none."""
    type_ = expand(type_)
    if type_.atoms & ANY:
        return type_ if least == 0 else present(type_)
    parts = [part for part in type_.parts if type(part) is not Array]
    alone = least <= 1 and (most is None or most >= 1)
    kept = replace(type_, parts=tuple(parts)) if alone else only_absent(type_)
    kept = present(kept) if least > 0 else kept
    arrays = tuple(clipped for array in type_.arrays if (clipped := _clipped(array, least, most)) is not None)
    return union(kept, Type(parts=arrays)) if arrays else kept


def _clipped(array: Array, least: int, most: int | None) -> Array | None:
    least = max(array.least, least)
    if most is None or (array.most is not None and array.most < most):
        most = array.most
    if most is not None and most < least:
        return None
    prefix = array.prefix if most is None else array.prefix[:most]
    rest = NEVER if most is not None and most <= len(prefix) else array.rest
    return replace(array, prefix=prefix, rest=rest, least=least, most=most)
