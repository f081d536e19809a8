"""What the built-in functions give, from the types of their arguments.

Arguments have been placed and checked by then: a list is a list, what is missing is nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from flowgen.jsonata.evaluate import Environment, EvaluationFailure, compile_expression
from flowgen.jsonata.inference.frame import Frame
from flowgen.jsonata.inference.problems import Kind, Severity
from flowgen.jsonata.inference.run import Run, sequence_of
from flowgen.jsonata.inference.values import (
    can_be_false,
    can_be_true,
    flattened,
    lookup,
    scalars,
    truth,
)
from flowgen.jsonata.tree import Tree
from flowgen.types import (
    NEVER,
    NOTHING_TYPE,
    NULL_TYPE,
    Type,
    expand,
    literal,
    optional,
    present,
    union,
    unknown,
    widen,
)
from flowgen.types.algebra import (
    ABSENT,
    ANY,
    BOOLEAN,
    FALSE,
    INTEGER,
    MAX_TUPLE,
    NOTHING,
    NULL,
    NUMBER,
    PLAIN,
    SEQUENCE,
    TEXT,
    TRUE,
    Array,
    Function,
    Object,
    Origin,
    only_absent,
)

_REDUCE_ROUNDS = 6


class Apply(Protocol):
    """Calls a function value."""

    def __call__(self, run: Run, callee: Type, arguments: list[Type], context: Type, node: Tree) -> Type: ...


@dataclass(frozen=True, slots=True)
class Use:
    """One call of a built-in function: `nodes` are its arguments in the text, `apply` calls the functions among them."""

    run: Run
    name: str
    node: Tree
    nodes: tuple[Tree, ...]
    arguments: tuple[Type, ...]
    context: Type
    apply: Apply

    def argument(self, index: int) -> Type:
        return self.arguments[index] if index < len(self.arguments) else NOTHING_TYPE

    @property
    def first(self) -> Type:
        return self.argument(0)

    def unless_nothing(self, type_: Type) -> Type:
        """`type_`, or nothing where the first argument is nothing."""
        first = self.first if self.arguments else NEVER
        if not first.atoms & ABSENT:
            return type_
        nothing = only_absent(first)
        return nothing if present(first).is_never else union(type_, nothing)

    def fails(self, when: str, help_: str | None = None, severity: Severity = Severity.WARNING) -> None:
        self.run.tell(Kind.MAY_FAIL, severity, self.node, f"`${self.name}` fails where {when}", help_, may_fail=True)

    def at(self, index: int) -> Tree:
        return self.nodes[index] if index < len(self.nodes) else self.node

    def call(self, function: Type, *arguments: Type) -> Type:
        """Calls a function argument with as many of `arguments` as it has parameters, one at least."""
        if function.atoms & ANY:
            return self.apply(self.run, function, list(arguments), NULL_TYPE, self.node)
        found = []
        for part in function.functions:
            count = max(1, min(part.arity, len(arguments)))
            alone = Type(parts=(part,))
            found.append(self.apply(self.run, alone, list(arguments[:count]), NULL_TYPE, self.node))
        return union(*found)


Result = Callable[[Use], Type]
_KINDS = {"text": Type(TEXT), "number": Type(NUMBER), "boolean": Type(BOOLEAN)}


def _arrays(type_: Type) -> list[Array]:
    return expand(type_).arrays


def _from_arrays(use: Use, make: Callable[[Array], Type]) -> Type:
    """The union of what `make` gives for each kind of array; nothing for nothing."""
    first = expand(use.first)
    results = [make(array) for array in first.arrays]
    if first.atoms & ANY:
        results.append(make(Array((), replace(present(first), parts=()), 0, None)))
    if first.atoms & ABSENT:
        results.append(only_absent(first))
    return union(*results)


def _numbers(type_: Type) -> Type:
    atoms = INTEGER if not type_.atoms & ANY else NUMBER
    widened = widen(type_)
    return Type(widened.atoms & NUMBER or atoms)


def total(use: Use) -> Type:
    return _from_arrays(use, lambda array: _numbers(array.item()) if array.most != 0 else Type(INTEGER))


def count(use: Use) -> Type:
    first = expand(use.first)
    results: list[Type] = [literal(0)] if first.atoms & ABSENT else []
    for array in first.arrays:
        results.append(literal(array.least) if array.least == array.most else Type(INTEGER))
    if first.atoms & ANY:
        results.append(Type(INTEGER))
    return union(*results)


def _empty(use: Use, what: str) -> Origin:
    return Origin(f"`${use.name}` of no {what} is nothing", use.node.start, use.node.end)


def extreme(use: Use) -> Type:
    def one(array: Array) -> Type:
        type_ = array.item() if not array.item().atoms & ANY else Type(NUMBER)
        return type_ if array.least > 0 else optional(type_, _empty(use, "numbers"))

    return _from_arrays(use, one)


def average(use: Use) -> Type:
    def one(array: Array) -> Type:
        if array.most == 0:
            return Type(NOTHING, absent=_empty(use, "numbers"))
        return Type(NUMBER) if array.least > 0 else optional(Type(NUMBER), _empty(use, "numbers"))

    return _from_arrays(use, one)


def needs_second(kind: str) -> Result:
    def given(use: Use) -> Type:
        second = use.argument(1)
        result = use.unless_nothing(_KINDS[kind])
        if second.may_be_absent:
            use.fails("its second argument is nothing", "guard it with `$exists`")
            result = union(result, only_absent(second))  # what later versions of JSONata give in place of failing
        _check_matcher(use, second)
        return result

    return given


def _check_matcher(use: Use, matcher: Type) -> None:
    """A function of the user's that takes the place of a regular expression is called with a text."""
    from flowgen.jsonata.inference.functions import Pattern

    for part in matcher.functions:
        if not isinstance(part.value, Pattern):
            use.call(Type(parts=(part,)), Type(TEXT))
            use.fails("its function does not give what a regular expression does", severity=Severity.NOTE)


