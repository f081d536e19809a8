"""Predicates: `x[0]`, `x[price > 1]`."""

from __future__ import annotations

from dataclasses import replace

from flowgen.jsonata.inference import conditions
from flowgen.jsonata.inference.doubtful import check_key
from flowgen.jsonata.inference.frame import Frame
from flowgen.jsonata.inference.inferrer import Inferrer, sequence_of
from flowgen.jsonata.inference.problems import Kind, Severity
from flowgen.jsonata.inference.values import (
    can_be_false,
    can_be_true,
    is_number,
    may_be_index,
    may_be_indices,
    scalars,
)
from flowgen.jsonata.tree import Binary, Block, Call, Index, Literal, Name, Negation, Path, Tree, Variable
from flowgen.types import NEVER, NOTHING_TYPE, Type, expand, optional, present, union
from flowgen.types.algebra import (
    ABSENT,
    ANY,
    NOTHING,
    NUMBER,
    SEQUENCE,
    UNSURE,
    Array,
    Origin,
    only_absent,
)


def is_index(predicate: Tree) -> bool:
    """Whether a predicate is a literal number."""
    return type(predicate) is Literal and is_number(predicate.value)


def filtered(run: Inferrer, predicate: Tree, type_: Type, frame: Frame) -> Type:
    """What a predicate selects: an index selects one item, any other predicate the items for which it is true."""
    type_ = expand(type_)
    check_key(run, predicate)
    if type_.atoms & ANY:
        with Perhaps(frame):
            run.evaluate(predicate, present(type_), frame)
        # `any` implies that an item exists, as for a field.
        if is_index(predicate):
            return replace(type_, atoms=type_.atoms | UNSURE)
        # A union with `any` is `any`; a list of `any` can have undefined items.
        return optional(type_) if _rejects_undefined(predicate) else sequence_of(optional(type_), 0, None)
    if isinstance(predicate, Literal) and is_index(predicate):
        return _indexed(type_, predicate.value)
    results: list[Type] = []
    bare = present(scalars(type_))
    if not bare.is_never:
        results.append(_kept_items(run, predicate, Array((bare,), NEVER, 1, 1, SEQUENCE), frame))
    if type_.atoms & ABSENT:
        results.append(_ghost(run, predicate, type_, frame))
    results.extend(_kept_items(run, predicate, array, frame) for array in type_.arrays)
    return union(*results)


class Perhaps:
    """The code inside may run or not: variables bound in it have the old or the new type."""

    def __init__(self, frame: Frame) -> None:
        self._frame, self._saved = frame, frame.save()

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        after = self._frame.bindings
        if after != self._saved[0]:
            self._frame.restore(self._saved)
            self._frame.join(after)
        else:
            self._frame.restore(self._saved)


def _indexed(type_: Type, value: object) -> Type:
    assert isinstance(value, int | float)  # noqa: S101 - the caller checked it
    index = int(value // 1)
    results = [only_absent(type_)]
    bare = present(scalars(type_))
    if not bare.is_never:
        results.append(bare if index in (0, -1) else NOTHING_TYPE)
    for array in type_.arrays:
        if index >= 0:
            item = array.at(index)
        elif array.least == array.most:
            item = array.at(array.least + index) if array.least + index >= 0 else NOTHING_TYPE
        else:
            item = array.item() if array.least >= -index else optional(array.item())
            if array.most is not None and array.most < -index:
                item = NOTHING_TYPE
        if item.atoms & NOTHING and array.unsure is not None and not present(item).is_never:
            item = replace(item, atoms=item.atoms & ~NOTHING | UNSURE, absent=array.unsure)
        elif item.atoms & NOTHING:
            why = Origin(f"item {index} may not exist")
            item = replace(item, absent=item.absent or why)
        results.append(item)
    return union(*results)


def _ghost(run: Inferrer, predicate: Tree, type_: Type, frame: Frame) -> Type:
    with run.only_failures(), Perhaps(frame):
        verdict = run.evaluate(predicate, NOTHING_TYPE, frame)
    if (can_be_true(verdict) or may_be_index(verdict)) and not verdict.is_any:
        run.tell(
            Kind.GHOST,
            Severity.WARNING,
            predicate,
            f"`[{run.source(predicate)}]` is also true for undefined, which adds a null to the result",
            "guard the filtered value with `$exists`, or test a field that every item has",
            type=type_,
        )
        # A list of indices selects it once for each index that is 0 or -1.
        most = None if any(map(may_be_indices, expand(verdict).arrays)) else 1
        return union(NOTHING_TYPE, Type(parts=(Array((), NOTHING_TYPE, 1, most, SEQUENCE),)))
    return only_absent(type_)


_COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">=", "in"})


