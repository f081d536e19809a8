"""Paths with `@`, `#` and `%`, whose items carry variables."""

from __future__ import annotations

from dataclasses import replace

from flowgen.jsonata.inference.frame import Frame
from flowgen.jsonata.inference.inferrer import Inferrer
from flowgen.jsonata.inference.items import Items, Tuples
from flowgen.jsonata.inference.missing_names import check_name
from flowgen.jsonata.inference.order import check_sort
from flowgen.jsonata.inference.paths import constructor_items, next_items, start, take_step
from flowgen.jsonata.inference.predicates import what_is_kept
from flowgen.jsonata.inference.values import flattened, is_number
from flowgen.jsonata.tree import Block, Index, Literal, Name, Path, Sort, Step, Tree
from flowgen.types import INTEGER_TYPE, NEVER, Type, expand, union, unknown
from flowgen.types.algebra import (
    Array,
)


def infer_tuples(run: Inferrer, node: Path, context: Type, frame: Frame) -> Tuples:
    """The tuples of a path with `@`, `#` or `%`."""
    items = start(node, context)
    tuples: Tuples | None = None
    for index, step in enumerate(node.steps):
        if index == 0 and step.constructor:
            # It makes no tuples: `#$i` and `@$v` after it bind nothing, and JSONata ignores the predicates before them.
            items = constructor_items(run, step, items, frame, tuples=True)
            continue
        if tuples is None and not step.tuples:
            items = next_items(take_step(run, step, items, frame, node), items.absent)
            continue
        if tuples is None:
            tuples = _as_tuples(items)
        tuples = _tuple_step(run, step, tuples, frame, node)
    return tuples if tuples is not None else _as_tuples(items)


def _as_tuples(items: Items) -> Tuples:
    single, stream = items.single, items.stream
    least: int | None = 0 if not items.absent.is_never else None
    most: int | None = 0
    if not single.is_never:
        least, most = 1 if least is None else 0, 1
    if single.is_any:
        least, most = 0, None
    if stream is not None:
        least = stream.least if least is None else min(least, stream.least)
        most = None if most is None or stream.most is None else max(most, stream.most)
    return Tuples(union(single, stream.item() if stream is not None else NEVER), {}, least or 0, most)


def _tuple_step(run: Inferrer, step: Step, tuples: Tuples, frame: Frame, path: Path) -> Tuples:
    if tuples.most == 0 or tuples.item.is_never:
        return tuples
    inner = Frame(frame, tuples.variables)
    node = step.node
    if isinstance(node, Sort):
        check_sort(run, node, tuples.item, inner)
        if step.stages or path.group is not None:
            lost = unknown("JSONata loses `%`, `@` and `#` when it filters or groups sorted items")
            return Tuples(lost, dict.fromkeys(tuples.variables, lost), 0, None)
        if step.index is not None:
            return replace(tuples, variables={**tuples.variables, step.index: INTEGER_TYPE})
        return tuples
    if isinstance(node, Name):
        check_name(run, node, tuples.item, inner, path)
    if isinstance(node, Block) and _hands_on_tuples(node):
        result = _nested(run, node, tuples, inner)
        for predicate in node.predicates:
            result = _tuple_stage(run, predicate, result, frame)
    else:
        given = run.evaluate(node, tuples.item, inner)
        item, least, most = flattened(given)
        variables = dict(tuples.variables)
        current = item
        if step.focus is not None:
            variables[step.focus], current = item, tuples.item
        if step.index is not None:
            variables[step.index] = INTEGER_TYPE
        if step.ancestor is not None:
            variables[step.ancestor] = tuples.item
        total = None if most is None or tuples.most is None else most * tuples.most
        result = Tuples(
            NEVER if item.is_never else current, variables, least * tuples.least, 0 if item.is_never else total
        )
    for stage in step.stages:
        result = _tuple_stage(run, stage, result, frame)
    return result


def _hands_on_tuples(node: Tree) -> bool:
    """Whether the items of a path inside parentheses keep its variables."""
    match node:
        case Block(expressions=(*_, last)):
            return node.tuples and _hands_on_tuples(last)
        case Path():
            return node.tuples
        case _:
            return False


def _nested(run: Inferrer, node: Block, tuples: Tuples, frame: Frame) -> Tuples:
    inner = Frame(frame)
    for expression in node.expressions[:-1]:
        run.evaluate(expression, tuples.item, inner)
    last = node.expressions[-1]
    if isinstance(last, Block) and last.tuples:
        found = _nested(run, last, tuples, inner)
    elif isinstance(last, Path) and last.tuples:
        found = infer_tuples(run, last, tuples.item, inner)
    else:
        item, least, most = flattened(run.evaluate(last, tuples.item, inner))
        found = Tuples(item, {}, least, most)
    total = None if found.most is None or tuples.most is None else found.most * tuples.most
    return Tuples(found.item, {**tuples.variables, **found.variables}, found.least * tuples.least, total)


def _tuple_stage(run: Inferrer, stage: Tree | Index, tuples: Tuples, frame: Frame) -> Tuples:
    if tuples.most == 0 or tuples.item.is_never:
        return tuples
    if isinstance(stage, Index):
        return replace(tuples, variables={**tuples.variables, stage.name: INTEGER_TYPE})
    if isinstance(stage, Literal) and is_number(stage.value):
        index = int(stage.value // 1)  # type: ignore[operator]  # checked above
        there = tuples.least > index if index >= 0 else tuples.least >= -index
        return replace(tuples, least=int(there), most=1)
    inner = Frame(frame, tuples.variables)
    array = Array((), tuples.item, tuples.least, tuples.most)
    verdict = expand(run.evaluate(stage, tuples.item, inner))
    kept, least, most = what_is_kept(run, stage, verdict, array, inner)
    return Tuples(kept, tuples.variables, least, 0 if kept.is_never else most)