def pictured(kind: str) -> Result:
    def given(use: Use) -> Type:
        _check_picture(use)
        return use.unless_nothing(_KINDS[kind])

    return given


def _check_picture(use: Use) -> None:
    """A picture that stands in the expression is tried out."""
    picture = use.argument(1)
    if present(picture).is_never and use.name in _PICTURES_OPTIONAL:
        return
    value = next(iter(picture.literals), None)
    if len(picture.literals) != 1 or not _is_literal(picture) or not present(use.argument(2)).is_never:
        use.fails("its picture is none, or is missing", severity=Severity.NOTE)
        return
    sample = "" if use.name in ("toMillis", "parseInteger") else 1
    expression = compile_expression(f"[${use.name}($sample, $picture)]")
    try:
        expression.evaluate({"sample": sample, "picture": value}, _NO_WORLD)
    except EvaluationFailure as failure:
        reason = failure.reason.rpartition("evaluation. ")[2]
        use.run.tell(
            Kind.WRONG_ARGUMENT, Severity.WARNING, use.at(1), f"`${use.name}` refuses this picture: {reason}",
            certain=True, may_fail=True,
        )  # fmt: skip


_PICTURES_OPTIONAL = ("fromMillis", "toMillis", "now")
_NO_WORLD = Environment(random.Random(0), lambda: 0)  # noqa: S311 - nothing that is tried out asks for chance


def _is_literal(type_: Type) -> bool:
    return bool(type_.literals) and not (type_.atoms or type_.formats or type_.parts)


def pad(use: Use) -> Type:
    return use.unless_nothing(Type(TEXT))


def based(use: Use) -> Type:
    base = use.argument(1)
    fits = _is_literal(base) and all(isinstance(value, int) and 2 <= value <= 36 for value in base.literals)  # noqa: PLR2004 - digits and letters
    if not fits and not (present(base).is_never and base.may_be_absent):
        use.fails("the base is not between 2 and 36", severity=Severity.NOTE)
    return use.unless_nothing(Type(TEXT))