def _rejects_undefined(node: Tree) -> bool:
    """Whether a predicate certainly does not select undefined. Read from its form: inferring twice doubles the work."""
    if node.predicates or node.group is not None or node.keep_array:
        return False
    match node:
        case Block(expressions=(only,)):
            return _rejects_undefined(only)
        case Binary(operator="and"):
            return any(map(_rejects_undefined, conditions.operands(node)))
        case Binary(operator="or"):
            return all(map(_rejects_undefined, conditions.operands(node)))
        case Binary(operator=operator, left=left, right=right) if operator in _COMPARISONS:
            return _is_field(left) or _is_field(right)
        case Call(procedure=Variable(name="exists" | "boolean"), arguments=(only,)):
            return _is_field(only)
        case _:
            return _is_field(node)


def _is_field(node: Tree) -> bool:
    """Whether an expression is undefined if the context is: the context, or a path that starts at it."""
    if node.group is not None or node.keep_array:
        return False
    match node:
        case Path(steps=(first, *_) as steps, keep_single=False):
            stages = (stage for step in steps for stage in (*step.stages, *step.node.predicates))
            return _is_field(first.node) and all(
                isinstance(stage, Index) or is_index(stage) or _rejects_undefined(stage) for stage in stages
            )
        case _ if node.predicates:
            return False
        case Name() | Variable(name=""):
            return True
        case _:
            return False


def _kept_items(run: Inferrer, predicate: Tree, array: Array, frame: Frame) -> Type:
    item = array.item()
    if array.most == 0 or item.is_never:
        return Type(parts=(Array((), NEVER, 0, 0, SEQUENCE),))
    with Perhaps(frame):
        verdict = expand(run.evaluate(predicate, item, frame))
    kept, least, most = what_is_kept(run, predicate, verdict, array, frame)
    if kept.is_never:
        return Type(parts=(Array((), NEVER, 0, 0, SEQUENCE),))
    origin = Origin(f"`[{run.source(predicate)}]` may match any number of items", predicate.start, predicate.end)
    return sequence_of(kept, least, most, origin)


def what_is_kept(
    run: Inferrer, predicate: Tree, verdict: Type, array: Array, frame: Frame
) -> tuple[Type, int, int | None]:
    item = array.item()
    numbers = verdict.atoms & (NUMBER | ANY) or any(is_number(value) for value in verdict.literals)
    lists = bool(verdict.atoms & ANY) or any(may_be_indices(array_) for array_ in verdict.arrays)
    rest = replace(
        verdict, atoms=verdict.atoms & ~NUMBER, literals=frozenset(v for v in verdict.literals if isinstance(v, str))
    )
    kept = NEVER
    least, most = 0, array.most
    if can_be_true(rest):
        kept = conditions.narrowed_item(run, predicate, item, frame)
        run.tested(predicate, holds=not kept.is_never, fails=True, branches=False)
        if not numbers and not lists and not can_be_false(rest):
            least = array.least
    elif not numbers and not lists:
        run.tested(predicate, holds=False, fails=not verdict.is_never, branches=False)
        return NEVER, 0, 0
    if numbers or lists:
        kept = item
        run.tested(predicate, holds=True, fails=True, branches=False)
        if not lists and rest.is_never and _ignores_context(predicate):
            most = 1
    return kept, least, None if lists else most


def _ignores_context(node: Tree) -> bool:
    """Whether an expression has the same value for every item."""
    if node.predicates or node.group is not None:
        return False
    match node:
        case Literal():
            return True
        case Variable(name=name):
            return name != ""
        case Negation(operand=operand):
            return _ignores_context(operand)
        case Binary(left=left, right=right):
            return _ignores_context(left) and _ignores_context(right)
        case Call(procedure=Variable(name="count"), arguments=arguments):
            return bool(arguments) and all(map(_ignores_context, arguments))
        case Path(steps=steps):
            return _ignores_context(steps[0].node) and all(
                type(step.node) is Name and not step.stages for step in steps[1:]
            )
        case Block(expressions=(only,)):
            return _ignores_context(only)
        case _:
            return False
