"""Paths: each step drops undefined and flattens arrays by one level.

The result is undefined for no item, the item for one, and an array for more. The last step returns a single plain array
unchanged (`{"a": []}.a` is `[]`). Therefore the value from exactly one item is tracked separately from the stream of
values from many items.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from flowgen.jsonata.inference import constructors
from flowgen.jsonata.inference.facts import filled
from flowgen.jsonata.inference.frame import Frame
from flowgen.jsonata.inference.inferrer import Inferrer, sequence_of
from flowgen.jsonata.inference.items import Items
from flowgen.jsonata.inference.missing_names import check_name
from flowgen.jsonata.inference.order import check_sort
from flowgen.jsonata.inference.predicates import filtered
from flowgen.jsonata.inference.problems import Kind, Severity
from flowgen.jsonata.inference.same_value import SameValue
from flowgen.jsonata.inference.values import (
    flattened,
    may_have,
    objects_in,
    scalars,
    with_absence,
)
from flowgen.jsonata.tree import Descendants, Index, Name, Path, Sort, Step, Variable, Wildcard
from flowgen.types import (
    NEVER,
    NOTHING_TYPE,
    Declaration,
    Type,
    expand,
    optional,
    present,
    union,
)
from flowgen.types.algebra import (
    ABSENT,
    ANY,
    CONS,
    KEPT,
    NULL,
    PLAIN,
    SEQUENCE,
    TEXT,
    UNSURE,
    Array,
    Origin,
    join_arrays,
    only_absent,
)


def infer_path(run: Inferrer, node: Path, context: Type, frame: Frame) -> Type:
    items = start(node, context)
    last = len(node.steps) - 1
    result = NEVER
    begun = [*run.same_values.first_steps(node), None] if run.facts else []
    for index, step in enumerate(node.steps):
        if index == 0 and step.constructor:
            items = constructor_items(run, step, items, frame)
            continue
        stepped = take_step(run, step, items, frame, node, Begun(index, context) if begun else None)
        if index == last:
            # The first of several reasons counts: if an earlier step is absent, so are all later ones.
            result = union(items.absent, _last(stepped, node, run))
        else:
            ordered = type(node.steps[index + 1].node) is Sort
            items = next_items(stepped, items.absent, ordered=ordered)
            if begun and _is_there(run, begun[index], context, frame):
                items = _there(stepped, items)
            if items.single.is_never and items.stream is None:
                result = items.absent
                break
    if node.keep_single:
        result = kept(result)
    if node.group is not None:
        return constructors.grouped(run, node.group, result, frame)
    return result


def constructor_items(run: Inferrer, step: Step, items: Items, frame: Frame, *, tuples: bool = False) -> Items:
    """What an array constructor at the start of a path passes on.

    Its array is not flattened like that of other steps: the result of a predicate must still be an array. JSONata 2.0.6
    uses the characters of a string as items, returns undefined for any other single value, and fails for null.
    """
    given = expand(run.evaluate(step.node, as_list(items), frame))
    stream: Array | None = None
    for array in given.arrays:
        stream = array if stream is None else join_arrays(stream, array)
    single = present(scalars(given))
    absent = only_absent(given)
    why = Origin("a single item is not an array, so the rest of the path is undefined", step.node.start, step.node.end)
    if not single.is_never:
        if single.atoms & (NULL | ANY) or tuples:
            run.tell(
                Kind.MAY_FAIL, Severity.WARNING, step.node,
                "the path that starts with this array fails if the predicate matches one item",
                "add parentheses: `([…][…]).x`", may_fail=True,
            )  # fmt: skip
        absent = optional(absent, why)
        if (
            single.atoms & (TEXT | ANY)
            or single.formats
            or any(isinstance(literal, str) for literal in single.literals)
        ):
            # An empty string has no characters: the path ends there.
            absent = union(absent, Type(literals=frozenset({""})))
            characters = Array((), Type(TEXT), 0, None, SEQUENCE)
            stream = characters if stream is None else join_arrays(stream, characters)
    if tuples and given.may_be_absent:
        run.tell(
            Kind.MAY_FAIL, Severity.WARNING, step.node, "this path fails if the predicate matches no item",
            "add parentheses: `([…][…]).x`", may_fail=True,
        )  # fmt: skip
    if stream is not None and stream.least == 0:
        absent = union(Type(parts=(Array((), NEVER, 0, 0, CONS),)), absent)
    return Items(NEVER, stream, absent)


def _is_there(run: Inferrer, begun: SameValue | None, context: Type, frame: Frame) -> bool:
    """Whether a condition has shown that the first steps of a path are defined."""
    if begun is None or (key := begun.key(context)) not in run.facts:
        return False
    fact = frame.fact(key)
    return fact is not None and not fact.may_be_absent


def _there(stepped: Stepped, items: Items) -> Items:
    """What a step passes on if it is defined: at least one item of a sequence."""
    single = expand(stepped.single)
    empty = any(array.kind in (PLAIN, CONS) and array.least == 0 for array in single.arrays)
    if empty or items.stream is None or not items.single.is_never:
        return replace(items, absent=NEVER if not empty else items.absent)
    return Items(items.single, replace(items.stream, least=max(1, items.stream.least)))


def start(node: Path, context: Type) -> Items:
    if type(node.steps[0].node) is Variable or not context.parts:
        return Items(context, None)
    stream: Array | None = None
    for array in expand(context).arrays:
        stream = array if stream is None else join_arrays(stream, array)
    if stream is None:
        return Items(context, None)
    return Items(scalars(expand(context)), stream)


def as_list(items: Items) -> Type:
    """The list that is the context of the first step if it is an array constructor."""
    single = NEVER if items.single.is_never else Type(parts=(Array((items.single,), NEVER, 1, 1, SEQUENCE),))
    return single if items.stream is None else union(single, Type(parts=(items.stream,)))


@dataclass(frozen=True, slots=True)
class Begun:
    """A position in a path: the step, and the initial context, which facts about the path need."""

    index: int
    context: Type


@dataclass(frozen=True, slots=True)
class Stepped:
    """The result of a step for a single item, and for each item of a stream of `least` to `most` items."""

    single: Type
    each: Type
    least: int
    most: int | None


_ON_ANY = (Name, Wildcard, Descendants)
"""Steps whose result for `any` is `any`, for any number of items."""


def take_step(run: Inferrer, step: Step, items: Items, frame: Frame, path: Path, begun: Begun | None = None) -> Stepped:
    node = step.node
    if type(node) is Sort:
        return _sorted(run, step, items, frame)
    if type(node) is Name:
        check_name(run, node, _all(items), frame, path)
    single = each = NEVER
    least: int = 0
    most: int | None = 0
    if not items.single.is_never:
        begun = begun if items.stream is None else None
        single = _evaluated(run, step, items.single, frame, path, begun)
    if items.stream is not None:
        stream = items.stream
        least, most = stream.least, stream.most
        if most != 0:
            each = _evaluated(run, step, stream.item(), frame, path, None)
    first = step is path.steps[0] and type(node) is Variable
    if items.single.is_any and not single.is_any and not first and type(node) not in _ON_ANY:
        # `any` may be an array, or an empty array.
        each, least, most = union(each, single), 2 if items.stream is None else 0, None
        single = replace(single, atoms=single.atoms | UNSURE)
    if type(node) is Name and (single.may_be_absent or each.may_be_absent):
        start = path.start if path.start < node.end else node.start
        end = max([node.end, *(stage.end + 1 for stage in step.stages if not isinstance(stage, Index))])
        why = Origin(_why_absent(single, each, node, items), start, end, _declared(single, each))
        single, each = with_absence(single, why), with_absence(each, why)
    return Stepped(single, each, least, most)


def _all(items: Items) -> Type:
    return items.single if items.stream is None else union(items.single, items.stream.item())


def _declared(*types: Type) -> Declaration | None:
    return next((type_.absent.declaration for type_ in types if type_.absent is not None), None)


def _why_absent(single: Type, each: Type, node: Name, items: Items) -> str:
    for type_ in (single, each):
        if type_.absent is not None:
            return type_.absent.text
    if not may_have(_all(items), node.name):
        return f"the field `{node.name}` does not exist"
    return f"`{node.name}` may be absent{_variants_without(_all(items), node.name)}"


def _variants_without(type_: Type, name: str) -> str:
    """Names the declared types that do not have a field."""
    without = [
        object_.name for object_ in objects_in(type_) if object_.name is not None and object_.get(name).may_be_absent
    ]
    names = list(dict.fromkeys(without))[:3]
    return f": {' and '.join(f'`{owner}`' for owner in names)} {_HAVE[len(names) > 1]} no such field" if names else ""


_HAVE = {False: "has", True: "have"}


def _evaluated(run: Inferrer, step: Step, item: Type, frame: Frame, path: Path, begun: Begun | None) -> Type:
    type_ = run.evaluate(step.node, item, frame)
    for count, stage in enumerate(step.stages):
        if begun is not None:
            same = run.same_values.staged_so_far(path, begun.index, count)
            type_ = filled(run, same, type_, begun.context, frame)
        if not isinstance(stage, Index):
            type_ = filtered(run, stage, type_, frame)
    return type_


def next_items(stepped: Stepped, absent: Type, *, ordered: bool = False) -> Items:
    """The items for the next step: arrays flattened by one level, except those from a constructor.

    `ordered`: the next step only sorts the items, so it does not affect whether there are any.
    """
    single = expand(stepped.single)
    absent = union(absent, only_absent(single))
    stream: Array | None = None
    whole = scalars(present(single))
    for array in single.arrays:
        if array.kind == CONS:
            whole = union(whole, Type(parts=(array,)))
        else:
            if array.least == 0 and array.unsure is not None and ordered:
                absent = union(absent, Type(UNSURE, absent=array.unsure))
            elif array.least == 0:
                absent = optional(absent, array.origin)
            if array.most != 0:
                stream = array if stream is None else join_arrays(stream, array)
    many, least, most = _contributions(stepped)
    if not many.is_never:
        more = Array((), many, least, most, SEQUENCE)
        stream = more if stream is None else join_arrays(stream, more)
    if stepped.most != 0 and least == 0:
        absent = optional(absent, stepped.each.absent)
    return Items(whole, stream, absent)


def _contributions(stepped: Stepped) -> tuple[Type, int, int | None]:
    """The combined results for the items of a stream: the type of an item, the least and most number."""
    each = expand(stepped.each)
    if each.is_never or stepped.most == 0:
        return NEVER, 0, 0
    kept = [array for array in each.arrays if array.kind == CONS]
    flat = replace(each, parts=tuple(part for part in each.parts if part not in kept)) if kept else each
    item, least, most = flattened(flat)
    if kept:
        least = min(least, 1) if not flat.is_never else 1
        most = None if most is None else max(most, 1)
        item = union(item, Type(parts=tuple(kept)))
    total = None if most is None or stepped.most is None else most * stepped.most
    return item, least * stepped.least, total


def _last(stepped: Stepped, node: Path, run: Inferrer) -> Type:
    """The result of the last step of a path, before it collapses."""
    results: list[Type] = []
    single = stepped.single
    if not single.is_never:
        parts = tuple(
            replace(part, kind=SEQUENCE) if type(part) is Array and part.kind not in (PLAIN, CONS) else part
            for part in single.parts
        )
        results.append(replace(single, parts=parts))
    if stepped.most != 0 and not stepped.each.is_never:
        origin = Origin(f"`{run.source(node)}` is flattened", node.start, node.end)
        item, least, most = _contributions(stepped)
        results.append(sequence_of(item, least, most, origin))
        if stepped.least <= 1 or stepped.each.atoms & (ABSENT | ANY):
            alone = tuple(array for array in expand(stepped.each).arrays if array.kind in (PLAIN, CONS))
            results.append(Type(parts=alone))
    elif stepped.most != 0 and stepped.each.is_never and single.is_never:
        return NEVER
    elif stepped.most == 0 and single.is_never:
        return NOTHING_TYPE
    return union(*results)


def kept(result: Type) -> Type:
    """`[]` after a path: a single item stays in an array."""
    result = expand(result)
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


def _sorted(run: Inferrer, step: Step, items: Items, frame: Frame) -> Stepped:
    if items.stream is not None and items.stream.most != 0:
        check_sort(run, step.node, items.stream.item(), frame)
    if not items.single.is_never:
        check_sort(run, step.node, items.single, frame)
    results: list[Type] = []
    if not items.single.is_never:
        results.append(items.single)
    if items.stream is not None:
        stream = items.stream
        item = stream.item()
        origin = stream.origin or Origin(
            "`^(…)` returns a single item without an array", step.node.start, step.node.end
        )
        if stream.least <= 1:
            one = sequence_of(item, stream.least, 1, origin).arrays[0]
            results.append(Type(parts=(replace(one, unsure=stream.unsure),)))
        if stream.most is None or stream.most > 1:
            more = Array((), item, max(2, stream.least), stream.most, PLAIN, origin)
            results.append(Type(parts=(more,)))
    type_ = union(*results)
    for stage in step.stages:
        if not isinstance(stage, Index):
            type_ = filtered(run, stage, type_, frame)
    return Stepped(type_, NEVER, 0, 0)
