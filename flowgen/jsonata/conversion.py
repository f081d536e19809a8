"""Converts the tree of jsonata-python to flowgen's: the only module that knows the library's fields.

`parsing` puts `span` (the offsets with predicates) and `core` (those without) on the library's nodes.
"""

from __future__ import annotations

from typing import Any

from flowgen.jsonata.tree import (
    Apply,
    ArrayConstructor,
    Binary,
    Bind,
    Block,
    Call,
    Condition,
    Descendants,
    Group,
    Index,
    Lambda,
    Literal,
    Name,
    Negation,
    ObjectConstructor,
    Parent,
    Partial,
    Path,
    Regex,
    Sort,
    SortTerm,
    Step,
    TailCall,
    Transform,
    Tree,
    Variable,
    Wildcard,
)


def convert(symbol: Any) -> Tree:
    """Converts a processed node of the library, with everything in it."""
    start, end = _span(symbol)
    common: dict[str, Any] = {"start": start, "end": end, "inner_end": getattr(symbol, "core", (start, end))[1]}
    if symbol.keep_array:
        common["keep_array"] = True
    if symbol.predicate:
        common["predicates"] = tuple(_predicate(stage.expr) for stage in symbol.predicate)
    if symbol.group is not None:
        common["group"] = _group(symbol.group.lhs_object, (start, end))
    return _node(symbol, common)


def _predicate(symbol: Any) -> Tree:
    """A number between brackets is an index, and JSONata ignores what follows it there: `x[0[1]]` is `x[0]`."""
    if symbol.type != "number":
        return convert(symbol)
    start, end = _span(symbol)
    return Literal(value=symbol.value, start=start, end=end, inner_end=end)


def _span(symbol: Any) -> tuple[int, int]:
    found: tuple[int, int] | None = getattr(symbol, "span", None)
    if found is not None:
        return found
    # The library creates these three itself, from nodes that have offsets.
    if symbol.thunk:
        return _span(symbol.body)
    inner = [term.expression for term in symbol.terms] if symbol.type == "sort" else [symbol.lhs, symbol.rhs]
    spans = [_span(part) for part in inner]
    return spans[0][0], spans[-1][1]


def _node(symbol: Any, common: dict[str, Any]) -> Tree:
    match symbol.type:
        case "string" | "number" | "value":
            return _literal(symbol.value, common)
        case "variable":
            return Variable(name=symbol.value, **common)
        case "name":
            return Name(name=symbol.value, **common)
        case "wildcard":
            return Wildcard(**common)
        case "descendant":
            return Descendants(**common)
        case "parent":
            return Parent(label=symbol.slot.label, **common)
        case "path":
            steps = tuple(map(_step, symbol.steps))
            return Path(steps=steps, keep_single=bool(symbol.keep_singleton_array), tuples=bool(symbol.tuple), **common)
        case "binary":
            return Binary(operator=symbol.value, left=convert(symbol.lhs), right=convert(symbol.rhs), **common)
        case "unary":
            return _unary(symbol, common)
        case "block":
            return Block(expressions=tuple(map(convert, symbol.expressions)), tuples=bool(symbol.tuple), **common)
        case "bind":
            return Bind(name=symbol.lhs.value, value=convert(symbol.rhs), **common)
        case "condition":
            otherwise = None if symbol._else is None else convert(symbol._else)  # noqa: SLF001 - the library's name
            return Condition(
                condition=convert(symbol.condition), then=convert(symbol.then), otherwise=otherwise, **common
            )
        case "apply":
            return Apply(value=convert(symbol.lhs), function=convert(symbol.rhs), **common)
        case "transform":
            delete = None if symbol.delete is None else convert(symbol.delete)
            return Transform(pattern=convert(symbol.pattern), update=convert(symbol.update), delete=delete, **common)
        case "regex":
            return Regex(**common)
        case _:
            return _functions(symbol, common)


def _literal(value: Any, common: dict[str, Any]) -> Tree:
    """A literal, in a block if something follows it: `10[1]` is not the value 10."""
    start, end = common["start"], common["inner_end"]
    bare = Literal(value=value, start=start, end=end, inner_end=end)
    return Block(expressions=(bare,), tuples=False, **common) if len(common) > 3 else bare  # noqa: PLR2004 - more than its place


def _functions(symbol: Any, common: dict[str, Any]) -> Tree:
    match symbol.type:
        case "function":
            procedure, arguments = convert(symbol.procedure), tuple(map(convert, symbol.arguments))
            return Call(procedure=procedure, arguments=arguments, **common)
        case "partial":
            holes = tuple(None if part.type == "operator" else convert(part) for part in symbol.arguments)
            return Partial(procedure=convert(symbol.procedure), arguments=holes, **common)
        case "lambda" if symbol.thunk:
            call = convert(symbol.body)
            assert isinstance(call, Call)  # noqa: S101 - the library makes a thunk of nothing else
            return TailCall(call=call, start=call.start, end=call.end, inner_end=call.inner_end)
        case "lambda":
            parameters = tuple(parameter.value for parameter in symbol.arguments)
            text = None if symbol.signature is None else symbol.signature.text
            return Lambda(parameters=parameters, signature=text, body=convert(symbol.body), **common)
        case "sort":
            terms = tuple(
                SortTerm(expression=convert(term.expression), descending=term.descending) for term in symbol.terms
            )
            return Sort(terms=terms, **common)
        case _:
            raise ValueError(symbol.type)


def _unary(symbol: Any, common: dict[str, Any]) -> Tree:
    match str(symbol.value):
        case "[":
            items = tuple(map(convert, symbol.expressions))
            return ArrayConstructor(items=items, constructor=bool(symbol.consarray), **common)
        case "{":
            return ObjectConstructor(pairs=_group(symbol.lhs_object, symbol.span), **common)
        case _:
            return Negation(operand=convert(symbol.expression), **common)


def _group(pairs: Any, span: tuple[int, int]) -> Group:
    return Group(tuple((convert(key), convert(value)) for key, value in pairs), *span)


def _step(symbol: Any) -> Step:
    stages = tuple(
        Index(stage.value) if stage.type == "index" else _predicate(stage.expr) for stage in symbol.stages or ()
    )
    return Step(
        node=convert(symbol),
        stages=stages,
        focus=symbol.focus,
        index=symbol.index if isinstance(symbol.index, str) else None,
        ancestor=None if symbol.ancestor is None else symbol.ancestor.label,
        tuples=bool(symbol.tuple),
        constructor=bool(symbol.consarray),
    )
