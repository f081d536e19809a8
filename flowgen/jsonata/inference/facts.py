"""Facts: what a condition has shown about variables, the context, and other expressions.

A fact about an expression is its type when an equal expression occurs again (`same_value`), or that it is not 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from flowgen.jsonata.inference.frame import Frame
from flowgen.jsonata.inference.inferrer import Inferrer
from flowgen.jsonata.inference.same_value import SameValue
from flowgen.jsonata.inference.values import can_be_true, flattened, is_number, may_be_index
from flowgen.jsonata.tree import (
    Block,
    Call,
    Condition,
    Index,
    Lambda,
    Literal,
    Name,
    ObjectConstructor,
    Path,
    Tree,
    Variable,
)
from flowgen.types import NOTHING_TYPE, Type, expand, literal, meet, present, refine
from flowgen.types.algebra import ANY, ANY_TYPE, CONS, PLAIN, WRAPPER, Array, covers


@dataclass(frozen=True, slots=True)
class Facts:
    """What a condition has shown: about the context, about variables, and about other expressions.

    `variables` also contains the facts that hold in any context, by key; `here` contains the facts that depend on the
    context, by the text of the expression.
    """

    context: Type
    variables: dict[str, Type]
    here: dict[str, Type] = field(default_factory=dict)


def enter(run: Inferrer, known: Facts, context: Type, frame: Frame) -> Type:
    """Adds what is known to `frame`; returns the context to continue with instead of `context`."""
    frame.narrowed.update(known.variables)
    before = f"@{id(context)}"
    about = frame.facts(before) if run.facts else {}
    if not known.here and not about:
        return known.context
    # A new type object: facts about the context are found by its id.
    facts = {key.removeprefix(before): fact for key, fact in about.items()} | known.here
    fresh = context if known.context is run.top else run.entered(known.context, facts)
    after = f"@{id(fresh)}"
    frame.narrowed.update({after + text: fact for text, fact in facts.items()})
    run.facts.update(frame.narrowed)
    return fresh


_NEVER_REMEMBERED = (Literal, Name, Lambda, Condition, ObjectConstructor)
"""Expressions for which no fact is kept: a quick test. Facts about variables are in their types."""


def refined_by_facts(run: Inferrer, node: Tree, type_: Type, context: Type, frame: Frame) -> Type:
    """The type of an expression, refined by what conditions have shown about an equal one."""
    if type(node) in _NEVER_REMEMBERED or (type(node) is Variable and not node.predicates):
        return type_
    same = run.same(node)
    if same is None or (key := same.key(context)) not in run.facts:
        return type_
    fact = frame.fact(key)
    return type_ if fact is None else restricted(type_, fact)


def restricted(type_: Type, fact: Type) -> Type:
    """The part of `type_` that is also in `fact`, the type of an equal expression."""
    if fact.atoms & ANY or type_.functions:
        return type_ if fact.may_be_absent else present(type_)
    return fact if covers(type_, fact) else meet(type_, fact)


def access(node: Tree) -> tuple[str, tuple[str, ...]] | None:
    """The variable ("" for the context) and the names after it, if `node` has this form."""
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


def change(run: Inferrer, node: Tree, known: Facts, frame: Frame, left: Callable[[Type], Type]) -> Facts | None:
    """What is known if `left` restricts the value of `node`; None if no value remains.

    Refines the types of variables and their fields. For any other expression, and for fields of `any` or of a list, it
    records a fact for later occurrences of the same expression.
    """
    found = access(node)
    if found is not None:
        root, path = found
        before = known.context if root == "" else known.variables.get(root) or frame.lookup(root)
        if before is None:
            return known
        if any(array.kind == WRAPPER for array in before.arrays):
            return _remember(run, node, known, frame, left)
        after = refine(before, path, left)
        if after.is_never:
            return None
        if after is not before:
            changed = {"context": after} if root == "" else {"variables": {**known.variables, root: after}}
            known = replace(known, **changed)
            if not path or not _is_vague(before, path[:-1]):
                return known
    return _remember(run, node, known, frame, left)


def _is_vague(type_: Type, path: tuple[str, ...]) -> bool:
    """Whether the value at `path` is `any` or a list, which `refine` cannot refine."""
    type_ = expand(type_)
    if type_.atoms & ANY or type_.arrays:
        return True
    return bool(path) and any(_is_vague(object_.get(path[0]), path[1:]) for object_ in type_.objects)


def _remember(run: Inferrer, node: Tree, known: Facts, frame: Frame, left: Callable[[Type], Type]) -> Facts | None:
    same = run.same(node)
    if same is None or _calls_functions_of_its_own(same, frame):
        return known
    before = typed(run, node, known, frame)
    after = left(before)
    if after.is_never and not before.is_never:
        return None
    if before.may_be_absent and not after.may_be_absent:
        there = _are_there(run, node, known, frame)
        if there is None:
            return None
        known = there
    return known if after == before else _with_fact(run, known, same, after)


def _with_fact(run: Inferrer, known: Facts, same: SameValue, fact: Type, about: str = "") -> Facts:
    """`known`, and a fact about an expression; `about` is the property, if it is not the type."""
    if same.local:
        return replace(known, here={**known.here, same.text + about: fact})
    key = same.key(None) + about
    run.facts.add(key)
    return replace(known, variables={**known.variables, key: fact})


def _calls_functions_of_its_own(same: SameValue, frame: Frame) -> bool:
    """Whether a variable in an expression is a function, which may read variables that change."""
    found = (frame.lookup(name) for name in same.variables)
    return any(type_ is not None and type_.functions for type_ in found)


def _are_there(run: Inferrer, node: Tree, known: Facts, frame: Frame) -> Facts | None:
    """What is known if an expression is defined: the first steps of a path are, and the argument of a function is."""
    if not isinstance(node, Path):
        return _passed_on(run, node, known, frame)
    for same in run.same_values.first_steps(node):
        if same is not None:
            known = _with_fact(run, known, same, ANY_TYPE)
    root = node.steps[0].node
    names: list[str] = []
    if isinstance(root, Variable) and not root.predicates and not node.steps[0].stages:
        for step in node.steps[1:]:
            if type(step.node) is not Name or step.tuples:
                break
            filters = (*step.node.predicates, *(stage for stage in step.stages if not isinstance(stage, Index)))
            if any(_selects_undefined(run, predicate, known, frame) for predicate in filters):
                break
            names.append(step.node.name)
            if filters or step.stages:
                break
    before = known.variables.get(root.name) or frame.lookup(root.name) if isinstance(root, Variable) else None
    if before is None or not isinstance(root, Variable):
        return known
    after = refine(before, names, present)
    return None if after.is_never else replace(known, variables={**known.variables, root.name: after})


def _selects_undefined(run: Inferrer, predicate: Tree, known: Facts, frame: Frame) -> bool:
    """Whether `x[predicate]` may be defined although `x` is not: `[true]` selects undefined, as a null."""
    if type(predicate) is Literal and is_number(predicate.value):
        return False
    verdict = typed(run, predicate, replace(known, context=NOTHING_TYPE), frame)
    return can_be_true(verdict) or may_be_index(verdict)


def typed(run: Inferrer, node: Tree, known: Facts, frame: Frame) -> Type:
    """The type of one side of a comparison, with what is known so far."""
    if type(node) is Literal:
        return literal(node.value)
    inner = Frame(frame)
    context = enter(run, known, known.context, inner)
    with run.silently():
        same = run.same(node)
        closed = same is not None and not _calls_functions_of_its_own(same, frame)
        return expand(run.remembered(node, context, inner, closed=closed))


_PASSING = (
    "abs ceil contains floor formatBase formatInteger formatNumber fromMillis length lowercase match number pad "
    "parseInteger power replace round split sqrt substring substringAfter substringBefore toMillis trim uppercase"
)
_PASS_NOTHING_ON = frozenset(_PASSING.split())
"""Functions that return undefined if their first argument is undefined."""


def _passed_on(run: Inferrer, node: Tree, known: Facts, frame: Frame) -> Facts | None:
    """What is known if a call is defined: its first argument is defined, too."""
    match node:
        case Call(procedure=Variable(name=name), arguments=(first, *_), predicates=(), group=None) if (
            name in _PASS_NOTHING_ON and frame.lookup(name) is None
        ):
            return change(run, first, known, frame, present)
        case _:
            return known


def shown(run: Inferrer, node: Tree, known: Facts, frame: Frame, about: str) -> Facts:
    """`known`, and that the value of `node` has the property `about`: not 0, or not negative."""
    same = run.same(node)
    if same is None or type(node) is Literal or _calls_functions_of_its_own(same, frame):
        return known
    return _with_fact(run, known, same, ANY_TYPE, about)


def filled(run: Inferrer, same: SameValue | None, type_: Type, context: Type, frame: Frame) -> Type:
    """`type_`, of an expression before its predicates, with what is known about its number of items.

    Its sequences have not collapsed yet, unlike those in the fact: a single item that is an array appears as that array
    in the fact.
    """
    if same is None or (key := same.key(context)) not in run.facts or (fact := frame.fact(key)) is None:
        return type_
    if fact.may_be_absent:
        return type_
    least = 0 if fact.atoms & ANY else flattened(fact)[1]
    parts = tuple(_filled(part, least) if type(part) is Array else part for part in expand(type_).parts)
    return present(replace(expand(type_), parts=parts))


def _filled(array: Array, least: int) -> Array:
    if array.kind in (PLAIN, CONS):
        return replace(array, least=max(array.least, least))
    item = expand(array.item())
    nested = bool(item.arrays or item.atoms & ANY)
    return replace(array, least=max(array.least, 1 if nested else least, 1))