def matches(use: Use) -> Type:
    _check_matcher(use, use.argument(1))
    _limit(use, 2)
    group = Type(TEXT | NULL)
    fields = {
        "match": Type(TEXT),
        "index": Type(INTEGER),
        "groups": Type(parts=(Array((), group, 0, None),)),
    }
    found = sequence_of(
        Type(parts=(Object(fields, NEVER),)),
        0,
        None,
        Origin(f"`${use.name}` may find any number of matches", use.node.start, use.node.end),
    )
    return use.unless_nothing(found)


def _limit(use: Use, index: int) -> None:
    limit = use.argument(index)
    if present(limit).is_never and limit.may_be_absent:
        return
    if not (_is_literal(limit) and all(not isinstance(value, str) and value >= 0 for value in limit.literals)):
        use.fails("its limit is negative", severity=Severity.NOTE)


def replaced(use: Use) -> Type:
    pattern = use.argument(1)
    _check_matcher(use, pattern)
    _limit(use, 3)
    if pattern.may_be_absent or use.argument(2).may_be_absent:
        use.fails("what to look for or to put in its place is nothing", "guard it with `$exists`")
    if pattern.atoms & (TEXT | ANY) or pattern.formats or "" in pattern.literals:
        use.fails("the text to look for is empty", severity=Severity.NOTE)
    for part in use.argument(2).functions:
        fields = {
            "match": Type(TEXT),
            "start": Type(INTEGER),
            "end": Type(INTEGER),
            "groups": Type(parts=(Array((), Type(TEXT | NOTHING), 0, None),)),
        }
        match_ = Type(parts=(Object(fields, unknown("it is what a regular expression gives")),))
        given = expand(use.call(Type(parts=(part,)), match_))
        if given.atoms & ~TEXT or given.parts or any(not isinstance(value, str) for value in given.literals):
            use.fails(f"the function in place of a text gives no text: it gives `{given}`")
    return use.unless_nothing(Type(TEXT))


def split(use: Use) -> Type:
    separator = use.argument(1)
    _check_matcher(use, separator)
    _limit(use, 2)
    if separator.may_be_absent:
        use.fails("its separator is nothing", "guard it with `$exists`")
    return use.unless_nothing(Type(parts=(Array((), Type(TEXT), 0, None),)))


def number(use: Use) -> Type:
    first = expand(use.first)
    texts = first.atoms & (TEXT | ANY) or first.formats or any(isinstance(value, str) for value in first.literals)
    if texts:
        use.fails("the text is no number", "test it first: `$match(x, /^-?[0-9]+([.][0-9]+)?$/) ? $number(x) : …`")
        return use.unless_nothing(Type(NUMBER))
    kept = Type(first.atoms & NUMBER, first.literals)
    return use.unless_nothing(union(kept, Type(INTEGER)) if first.atoms & BOOLEAN else kept)


def rounded(use: Use) -> Type:
    precision = use.argument(1)
    whole = present(precision).is_never or (
        _is_literal(precision) and all(not isinstance(value, str) and value <= 0 for value in precision.literals)
    )
    return use.unless_nothing(Type(INTEGER) if whole else _numbers(use.first))


def same_number(use: Use) -> Type:
    return use.unless_nothing(_numbers(present(use.first)))


def power(use: Use) -> Type:
    exponent = use.argument(1)
    small = _is_literal(exponent) and all(isinstance(value, int) and 0 <= value <= 16 for value in exponent.literals)  # noqa: PLR2004 - far from overflow
    if not small:
        use.fails("the result is no number or too great", severity=Severity.NOTE)
    return use.unless_nothing(_numbers(present(use.first)) if small else Type(NUMBER))


def _truth_type(verdict: int) -> Type:
    return Type(verdict & (TRUE | FALSE | NOTHING))


