"""The shapes that paths, intrinsic functions, payload templates and rules of the JSONPath language read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flowgen.asl.comparison import JUNCTIONS, MAX_DEPTH, OPERATORS, TYPE_TESTS, compile_rule
from flowgen.asl.errors import QueryFailure, QuerySyntaxError
from flowgen.asl.jsonpath import compile_path
from flowgen.asl.jsonpath_parser import (
    Comparison,
    Descend,
    Filter,
    Function,
    Indices,
    Junction,
    Keys,
    Literal,
    Negation,
    Query,
    Slice,
    Step,
    Wildcard,
)
from flowgen.asl.jsonpath_parser import Condition as Filtered
from flowgen.asl.templates import compile_expression
from flowgen.comparing.conditions import ABSENT, UNKNOWN, All, Condition, Not, Some, Test
from flowgen.comparing.shapes import Shape, list_of, literal, object_of
from flowgen.local.values import JSON

_KINDS = {"String": "string", "Numeric": "number", "Boolean": "boolean", "Timestamp": "timestamp"}
_TESTED = {"IsString": "string", "IsNumeric": "number", "IsBoolean": "boolean", "IsTimestamp": "timestamp"}


@dataclass(frozen=True, slots=True)
class Scope:
    """What paths start from: the state's data, the variables, and the context object."""

    data: Shape
    variables: Shape
    context: Shape


def at_path(text: Any, scope: Scope) -> Shape:
    """The shape at a path. A path that does not parse reads nothing."""
    if not isinstance(text, str):
        return Shape()
    try:
        path = compile_path(text)
    except QuerySyntaxError:
        return Shape()
    start = scope.data
    if path.is_context:
        start = scope.context
    elif path.variable is not None:
        start = scope.variables.member(path.variable)
    return _walked(start, path.steps, scope.data)


def _walked(start: Shape, steps: Iterable[Step], root: Shape) -> Shape:
    """The shape that the steps select: a list of what they select, once a step may select more than one value."""
    shape, many = start, False
    for step in steps:
        match step:
            case Keys((name,)):
                shape = shape.member(name)
            case Keys(names):
                shape = object_of((name, shape.member(name)) for name in names)
            case Indices(positions):
                shape, many = shape.at(max(positions, key=_needed)), many or len(positions) > 1
            case Slice() | Wildcard():
                shape, many = shape.item, True
            case Descend():
                many = True
            case Filter(condition):
                shape, many = shape.item, True
                _condition(condition, shape, root)
            case Function(name):
                if name in {"min", "max", "avg", "sum", "stddev"}:
                    shape.item.is_kind("number")
                shape.is_list  # noqa: B018 - reading creates nothing; a length also exists of objects
                shape, many = Shape().is_kind("number"), False
    return list_of(shape) if many else shape


def _needed(position: int) -> int:
    return position + 1 if position >= 0 else -position


def _condition(condition: Filtered, item: Shape, root: Shape) -> None:
    match condition:
        case Negation(inner):
            _condition(inner, item, root)
        case Junction(_, conditions):
            for inner in conditions:
                _condition(inner, item, root)
        case Comparison(left, operator, right):
            found = [Shape() if isinstance(side, Literal) else _queried(side, item, root) for side in (left, right)]
            if operator == "exists":
                found[0].optional = True
                return
            for side, shape in ((right, found[0]), (left, found[1])):
                if isinstance(side, Literal):
                    shape.mention(*(side.value if isinstance(side.value, list) else [side.value]))
            if isinstance(left, Query) and isinstance(right, Query):
                found[0].unify(found[1])


def _queried(query: Query, item: Shape, root: Shape) -> Shape:
    return _walked(item if query.from_item else root, query.steps, root)


def in_expression(text: Any, scope: Scope) -> Shape:
    """The shape of a path's or intrinsic function's value."""
    if not isinstance(text, str):
        return literal(text)
    if not text.startswith("States."):
        return at_path(text, scope)
    try:
        expression = compile_expression(text, "")
    except QuerySyntaxError:
        return Shape()
    arguments = [at_path(path.text, scope) for path in expression.paths]
    return _called(text.partition("(")[0], arguments)


