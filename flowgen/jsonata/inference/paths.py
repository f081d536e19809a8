"""Paths: each step drops nothing and opens arrays once; at the end none is nothing, one is the item, more an array.

A single plain array is given back as it is by the last step (`{"a": []}.a` is `[]`), which is why a value that comes
from exactly one item is followed beside the stream of those that come from many.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flowgen.diagnostics import did_you_mean
from flowgen.jsonata.inference import conditions, constructors
from flowgen.jsonata.inference.frame import Frame
from flowgen.jsonata.inference.problems import Kind, Severity
from flowgen.jsonata.inference.run import Run, collapse, sequence_of
from flowgen.jsonata.inference.values import (
    can_be_false,
    can_be_true,
    field_names,
    flattened,
    may_have,
    objects_in,
    scalars,
    with_absence,
)
from flowgen.jsonata.tree import Binary, Block, Call, Index, Literal, Name, Negation, Path, Sort, Step, Tree, Variable
from flowgen.types import INTEGER_TYPE, NEVER, NOTHING_TYPE, Type, expand, optional, present, union, unknown
from flowgen.types.algebra import (
    ABSENT,
    ANY,
    CONS,
    KEPT,
    NOTHING,
    NUMBER,
    PLAIN,
    SEQUENCE,
    TEXT,
    Array,
    Origin,
    join_arrays,
    only_absent,
)


@dataclass(frozen=True, slots=True)
class Items:
    """What a step hands to the next: `single` where it is exactly one item, `stream` where it is a list of them.

    `absent` is what the path already is where a step gave nothing.
    """

    single: Type
    stream: Array | None
    absent: Type = NEVER


@dataclass(frozen=True, slots=True)
class Tuples:
    """Items that carry variables (`@`, `#` and `%`)."""

    item: Type
    variables: Mapping[str, Type]
    least: int
    most: int | None


def infer_path(run: Run, node: Path, context: Type, frame: Frame) -> Type:
    if any(step.tuples for step in node.steps):
        tuples = infer_tuples(run, node, context, frame)
        if node.group is not None:
            return constructors.grouped_tuples(run, node.group, tuples, frame)
        origin = Origin(f"it flattens `{run.source(node)}`", node.start, node.end)
        result = sequence_of(tuples.item, tuples.least, tuples.most, origin)
        return _kept(result) if node.keep_single else result
    items = _start(node, context)
    last = len(node.steps) - 1
    result = NEVER
    for index, step in enumerate(node.steps):
        if index == 0 and step.constructor:
            given = run.evaluate(step.node, _as_list(items), frame)
            items = Items(NEVER, None)
            for array in given.arrays:
                items = Items(NEVER, array if items.stream is None else join_arrays(items.stream, array))
            if not present(scalars(given)).is_never:
                return unknown("a path starts with a block that gives an array or something else")
            if items.stream is not None and items.stream.least == 0:
                empty = Type(parts=(Array((), NEVER, 0, 0, CONS),))
                items = Items(NEVER, items.stream, union(empty, only_absent(given)))
            continue
        stepped = _step(run, step, items, frame, node)
        if index == last:
            result = union(_last(stepped, node, run), items.absent)
        else:
            items = _next(stepped, items.absent)
            if items.single.is_never and items.stream is None:
                result = items.absent
                break
    if node.keep_single:
        result = _kept(result)
    if node.group is not None:
        return constructors.grouped(run, node.group, result, frame)
    return result


def _start(node: Path, context: Type) -> Items:
    if type(node.steps[0].node) is Variable or not context.parts:
        return Items(context, None)
    stream: Array | None = None
    for array in expand(context).arrays:
        stream = array if stream is None else join_arrays(stream, array)
    if stream is None:
        return Items(context, None)
    return Items(scalars(expand(context)), stream)


def _as_list(items: Items) -> Type:
    """The list that the first step sees where it is an array constructor."""
    single = NEVER if items.single.is_never else Type(parts=(Array((items.single,), NEVER, 1, 1, SEQUENCE),))
    return single if items.stream is None else union(single, Type(parts=(items.stream,)))


@dataclass(frozen=True, slots=True)
class _Stepped:
    """What a step gives for a single item, and for one of a stream of `least` to `most` items."""

    single: Type
    each: Type
    least: int
    most: int | None
    origin: Origin | None = None


def _step(run: Run, step: Step, items: Items, frame: Frame, path: Path) -> _Stepped:
    node = step.node
    if type(node) is Sort:
        return _sorted(run, step, items, frame)
    if type(node) is Name:
        _check_name(run, node, items, frame, path)
    single = each = NEVER
    least, most, origin = 0, 0, None
    if not items.single.is_never:
        single = _evaluated(run, step, items.single, frame)
    if items.stream is not None:
        stream = items.stream
        least, most = stream.least, stream.most  # type: ignore[assignment]  # None is no bound
        if most != 0:
            each = _evaluated(run, step, stream.item(), frame)
    if type(node) is Name:
        why = Origin(_why_absent(single, each, node, items), node.start, node.end, _declared(single, each))
        single, each = with_absence(single, why), with_absence(each, why)
    return _Stepped(single, each, least, most, origin)


def _declared(*types: Type):  # type: ignore[no-untyped-def]  # noqa: ANN202
    return next((type_.absent.declaration for type_ in types if type_.absent is not None), None)


def _why_absent(single: Type, each: Type, node: Name, items: Items) -> str:
    for type_ in (single, each):
        if type_.absent is not None:
            return type_.absent.text
    given = items.single if not items.single.is_never else items.stream.item() if items.stream is not None else NEVER
    if not may_have(given, node.name):
        return f"there is no `{node.name}`"
    return f"`{node.name}` may be absent"


def _evaluated(run: Run, step: Step, item: Type, frame: Frame) -> Type:
    type_ = run.evaluate(step.node, item, frame)
    for stage in step.stages:
        if not isinstance(stage, Index):
            type_ = filtered(run, stage, type_, frame)
    return type_


def _next(stepped: _Stepped, absent: Type) -> Items:
    """The items for the next step: arrays opened once, but those that a constructor made."""
    single = stepped.single
    absent = union(absent, only_absent(single))
    stream: Array | None = None
    whole = scalars(present(single))
    for array in single.arrays:
        if array.kind == CONS:
            whole = union(whole, Type(parts=(array,)))
        else:
            if array.least == 0:
                absent = optional(absent, _empty(array))
            if array.most != 0:
                stream = array if stream is None else join_arrays(stream, array)
    many, least, most = _contributions(stepped)
    if not many.is_never:
        more = Array((), many, least, most, SEQUENCE)
        stream = more if stream is None else join_arrays(stream, more)
    if stepped.most != 0 and least == 0:
        absent = optional(absent, stepped.each.absent)
    return Items(whole, stream, absent)


def _empty(array: Array) -> Origin | None:
    return array.origin


def _contributions(stepped: _Stepped) -> tuple[Type, int, int | None]:
    """What the items of a stream give together: the type of an item, the least and most number."""
    each = stepped.each
    if each.is_never or stepped.most == 0:
        return NEVER, 0, 0
    opened = [array for array in each.arrays if array.kind != CONS]
    kept = [array for array in each.arrays if array.kind == CONS]
    flat = replace(each, parts=tuple(part for part in each.parts if part not in kept)) if kept else each
    item, least, most = flattened(flat)
    if kept:
        one_least = 1 if opened or not scalars(flat).is_never else 1
        least = min(least, one_least) if not flat.is_never else 1
        most = None if most is None else max(most, 1)
        item = union(item, Type(parts=tuple(kept)))
    total = None if most is None or stepped.most is None else most * stepped.most
    return item, least * stepped.least, total


def _last(stepped: _Stepped, node: Path, run: Run) -> Type:
    """What the last step makes of a path, before it collapses."""
    results: list[Type] = []
    single = stepped.single
    if not single.is_never:
        parts = tuple(
            replace(part, kind=SEQUENCE) if type(part) is Array and part.kind not in (PLAIN, CONS) else part
            for part in single.parts
        )
        results.append(replace(single, parts=parts))
    if stepped.most != 0 and not stepped.each.is_never:
        origin = Origin(f"it flattens `{run.source(node)}`", node.start, node.end)
        item, least, most = _contributions(stepped)
        results.append(sequence_of(item, least, most, origin))
        if stepped.least <= 1 or stepped.each.atoms & (ABSENT | ANY):
            alone = tuple(array for array in stepped.each.arrays if array.kind in (PLAIN, CONS))
            results.append(Type(parts=alone))
    elif stepped.most != 0 and stepped.each.is_never and single.is_never:
        return NEVER
    elif stepped.most == 0 and single.is_never:
        return NOTHING_TYPE
    return union(*results)


def _kept(result: Type) -> Type:
    """`[]` after a path: a single item stays in an array."""
    bare = present(scalars(result))
    results = [only_absent(result)]
    if bare.is_any:
        return union(bare, *results)
    if not bare.is_never:
        results.append(Type(parts=(Array((bare,), NEVER, 1, 1, KEPT),)))
    for array in result.arrays:
        if array.kind == CONS:
            results.append(Type(parts=(Array((Type(parts=(array,)),), NEVER, 1, 1, KEPT),)))
        elif array.kind == PLAIN:
            results.append(Type(parts=(array,)))
        else:
            results.append(Type(parts=(replace(array, kind=KEPT),)))
    return union(*results)


# --- names that are not there ---


def _check_name(run: Run, node: Name, items: Items, frame: Frame, path: Path) -> None:
    if run.quiet:
        return
    given = items.single
    if items.stream is not None:
        given = union(given, items.stream.item())
    if present(given).is_never:
        if path.steps[0].node is node and given.atoms & ABSENT:
            _tell_no_context(run, node, frame)
        return
    if may_have(given, node.name):
        return
    objects = objects_in(given)
    if path.steps[0].node is node and not objects and not given.is_any and present(given).atoms == 4:  # noqa: PLR2004
        _tell_no_context(run, node, frame)
        return
    guess = did_you_mean(node.name, field_names(given))
    help_ = f"did you mean `{guess}`?" if guess else None
    if path.steps[0].node is node and frame.lookup(node.name) is not None:
        help_ = f"a bare name is looked up in the item at hand; the variable is `${node.name}`"
    if objects:
        owner = _owners(objects)
        message = f"{owner} has no field `{node.name}`: here that is always nothing"
        if help_ is None and len(objects) == 1 and objects[0].fields:
            help_ = f"its fields are {', '.join(f'`{name}`' for name in list(objects[0].fields)[:12])}"
    else:
        message = f"`{present(given)}` has no fields: `{node.name}` of it is always nothing"
    declaration = objects[0].declaration if len(objects) == 1 else None
    run.tell(
        Kind.UNKNOWN_FIELD,
        Severity.ERROR,
        node,
        message,
        help_,
        certain=True,
        type=given,
        declaration=declaration,
    )


def _owners(objects: list) -> str:  # type: ignore[type-arg]
    names = list(dict.fromkeys(one.name for one in objects if one.name is not None))
    if not names or len(names) < len(objects):
        return f"`{Type(parts=tuple(objects[:1]))}`" if len(objects) == 1 else "none of the objects here"
    return f"`{names[0]}`" if len(names) == 1 else "none of " + ", ".join(f"`{name}`" for name in names)


def _tell_no_context(run: Run, node: Name, frame: Frame) -> None:
    from flowgen.jsonata.inference.built_in import FUNCTIONS

    known = frame.lookup(node.name) is not None
    guess = node.name if known else did_you_mean(node.name, [*frame.names(), *FUNCTIONS])
    run.tell(
        Kind.NO_CONTEXT,
        Severity.ERROR,
        node,
        f"`{node.name}` without `$` is a field of the value at hand, and here is none: it is always nothing",
        f"a variable is written `${guess}`" if guess else f'a text is written `"{node.name}"`, a variable `$name`',
        certain=True,
    )


# --- predicates ---


def filtered(run: Run, predicate: Tree, type_: Type, frame: Frame) -> Type:
    """What a predicate leaves of a value: an index one item, anything else those for which it is true."""
    type_ = expand(type_)
    if type_.atoms & ANY:
        with frame_branch(frame):
            run.evaluate(predicate, present(type_), frame)
        return optional(type_)
    if type(predicate) is Literal and _is_number(predicate.value) and not predicate.predicates:
        return _indexed(type_, predicate.value)
    results: list[Type] = []
    bare = present(scalars(type_))
    if not bare.is_never:
        results.append(_kept_items(run, predicate, Array((bare,), NEVER, 1, 1, SEQUENCE), frame))
    if type_.atoms & ABSENT:
        results.append(_ghost(run, predicate, type_, frame))
    results.extend(_kept_items(run, predicate, array, frame) for array in type_.arrays)
    return union(*results)


class frame_branch:  # noqa: N801 - used like a function
    """What happens inside may happen or not: variables bound in it are what they were, or that."""

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


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _indexed(type_: Type, value: object) -> Type:
    assert isinstance(value, int | float)  # noqa: S101 - the caller looked
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
        if item.atoms & NOTHING:
            why = Origin(f"there may be no item {index}")
            item = replace(item, absent=item.absent or why)
        results.append(item)
    return union(*results)


def _ghost(run: Run, predicate: Tree, type_: Type, frame: Frame) -> Type:
    with run.silently(), frame_branch(frame):
        verdict = run.evaluate(predicate, NOTHING_TYPE, frame)
    if can_be_true(verdict) and not verdict.is_any:
        run.tell(
            Kind.GHOST,
            Severity.WARNING,
            predicate,
            f"`[{run.source(predicate)}]` is also true where there is no item: that leaves a null",
            "guard what is filtered with `$exists`, or test a field that every item has",
            type=type_,
        )
        return union(NOTHING_TYPE, Type(parts=(Array((NOTHING_TYPE,), NEVER, 1, 1, SEQUENCE),)))
    return only_absent(type_)


def _kept_items(run: Run, predicate: Tree, array: Array, frame: Frame) -> Type:
    item = array.item()
    if array.most == 0 or item.is_never:
        return Type(parts=(Array((), NEVER, 0, 0, SEQUENCE),))
    with frame_branch(frame):
        verdict = expand(run.evaluate(predicate, item, frame))
    kept, least, most = _verdict(run, predicate, verdict, array, frame)
    if kept.is_never:
        return Type(parts=(Array((), NEVER, 0, 0, SEQUENCE),))
    origin = Origin(f"`[{run.source(predicate)}]` may leave any number of items", predicate.start, predicate.end)
    return sequence_of(kept, least, most, origin)


def _verdict(run: Run, predicate: Tree, verdict: Type, array: Array, frame: Frame) -> tuple[Type, int, int | None]:
    item = array.item()
    numbers = verdict.atoms & (NUMBER | ANY) or any(_is_number(value) for value in verdict.literals)
    lists = bool(verdict.atoms & ANY) or any(_may_be_indices(one) for one in verdict.arrays)
    rest = replace(
        verdict, atoms=verdict.atoms & ~NUMBER, literals=frozenset(v for v in verdict.literals if isinstance(v, str))
    )
    kept = NEVER
    least, most = 0, array.most
    if can_be_true(rest):
        kept = conditions.narrowed_item(run, predicate, item, frame)
        if not numbers and not lists and not can_be_false(rest):
            least = array.least
    elif not numbers and not lists:
        return NEVER, 0, 0
    if numbers or lists:
        kept = item
        if not lists and rest.is_never and _ignores_context(predicate):
            most = 1
    return kept, least, None if lists else most


def _may_be_indices(array: Array) -> bool:
    if array.most == 0:
        return False
    item = expand(array.item())
    return bool(item.atoms & (NUMBER | ANY)) or any(_is_number(value) for value in item.literals)


def _ignores_context(node: Tree) -> bool:
    """Whether an expression gives the same for every item."""
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


# --- order ---


def _sorted(run: Run, step: Step, items: Items, frame: Frame) -> _Stepped:
    if items.stream is not None and items.stream.most != 0:
        check_sort(run, step.node, items.stream.item(), frame)
    results: list[Type] = []
    if not items.single.is_never:
        results.append(items.single)
    if items.stream is not None:
        stream = items.stream
        item = stream.item()
        if stream.least <= 1:
            results.append(sequence_of(item, stream.least, 1, stream.origin))
        if stream.most is None or stream.most > 1:
            results.append(Type(parts=(Array((), item, max(2, stream.least), stream.most, PLAIN, stream.origin),)))
    type_ = union(*results)
    for stage in step.stages:
        if not isinstance(stage, Index):
            type_ = filtered(run, stage, type_, frame)
    return _Stepped(type_, NEVER, 0, 0)


def check_sort(run: Run, node: Tree, item: Type, frame: Frame) -> None:
    """Values to order by must be all numbers or all strings."""
    assert isinstance(node, Sort)  # noqa: S101 - the caller looked
    for term in node.terms:
        key = expand(present(collapse(run.evaluate(term.expression, item, frame))))
        if key.is_never:
            continue
        check_order(run, term.expression, key)


def check_order(run: Run, node: Tree, key: Type) -> None:
    if key.atoms & ANY:
        run.tell(
            Kind.UNCHECKED, Severity.NOTE, node, "what is ordered by is `any`: it may be neither a number nor a string",
            may_fail=True, type=key,
        )  # fmt: skip
        return
    numbers = bool(key.atoms & NUMBER) or any(_is_number(value) for value in key.literals)
    texts = bool(key.atoms & TEXT or key.formats) or any(isinstance(value, str) for value in key.literals)
    others = key.atoms & ~(NUMBER | TEXT | ABSENT) or key.parts
    if others or (numbers and texts):
        run.tell(
            Kind.WRONG_OPERAND,
            Severity.ERROR,
            node,
            f"ordering needs all numbers or all strings, and this is `{key}`: with two items it fails",
            may_fail=True,
            certain=not numbers and not texts,
            type=key,
        )


# --- items that carry variables ---


def infer_tuples(run: Run, node: Path, context: Type, frame: Frame) -> Tuples:
    """The tuples that a path with `@`, `#` or `%` gives."""
    items = _start(node, context)
    tuples: Tuples | None = None
    for index, step in enumerate(node.steps):
        if tuples is None and not step.tuples:
            if index == 0 and step.constructor:
                given = run.evaluate(step.node, _as_list(items), frame)
                item, least, most = flattened(given)
                items = Items(NEVER, Array((), item, least, most, SEQUENCE))
            else:
                items = _next(_step(run, step, items, frame, node), items.absent)
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
    if stream is not None:
        least = stream.least if least is None else min(least, stream.least)
        most = None if stream.most is None else max(most, stream.most)
    return Tuples(union(single, stream.item() if stream is not None else NEVER), {}, least or 0, most)


def _tuple_step(run: Run, step: Step, tuples: Tuples, frame: Frame, path: Path) -> Tuples:
    if tuples.most == 0 or tuples.item.is_never:
        return tuples
    inner = Frame(frame, tuples.variables)
    node = step.node
    if isinstance(node, Sort):
        check_sort(run, node, tuples.item, inner)
        if step.stages or path.group is not None:
            lost = unknown("`%`, `@` and `#` are lost where what was ordered is filtered or grouped")
            return Tuples(lost, dict.fromkeys(tuples.variables, lost), 0, None)
        if step.index is not None:
            return replace(tuples, variables={**tuples.variables, step.index: INTEGER_TYPE})
        return tuples
    if isinstance(node, Name):
        _check_name(run, node, Items(tuples.item, None), inner, path)
    if isinstance(node, Block) and node.tuples:
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


def _nested(run: Run, node: Block, tuples: Tuples, frame: Frame) -> Tuples:
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


def _tuple_stage(run: Run, stage: Tree | Index, tuples: Tuples, frame: Frame) -> Tuples:
    if tuples.most == 0 or tuples.item.is_never:
        return tuples
    if isinstance(stage, Index):
        return replace(tuples, variables={**tuples.variables, stage.name: INTEGER_TYPE})
    if isinstance(stage, Literal) and _is_number(stage.value):
        index = int(stage.value // 1)  # type: ignore[operator]  # a number, as just seen
        there = tuples.least > index if index >= 0 else tuples.least >= -index
        return replace(tuples, least=int(there), most=1)
    inner = Frame(frame, tuples.variables)
    array = Array((), tuples.item, tuples.least, tuples.most)
    verdict = expand(run.evaluate(stage, tuples.item, inner))
    kept, least, most = _verdict(run, stage, verdict, array, inner)
    return Tuples(kept, tuples.variables, least, 0 if kept.is_never else most)