def boolean(use: Use) -> Type:
    return union(_truth_type(truth(use.first)), only_absent(use.first))


def negated(use: Use) -> Type:
    first = use.first
    verdict = truth(first)
    if first.atoms & NOTHING and use.nodes:
        why = f" ({first.absent.text})" if first.absent is not None else ""
        use.run.tell(
            Kind.SWALLOWED_NOTHING,
            Severity.WARNING,
            use.at(0),
            f"this may be nothing{why}, and `$not` of nothing is nothing, which counts as false",
            "say what is meant then: `$exists(x) ? $not(x) : true`",
            type=first,
        )
    atoms = (TRUE if verdict & FALSE else 0) | (FALSE if verdict & TRUE else 0)
    inner = TRUE if verdict & NOTHING and not first.atoms & ABSENT else 0
    return union(Type(atoms | inner), only_absent(first))


def exists(use: Use) -> Type:
    first = use.first
    return Type((FALSE if first.atoms & ABSENT else 0) | (TRUE if not present(first).is_never else 0))


def mapped(use: Use) -> Type:
    function = use.argument(1)

    def one(array: Array) -> Type:
        if array.most == 0:
            return Type(parts=(Array((), NEVER, 0, 0, SEQUENCE),))
        whole = Type(parts=(array,))
        given = use.call(function, array.item(), Type(INTEGER), whole)
        least = 0 if given.atoms & ABSENT else array.least
        origin = Origin("`$map` gives what it makes of each item", use.node.start, use.node.end)
        return sequence_of(present(given), least, array.most, origin)

    return _from_arrays(use, one)


def kept(use: Use) -> Type:
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
        origin = Origin("`$filter` may leave any number of items", use.node.start, use.node.end)
        return sequence_of(_narrowed(use, function, item), least, array.most, origin)

    return _from_arrays(use, one)


def _narrowed(use: Use, function: Type, item: Type) -> Type:
    """The items for which a lambda is true, as far as its body says."""
    from flowgen.jsonata.inference.conditions import Known, narrow
    from flowgen.jsonata.inference.functions import Closure

    if len(function.functions) != 1 or function.atoms:
        return item
    closure = function.functions[0].value
    if not isinstance(closure, Closure) or closure.signature is not None or not closure.parameters:
        return item
    name = closure.parameters[0]
    frame = Frame(closure.frame, {**closure.bound, name: item})
    with use.run.silently():
        known = narrow(use.run, closure.node.body, Known(closure.context, {}), frame, holds=True)
    return item if known is None else known.variables.get(name, item)


def single(use: Use) -> Type:
    use.fails("not exactly one item is left", "`$filter(…)[0]` takes the first, and is nothing without one")
    function = use.argument(1)

    def one(array: Array) -> Type:
        item = array.item()
        if present(function).is_never:
            return item
        use.call(function, item, Type(INTEGER), Type(parts=(array,)))
        return _narrowed(use, function, item)

    return _from_arrays(use, one)


def reduced(use: Use) -> Type:
    function, start = use.argument(1), use.argument(2)
    for part in function.functions:
        if part.arity < 2:  # noqa: PLR2004 - the two that it is called with
            use.run.tell(
                Kind.WRONG_ARGUMENT, Severity.ERROR, use.at(1), "`$reduce` needs a function of two arguments at least",
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
                        absent=Origin("`$reduce` of nothing without a start is nothing", use.node.start, use.node.end),
                    )
                )
            if array.most != 0:
                more, none = array.most is None or array.most > 1, array.least <= 1
                results.append(_folded(use, function, array, array.item(), more=more, none=none))
        return union(*results)

    return _from_arrays(use, one)


