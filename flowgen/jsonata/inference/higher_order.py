"""The results of higher-order functions: `$map`, `$filter`, `$reduce` and similar."""

from __future__ import annotations

from flowgen.jsonata.inference.callables import Closure
from flowgen.jsonata.inference.conditions import narrow
from flowgen.jsonata.inference.doubtful import check_sort
from flowgen.jsonata.inference.facts import Facts
from flowgen.jsonata.inference.frame import Frame
from flowgen.jsonata.inference.inferrer import sequence_of
from flowgen.jsonata.inference.invocation import Invocation, arrays_in, fields_of, from_arrays
from flowgen.jsonata.inference.lists import reordered
from flowgen.jsonata.inference.order import check_order
from flowgen.jsonata.inference.problems import Kind, Severity
from flowgen.jsonata.inference.values import (
    can_be_false,
    can_be_true,
)
from flowgen.types import (
    NEVER,
    NOTHING_TYPE,
    Type,
    expand,
    optional,
    present,
    union,
    unknown,
    widen,
)
from flowgen.types.algebra import (
    ABSENT,
    ANY,
    INTEGER,
    NOTHING,
    SEQUENCE,
    TEXT,
    Array,
    Object,
    Origin,
    covers,
)
from flowgen.types.widening import widened

_REDUCE_ROUNDS = 6
_EXACT_ROUNDS = 2
"""After this many rounds, the type of the result is widened."""


def mapped(use: Invocation) -> Type:
    function = use.argument(1)

    def one(array: Array) -> Type:
        if array.most == 0:
            return Type(parts=(Array((), NEVER, 0, 0, SEQUENCE),))
        whole = Type(parts=(array,))
        given = use.call(function, array.item(), Type(INTEGER), whole)
        least = 0 if given.atoms & ABSENT else array.least
        origin = Origin("`$map` returns one value per item", use.node.start, use.node.end)
        return sequence_of(present(given), least, array.most, origin)

    return from_arrays(use, one)


def kept(use: Invocation) -> Type:
    function = use.argument(1)

    def one(array: Array) -> Type:
        nothing = Type(parts=(Array((), NEVER, 0, 0, SEQUENCE),))
        if array.most == 0:
            return nothing
        item = array.item()
        verdict = use.call(function, item, Type(INTEGER), Type(parts=(array,)))
        if not can_be_true(verdict):
            return nothing
        least = array.least if not can_be_false(verdict) else 0
        origin = Origin("`$filter` may keep any number of items", use.node.start, use.node.end)
        return sequence_of(_narrowed(use, function, item), least, array.most, origin)

    return from_arrays(use, one)


def _narrowed(use: Invocation, function: Type, item: Type) -> Type:
    """The items for which a lambda is true, as far as its body determines them."""
    if len(function.functions) != 1 or function.atoms:
        return item
    closure = function.functions[0].value
    if not isinstance(closure, Closure) or closure.signature is not None or not closure.parameters:
        return item
    name = closure.parameters[0]
    frame = Frame(closure.frame, {**closure.bound, name: item})
    with use.run.silently():
        known = narrow(use.run, closure.node.body, Facts(closure.context, {}), frame, holds=True)
    return item if known is None else known.variables.get(name, item)


def single(use: Invocation) -> Type:
    use.fails(
        "the number of matching items is not 1", "`$filter(…)[0]` returns the first one, or undefined if there is none"
    )
    function = use.argument(1)

    def one(array: Array) -> Type:
        item = array.item()
        if present(function).is_never:
            return item
        use.call(function, item, Type(INTEGER), Type(parts=(array,)))
        return _narrowed(use, function, item)

    return from_arrays(use, one)


def reduced(use: Invocation) -> Type:
    function, start = use.argument(1), use.argument(2)
    for part in function.functions:
        if part.arity < 2:  # noqa: PLR2004 - `$reduce` passes two arguments
            use.run.tell(
                Kind.WRONG_ARGUMENT, Severity.ERROR, use.at(1),
                "`$reduce` expects a function with at least two parameters",
                certain=True, may_fail=True,
            )  # fmt: skip
            return NEVER

    def one(array: Array) -> Type:
        results: list[Type] = []
        if not present(start).is_never:
            results.append(_folded(use, function, array, present(start), more=array.most != 0, none=array.least == 0))
        if start.may_be_absent:
            if array.least == 0:
                results.append(
                    Type(
                        NOTHING,
                        absent=Origin(
                            "`$reduce` of no items without an initial value is undefined", use.node.start, use.node.end
                        ),
                    )
                )
            if array.most != 0:
                more, none = array.most is None or array.most > 1, array.least <= 1
                results.append(_folded(use, function, array, array.item(), more=more, none=none))
        return union(*results)

    return from_arrays(use, one)


def _folded(use: Invocation, function: Type, array: Array, start: Type, *, more: bool, none: bool) -> Type:
    if not more:
        return start
    whole = Type(parts=(array,))
    item = array.item()
    told = dict(use.run.problems)
    total_ = start
    for round_ in range(_REDUCE_ROUNDS):
        use.run.problems = dict(told)
        given = use.call(function, total_, item, Type(INTEGER), whole)
        if covers(total_, given) or union(total_, given) == total_:
            return total_ if none else given
        total_ = widen(union(total_, given)) if round_ < _EXACT_ROUNDS else widened(total_, given)
    return optional(unknown("the result of `$reduce` grows with each round", use.node.start, use.node.end))


def sifted(use: Invocation) -> Type:
    first = expand(use.first)
    values, names = fields_of(first)
    if values.is_never:
        return NOTHING_TYPE
    function = use.argument(1)
    if function.may_be_absent:
        use.fails("the function is missing")
        return NOTHING_TYPE
    use.call(function, values, names, present(first))
    results: list[Type] = [
        Type(NOTHING, absent=Origin("`$sift` returns undefined if no field matches", use.node.start, use.node.end))
    ]
    results += [
        Type(parts=(Object({name: optional(field) for name, field in object_.fields.items()}, object_.rest),))
        for object_ in first.objects
    ]
    if first.atoms & ANY:
        results.append(Type(parts=(Object({}, unknown("`$sift` got `any`")),)))
    return union(*results)


def each(use: Invocation) -> Type:
    first = expand(use.first)
    function = use.argument(1)
    results: list[Type] = []
    origin = Origin("`$each` returns one value per field", use.node.start, use.node.end)
    if first.atoms & (ABSENT | ANY):
        results.append(sequence_of(NEVER, 0, 0, origin))
    for object_ in first.objects:
        values, names = fields_of(Type(parts=(object_,)))
        if values.is_never:
            results.append(sequence_of(NEVER, 0, 0, origin))
            continue
        given = use.call(function, values, names, Type(parts=(object_,)))
        there = sum(not field.may_be_absent for field in object_.fields.values())
        most = len(object_.fields) if object_.rest.is_never else None
        results.append(sequence_of(present(given), 0 if given.atoms & ABSENT else there, most, origin))
    if first.atoms & ANY:
        given = use.call(function, unknown("it is a field of `any`"), Type(TEXT), present(first))
        results.append(sequence_of(present(given), 0, None, origin))
    return union(*results)


def ordered(use: Invocation) -> Type:
    function = use.argument(1)
    if present(function).is_never:
        for array in arrays_in(use.first):
            if array.most is None or array.most > 1:
                check_order(use.run, use.at(0), expand(array.item()))
    else:
        for array in arrays_in(use.first):
            if array.most is None or array.most > 1:
                check_sort(use.run, use.at(1), use.call(function, array.item(), array.item()))
    return reordered(use)