def _called(name: str, arguments: list[Shape]) -> Shape:
    """The value of an intrinsic function whose paths have these shapes."""
    first = arguments[0] if arguments else Shape()
    match name:
        case "States.StringToJson":
            return first.text_of
        case "States.JsonToString":
            shape = Shape().is_kind("string")
            shape.text_of.unify(first)
            return shape
        case "States.Array":
            shape = Shape()
            for argument in arguments:
                shape.item.unify(argument)
            return shape
        case "States.ArrayGetItem":
            return first.item
        case "States.ArrayPartition":
            return list_of(list_of(first.item))
        case "States.ArrayUnique":
            return list_of(first.item)
        case "States.ArrayContains":
            if len(arguments) > 1:
                first.item.unify(arguments[1])
            return Shape().is_kind("boolean")
        case "States.ArrayLength":
            first.item  # noqa: B018 - creates the item
            return Shape().is_kind("number")
        case "States.MathAdd" | "States.MathRandom":
            for argument in arguments:
                argument.is_kind("number")
            return Shape().is_kind("number")
        case "States.ArrayRange":
            for argument in arguments:
                argument.is_kind("seconds")
            return list_of(Shape().is_kind("number"))
        case "States.JsonMerge":
            shape = Shape().is_kind("object")
            for argument in arguments:
                shape.unify(argument.is_kind("object"))
            return shape
        case "States.StringSplit" | "States.Base64Encode" | "States.Base64Decode" | "States.Hash":
            first.is_kind("string")
            return list_of(Shape().is_kind("string")) if name == "States.StringSplit" else Shape().is_kind("string")
        case _:
            return Shape().is_kind("string")


def in_template(payload: JSON, scope: Scope) -> Shape:
    """The shape of a payload template's value."""
    if isinstance(payload, dict):
        return object_of(
            (name[:-2], in_expression(value, scope)) if name.endswith(".$") else (name, in_template(value, scope))
            for name, value in payload.items()
        )
    if isinstance(payload, list):
        shape = Shape()
        for item in payload:
            shape.item.unify(in_template(item, scope))
        return shape
    return literal(payload)


def in_rule(rule: Any, scope: Scope, depth: int = 0) -> Condition:
    """Record what a rule of a Choice compares, and return its condition."""
    if not isinstance(rule, dict) or depth > MAX_DEPTH:
        return UNKNOWN
    for name, operand in rule.items():
        if name in JUNCTIONS:
            parts = operand if isinstance(operand, list) else [operand]
            inner = tuple(in_rule(part, scope, depth + 1) for part in parts)
            return Not(inner[0]) if name == "Not" else All(inner) if name == "And" else Some(inner)
        if name in OPERATORS:
            return _comparison(at_path(rule.get("Variable"), scope), name, operand, scope)
    return UNKNOWN


def _comparison(shape: Shape, name: str, operand: JSON, scope: Scope) -> Condition:
    if name == "IsPresent":
        shape.optional = True
    elif name == "IsNull":
        shape.nullable = True
    elif name in TYPE_TESTS:
        shape.is_kind(_TESTED[name]).is_kind("string")
    elif name == "StringMatches":
        shape.is_kind("string")
        if isinstance(operand, str):
            shape.mention(operand.replace("\\*", "\0").replace("*", "x").replace("\0", "*"), operand.replace("*", ""))
    else:
        shape.is_kind(next(kind for prefix, kind in _KINDS.items() if name.startswith(prefix)))
        if name.endswith("Path"):
            shape.unify(at_path(operand, scope))
            return UNKNOWN
        shape.mention(operand)
    return _test(shape, name, operand)


def _test(shape: Shape, name: str, operand: JSON) -> Condition:
    """The condition of an operator and a constant."""
    try:
        rule = compile_rule({"Variable": "$.value", name: operand})
    except QuerySyntaxError:
        return UNKNOWN

    def holds(value: Any) -> bool:
        try:
            return rule.holds({} if value is ABSENT else {"value": value}, {}, {})
        except QueryFailure:
            return False

    return Test(shape, holds)