def _folded(use: Use, function: Type, array: Array, start: Type, *, more: bool, none: bool) -> Type:
    if not more:
        return start
    whole = Type(parts=(array,))
    item = array.item()
    told = dict(use.run.problems)
    total_ = start
    for _ in range(_REDUCE_ROUNDS):
        use.run.problems = dict(told)
        given = use.call(function, total_, item, Type(INTEGER), whole)
        grown = widen(union(total_, given))
        if grown == total_ or union(total_, given) == total_:
            return total_ if none else given
        total_ = grown
    return optional(unknown("what `$reduce` builds grows without end", use.node.start, use.node.end))


def _fields(type_: Type) -> tuple[Type, Type]:
    """The types of an object's values and of their names."""
    values, names = [], []
    for one in expand(type_).objects:
        values += [present(field) for field in one.fields.values()]
        names += [literal(name) for name in one.fields]
        if not one.rest.is_never:
            values.append(one.rest)
            names.append(Type(TEXT))
    if type_.atoms & ANY:
        values.append(present(type_))
        names.append(Type(TEXT))
    return union(*values), union(*names)


def sifted(use: Use) -> Type:
    first = expand(use.first)
    values, names = _fields(first)
    if values.is_never:
        return NOTHING_TYPE
    function = use.argument(1)
    if function.may_be_absent:
        use.fails("it has no function")
        return NOTHING_TYPE
    use.call(function, values, names, present(first))
    results: list[Type] = [
        Type(NOTHING, absent=Origin("`$sift` without a field left is nothing", use.node.start, use.node.end))
    ]
    for one in first.objects:
        results.append(Type(parts=(Object({name: optional(field) for name, field in one.fields.items()}, one.rest),)))
    if first.atoms & ANY:
        results.append(Type(parts=(Object({}, unknown("it is `any` that was sifted")),)))
    return union(*results)


def each(use: Use) -> Type:
    first = expand(use.first)
    function = use.argument(1)
    results: list[Type] = []
    origin = Origin("`$each` gives what it makes of each field", use.node.start, use.node.end)
    if first.atoms & (ABSENT | ANY):
        results.append(optional(NEVER, origin))
    for one in first.objects:
        values, names = _fields(Type(parts=(one,)))
        if values.is_never:
            results.append(optional(NEVER, origin))
            continue
        given = use.call(function, values, names, Type(parts=(one,)))
        there = sum(not field.may_be_absent for field in one.fields.values())
        most = len(one.fields) if one.rest.is_never else None
        results.append(sequence_of(present(given), 0 if given.atoms & ABSENT else there, most, origin))
    if first.atoms & ANY:
        given = use.call(function, unknown("it is a value of `any`"), Type(TEXT), present(first))
        results.append(sequence_of(present(given), 0, None, origin))
    return union(*results)


def ordered(use: Use) -> Type:
    from flowgen.jsonata.inference.paths import check_order

    function = use.argument(1)
    if present(function).is_never:
        for array in _arrays(use.first):
            if array.most is None or array.most > 1:
                check_order(use.run, use.at(0), expand(array.item()))
    else:
        for array in _arrays(use.first):
            if array.most is None or array.most > 1:
                use.call(function, array.item(), array.item())
    return reordered(use)


def reordered(use: Use) -> Type:
    """The same items in another order: an array of one or none is the very same, longer ones are plain."""

    def one(array: Array) -> Type:
        results: list[Type] = []
        if array.least <= 1:
            most = 1 if array.most is None else min(array.most, 1)
            results.append(Type(parts=(Array((), array.item(), array.least, most, array.kind, array.origin),)))
        if array.most is None or array.most > 1:
            results.append(Type(parts=(Array((), array.item(), max(2, array.least), array.most, PLAIN, array.origin),)))
        return union(*results)

    return _from_arrays(use, one)


def zipped(use: Use) -> Type:
    slots: list[Type] = []
    least: int | None = None
    most: int | None = None
    for argument in use.arguments:
        argument = expand(argument)  # noqa: PLW2901 - the same, with its names expanded
        item, few, many = flattened(argument)
        if argument.atoms & ABSENT:
            few = 0
        slots.append(item)
        least = few if least is None else min(least, few)
        if many is not None:
            most = many if most is None else min(most, many)
    if most == 0 or any(slot.is_never for slot in slots):
        return Type(parts=(Array((), NEVER, 0, 0),))
    if len(slots) > MAX_TUPLE:
        row = Type(parts=(Array((), union(*slots), len(slots), len(slots)),))
    else:
        row = Type(parts=(Array(tuple(slots), NEVER, len(slots), len(slots)),))
    return Type(parts=(Array((), row, least or 0, most),))


def keys(use: Use) -> Type:
    first = expand(use.first)
    results: list[Type] = []
    if first.atoms & ANY:
        results.append(sequence_of(Type(TEXT), 0, None))
    elif first.atoms or first.literals or first.formats:
        results.append(NOTHING_TYPE)
    origin = Origin("`$keys` gives the name of each field", use.node.start, use.node.end)
    for part in first.parts:
        if type(part) is Object:
            _, names = _fields(Type(parts=(part,)))
            there = sum(not field.may_be_absent for field in part.fields.values())
            most = len(part.fields) if part.rest.is_never else None
            results.append(sequence_of(names, there, most, origin))
        elif type(part) is Array:
            inner = _all_names(part.item(), 0)
            least = 1 if part.least and not inner.is_never and _has_field(part.item()) else 0
            results.append(sequence_of(inner, least, None, origin))
        else:
            results.append(NOTHING_TYPE)
    return union(*results)


def _has_field(type_: Type) -> bool:
    type_ = expand(type_)
    return (
        not (type_.atoms or type_.literals or type_.formats)
        and bool(type_.objects)
        and len(type_.objects) == len(type_.parts)
        and all(any(not field.may_be_absent for field in one.fields.values()) for one in type_.objects)
    )


def _all_names(type_: Type, depth: int) -> Type:
    type_ = expand(type_)
    if type_.atoms & ANY or depth > 8:  # noqa: PLR2004 - arrays nested without end
        return Type(TEXT)
    return union(_fields(type_)[1], *(_all_names(array.item(), depth + 1) for array in type_.arrays))


def looked_up(use: Use) -> Type:
    first, key = use.first, expand(use.argument(1))
    names = [value for value in key.literals if isinstance(value, str)]
    results = [lookup(first, name) for name in names]
    if key.atoms & ABSENT:
        results.append(NOTHING_TYPE)
    if key.atoms & (TEXT | ANY) or key.formats:
        results.append(_any_field(first, 0))
    found = union(*results)
    why = Origin(f"there may be no such field: `${use.name}` gives nothing then", use.node.start, use.node.end)
    return replace(found, absent=found.absent or why) if found.atoms & ABSENT else found


def _any_field(type_: Type, depth: int) -> Type:
    type_ = expand(type_)
    if type_.atoms & ANY or depth > 8:  # noqa: PLR2004 - arrays nested without end
        return optional(unknown("a field is taken out of `any`"))
    values = _fields(type_)[0]
    results = [optional(values)]
    for array in type_.arrays:
        item, _, most = flattened(_any_field(array.item(), depth + 1))
        results.append(sequence_of(item, 0, None if most is None or array.most is None else most * array.most))
    return union(*results)


def appended(use: Use) -> Type:
    left, right = expand(use.first), expand(use.argument(1))
    results: list[Type] = []
    if left.atoms & ABSENT:
        results.append(right)
    if right.atoms & ABSENT:
        results.append(left)
    if present(left).is_never or present(right).is_never:
        return union(*results)
    one, least, most = flattened(present(left))
    other, more, many = flattened(present(right))
    exact = [_exact(present(left)), _exact(present(right))]
    if exact[0] is not None and exact[1] is not None and len(exact[0]) + len(exact[1]) <= MAX_TUPLE:
        prefix = (*exact[0], *exact[1])
        results.append(Type(parts=(Array(prefix, NEVER, len(prefix), len(prefix)),)))
        return union(*results)
    longest = None if most is None or many is None else most + many
    results.append(Type(parts=(Array((), union(one, other), least + more, longest),)))
    return union(*results)


def _exact(type_: Type) -> tuple[Type, ...] | None:
    """The items of what is surely that many of them."""
    if type_.atoms & ANY:
        return None
    arrays = type_.arrays
    if not arrays:
        return (type_,)
    only = arrays[0]
    if len(arrays) == 1 and scalars(type_).is_never and only.least == only.most == len(only.prefix):
        return only.prefix
    return None


def spread(use: Use) -> Type:
    return _spread(expand(use.first), use, 0)


def _spread(type_: Type, use: Use, depth: int) -> Type:
    if type_.atoms & ANY or depth > 8:  # noqa: PLR2004 - arrays nested without end
        return optional(unknown("it is `any` that was spread"))
    results = [replace(type_, parts=tuple(part for part in type_.parts if type(part) is Function))]
    for part in type_.parts:
        if type(part) is Object:
            ones = [Type(parts=(Object({name: present(field)}, NEVER),)) for name, field in part.fields.items()]
            if not part.rest.is_never:
                ones.append(Type(parts=(Object({}, part.rest),)))
            there = sum(not field.may_be_absent for field in part.fields.values())
            most = len(part.fields) if part.rest.is_never else None
            origin = Origin("`$spread` gives an object for each field", use.node.start, use.node.end)
            results.append(sequence_of(union(*ones), there, most, origin))
        elif type(part) is Array:
            inner = _spread(expand(part.item()), use, depth + 1)
            item, least, most = flattened(inner)
            most = None if most is None or part.most is None else most * part.most
            # Appending makes a plain array, but what is appended to nothing stays as it is.
            sequence = sequence_of(item, least * part.least, most)
            results.append(sequence)
            results.append(Type(parts=tuple(replace(array, kind=PLAIN) for array in sequence.arrays)))
            if part.least <= 1 and not inner.is_never:
                results.append(inner)
    return union(*results)


def merged(use: Use) -> Type:
    def one(array: Array) -> Type:
        item = array.item()
        if array.most == 0:
            return Type(parts=(Object({}, NEVER),))
        if item.atoms & ANY:
            return Type(parts=(Object({}, unknown("it is `any` that was merged")),))
        if array.prefix and array.least == array.most == len(array.prefix):
            return _merged_in_order(list(array.prefix))
        objects = expand(item).objects
        rest = union(*(each_.rest for each_ in objects))
        fields: dict[str, Type] = {}
        for each_ in objects:
            for name in each_.fields:
                if name not in fields:
                    found = union(*(other.get(name) for other in objects))
                    fields[name] = found if array.least > 0 else optional(found)
        if array.most == 1 and array.least == 1:
            return Type(parts=tuple(objects))
        return Type(parts=(Object(fields, rest),))

    return _from_arrays(use, one)


_MAX_MERGED = 16


def _merged_in_order(items: list[Type]) -> Type:
    current: list[Object] = [Object({}, NEVER)]
    for item in items:
        following = expand(item).objects
        if len(current) * len(following) > _MAX_MERGED:
            return Type(parts=(Object({}, unknown("too many variants are merged")),))
        current = [_over(one, other) for one in current for other in following]
    return union(*(Type(parts=(one,)) for one in current))


def _over(under: Object, over: Object) -> Object:
    """`over` put onto `under`: its fields win where they are there."""
    fields: dict[str, Type] = {}
    for name in [*under.fields, *(name for name in over.fields if name not in under.fields)]:
        new, old = over.get(name), under.get(name)
        fields[name] = union(present(new), old) if new.may_be_absent else new
    return Object(fields, union(under.rest, over.rest))


def distinct(use: Use) -> Type:
    first = expand(use.first)
    results = [scalars(first)] if not scalars(first).is_never else []
    for array in first.arrays:
        results.append(
            Type(parts=(Array((), array.item(), min(array.least, 1), array.most, array.kind, array.origin),))
        )
    return union(*results)


def type_name(use: Use) -> Type:
    first = expand(use.first)
    if first.atoms & ANY:
        names = ["null", "number", "string", "boolean", "array", "object"]
        return union(Type(literals=frozenset(names)), only_absent(first))
    names = []
    texts = any(isinstance(value, str) for value in first.literals)
    if first.atoms & NULL:
        names.append("null")
    if first.atoms & NUMBER or any(not isinstance(value, str) for value in first.literals):
        names.append("number")
    if first.atoms & TEXT or first.formats or texts:
        names.append("string")
    if first.atoms & BOOLEAN:
        names.append("boolean")
    for part in first.parts:
        names.append({Array: "array", Object: "object", Function: "function"}[type(part)])  # type: ignore[index]
    return union(Type(literals=frozenset(names)), only_absent(first))


def cloned(use: Use) -> Type:
    from flowgen.jsonata.inference.run import settle

    return settle(use.first)


def raised(use: Use) -> Type:
    use.run.tell(
        Kind.RAISES, Severity.NOTE, use.node, "`$error` makes the expression fail", certain=True, may_fail=True
    )
    return NEVER


def asserted(use: Use) -> Type:
    use.run.tell(
        Kind.RAISES, Severity.NOTE, use.node, "`$assert` makes the expression fail where its condition is false",
        may_fail=True,
    )  # fmt: skip
    return Type(NOTHING, absent=Origin("`$assert` gives nothing", use.node.start, use.node.end))


def now(use: Use) -> Type:
    if not present(use.first).is_never:
        use.fails("its picture is none", severity=Severity.NOTE)
    return Type(TEXT)


def to_millis(use: Use) -> Type:
    _check_picture(use)
    given = use.unless_nothing(Type(INTEGER))
    if present(use.argument(1)).is_never:
        return given
    return optional(
        given, Origin("`$toMillis` gives nothing where the text is not of that form", use.node.start, use.node.end)
    )


def partitioned(use: Use) -> Type:
    size = use.argument(1)
    if not (_is_literal(size) and all(not isinstance(value, str) and value >= 1 for value in size.literals)):
        use.fails("the size is less than 1", severity=Severity.NOTE)

    def one(array: Array) -> Type:
        chunk = Type(parts=(Array((), array.item(), 1, None),))
        return Type(parts=(Array((), chunk if array.most != 0 else NEVER, min(array.least, 1), array.most),))

    return _nothing_or_null(use, _from_arrays(use, one))


def ranged(use: Use) -> Type:
    step = use.argument(2)
    if not (_is_literal(step) and 0 not in step.literals):
        use.fails("the step is 0 or there are too many numbers", severity=Severity.NOTE)
    if any(argument.may_be_absent for argument in use.arguments):
        use.fails("one of its arguments is nothing", "guard it with `$exists`")
    return Type(parts=(Array((), Type(INTEGER), 0, None),))


_ALGORITHMS = frozenset({"MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"})


def hashed(use: Use) -> Type:
    algorithm = use.argument(1)
    if not (_is_literal(algorithm) and algorithm.literals <= _ALGORITHMS):
        known = ", ".join(f"`{name}`" for name in sorted(_ALGORITHMS))
        use.fails("it does not know the algorithm", f"it knows {known}")
    return _nothing_or_null(use, use.unless_nothing(Type(TEXT)))


def uuid(use: Use) -> Type:
    del use
    return Type(formats=frozenset({"uuid"}))


def parsed(use: Use) -> Type:
    found = unknown("`$parse` gives whatever the text holds", use.node.start, use.node.end)
    return _nothing_or_null(use, use.unless_nothing(found))


def _nothing_or_null(use: Use, type_: Type) -> Type:
    """What Step Functions' own functions give for nothing is not documented: nothing, or null."""
    return union(type_, NULL_TYPE) if use.first.may_be_absent else type_
