"""The shapes that JSONata expressions read."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flowgen.comparing.conditions import ABSENT, UNKNOWN, All, Condition, Not, Some, Test
from flowgen.comparing.shapes import Shape, list_of, object_of
from flowgen.comparing.shapes import literal as literal_shape
from flowgen.jsonata import tree
from flowgen.jsonata.parsing import ExpressionParser, Syntax
from flowgen.local.jsonata_query import is_expression
from flowgen.local.values import JSON

_ORDERED = frozenset({"<", "<=", ">", ">="})
_NUMERIC = frozenset({"+", "-", "*", "/", "%"})
_NUMBERS = frozenset({"count", "length", "sum", "max", "min", "average", "round", "floor", "ceil", "abs", "number"})
_BOOLEANS = frozenset({"exists", "not", "boolean", "contains"})
_DEEPEST = 150
_MOST_CALLS = 200
"""Most calls of functions that one expression defines. They may be recursive."""

_TYPES = frozenset({"string", "number", "boolean", "object", "array"})
_COMPARED = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

_parser = ExpressionParser()


@dataclass(frozen=True, slots=True)
class Scope:
    """What names mean: the reserved variable `$states`, and the variables of the machine and of the expression."""

    states: Shape
    variables: Shape
    bound: Mapping[str, Shape] = field(default_factory=dict)

    def variable(self, name: str) -> Shape:
        if name == "states":
            return self.states
        return self.bound[name] if name in self.bound else self.variables.member(name)


def _compares(name: str, literal: JSON) -> Callable[[Any], bool]:
    def holds(value: Any) -> bool:
        try:
            return bool(_COMPARED[name](value, literal))
        except TypeError:
            return False

    return holds


def in_value(value: JSON, scope: Scope) -> Shape:
    """The shape of a value that may contain expressions at any depth."""
    if isinstance(value, dict):
        return object_of((name, in_value(member, scope)) for name, member in value.items())
    if isinstance(value, list):
        shape = Shape()
        for item in value:
            shape.item.unify(in_value(item, scope))
        return shape
    if not is_expression(value):
        return literal_shape(value)
    syntax = _parser.parse(value[2:-2].strip())
    return _Reader(scope).read(syntax.tree, Shape()) if isinstance(syntax, Syntax) else Shape()


def in_condition(value: JSON, scope: Scope) -> Condition:
    """Record what the condition of a Choice rule compares, and return it."""
    in_value(value, scope)
    syntax = _parser.parse(value[2:-2].strip()) if is_expression(value) else None
    return _Reader(scope).condition(syntax.tree) if isinstance(syntax, Syntax) else UNKNOWN


class _Reader:
    """Reads one expression. Bindings of a block stay known after it: names are rarely used twice."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.bound = dict(scope.bound)
        self.functions: dict[str, tree.Lambda] = {}
        self.types: dict[Shape, Shape] = {}
        self.keys: dict[Shape, Shape] = {}
        """The arguments of $type and $keys, by the shapes of their results."""
        self.depth = 0
        self.calls = 0

    def variable(self, name: str, context: Shape) -> Shape:
        if name in {"", "$"}:
            return context
        if name == "states":
            return self.scope.states
        return self.bound[name] if name in self.bound else self.scope.variables.member(name)

    def read(self, node: tree.Tree, context: Shape) -> Shape:
        """The shape of a node's value."""
        if self.depth > _DEEPEST:
            return Shape()
        self.depth += 1
        shape = self._read(node, context)
        for predicate in node.predicates:
            shape = self._filtered(shape, predicate)
        if node.group is not None:
            for key, value in node.group.pairs:
                self.read(key, shape)
                self.read(value, shape)
            shape = Shape().is_kind("object")
        self.depth -= 1
        return shape

    def condition(self, node: tree.Tree) -> Condition:
        """The condition of an expression, as far as it compares values with literals."""
        match node:
            case tree.Block(expressions=(inner,)):
                return self.condition(inner)
            case tree.Binary(operator="and", left=left, right=right):
                return All((self.condition(left), self.condition(right)))
            case tree.Binary(operator="or", left=left, right=right):
                return Some((self.condition(left), self.condition(right)))
            case tree.Binary(operator=symbol, left=left, right=tree.Literal(value=value)) if symbol in _COMPARED:
                return Test(self.read(left, Shape()), _compares(symbol, value))
            case tree.Binary(operator="in", left=left, right=tree.ArrayConstructor(items=items)):
                values = [item.value for item in items if isinstance(item, tree.Literal)]
                return Test(self.read(left, Shape()), lambda found: found in values)
            case tree.Call(procedure=tree.Variable(name="exists"), arguments=(argument,)):
                return Test(self.read(argument, Shape()), lambda found: found is not ABSENT)
            case tree.Call(procedure=tree.Variable(name="not"), arguments=(argument,)):
                return Not(self.condition(argument))
            case tree.Path() | tree.Variable():
                return Test(self.read(node, Shape()), lambda found: found is True)
            case _:
                return UNKNOWN

    def _filtered(self, shape: Shape, predicate: tree.Tree) -> Shape:
        if isinstance(predicate, tree.Literal) and isinstance(predicate.value, float | int):
            # A value that is not a list has itself at the index 0.
            return shape if predicate.value == 0 and not shape.is_list else shape.at(int(predicate.value))
        item = shape.item
        self.read(predicate, item)
        return item

    def _read(self, node: tree.Tree, context: Shape) -> Shape:
        match node:
            case tree.Literal(value=value):
                return literal_shape(value)
            case tree.Variable(name=name):
                return self.variable(name, context)
            case tree.Name(name=name):
                return context.member(name)
            case tree.Wildcard() | tree.Descendants():
                return context.item
            case tree.Path():
                return self._path(node, context)
            case tree.Binary(operator=symbol, left=left, right=right):
                return self._binary(symbol, self.read(left, context), self.read(right, context), left, right)
            case tree.Negation(operand=operand):
                return self.read(operand, context).is_kind("number")
            case tree.ArrayConstructor(items=items):
                shape = Shape()
                for item in items:
                    shape.item.unify(self.read(item, context))
                return shape
            case tree.ObjectConstructor(pairs=pairs):
                return self._object(pairs, context)
            case tree.Block(expressions=expressions):
                shape = Shape()
                for expression in expressions:
                    shape = self.read(expression, context)
                return shape
            case tree.Bind(name=name, value=tree.Lambda() as function):
                self.functions[name] = function
                return Shape()
            case tree.Bind(name=name, value=value):
                self.bound[name] = self.read(value, context)
                return self.bound[name]
            case tree.Condition(condition=condition, then=then, otherwise=otherwise):
                self.read(condition, context)
                shape = Shape().unify(self.read(then, context))
                return shape if otherwise is None else shape.unify(self.read(otherwise, context))
            case tree.TailCall(call=call):
                return self.read(call, context)
            case tree.Call(procedure=procedure, arguments=arguments):
                return self._call(procedure, arguments, context)
            case tree.Apply(value=value, function=tree.Call(procedure=procedure, arguments=arguments)):
                return self._call(procedure, (value, *arguments), context)
            case tree.Apply(value=value, function=function):
                return self._call(function, (value,), context)
            case tree.Lambda(body=body, parameters=parameters):
                for name in parameters:
                    self.bound.setdefault(name, Shape())
                return self.read(body, context)
            case _:
                return Shape()

    def _path(self, node: tree.Path, context: Shape) -> Shape:
        shape = context
        for number, step in enumerate(node.steps):
            if isinstance(step.node, tree.Sort):
                for term in step.node.terms:
                    self.read(term.expression, shape.item)
                continue
            # A step after a list applies to each of its items.
            shape = self.read(step.node, shape.item if number and shape.is_list and not shape.members else shape)
            if step.focus is not None:
                self.bound[step.focus] = shape.item
            for stage in step.stages:
                if isinstance(stage, tree.Node):
                    shape = self._filtered(shape, stage)
        return shape

    def _object(self, pairs: tree.Group, context: Shape) -> Shape:
        shape = Shape().is_kind("object")
        for key, value in pairs.pairs:
            inner = self.read(value, context)
            if isinstance(key, tree.Literal) and isinstance(key.value, str):
                shape.member(key.value).unify(inner)
            else:
                self.read(key, context).is_kind("string")
        return shape

    def _binary(self, symbol: str, left: Shape, right: Shape, first: tree.Tree, second: tree.Tree) -> Shape:
        if symbol in _NUMERIC:
            left.is_kind("number")
            right.is_kind("number")
            return Shape().is_kind("number")
        if symbol == "&":
            return Shape().is_kind("string")
        if symbol == "..":
            left.is_kind("seconds")
            right.is_kind("seconds")
            return list_of(Shape().is_kind("number"))
        if symbol == "in" and right in self.keys:
            for name in left.literals:
                self.keys[right].member(str(name))
        elif symbol == "in":
            if right.is_list:
                left.unify(right.item)
            else:
                left.unify(right)
        elif symbol in {"=", "!="} | _ORDERED:
            for shape, node in ((left, second), (right, first)):
                if isinstance(node, tree.Literal):
                    shape.mention(node.value)
            if left in self.types:
                self._typed(self.types[left], right.literals)
            elif not isinstance(first, tree.Literal) and not isinstance(second, tree.Literal):
                left.unify(right)
        return Shape().is_kind("boolean")

    @staticmethod
    def _typed(shape: Shape, names: list[JSON]) -> None:
        """Record that a value is tested for these types."""
        for name in names:
            if name == "array":
                shape.item  # noqa: B018 - creates the item
            elif name in _TYPES:
                shape.is_kind(name)

    def _call(self, procedure: tree.Tree, arguments: tuple[tree.Tree, ...], context: Shape) -> Shape:
        name = procedure.name if isinstance(procedure, tree.Variable) else ""
        lambdas = [argument for argument in arguments if isinstance(argument, tree.Lambda)]
        if lambdas and name in {"map", "filter", "each", "reduce", "single", "sift", "sort"}:
            return self._over(name, self.read(arguments[0], context), arguments[1:], lambdas[0], context)
        values = [self.read(argument, context) for argument in arguments]
        if name in self.functions:
            procedure = self.functions[name]
        if isinstance(procedure, tree.Lambda):
            self.calls += 1
            if self.calls > _MOST_CALLS:
                return Shape()
            outer, self.bound = self.bound, dict(self.bound)
            for parameter, value in zip(procedure.parameters, values, strict=False):
                self.bound[parameter] = value
            result = self.read(procedure.body, context)
            self.bound = outer
            return result
        first = values[0] if values else context
        return self._built_in(name, first, values)

    def _over(
        self, name: str, values: Shape, rest: tuple[tree.Tree, ...], function: tree.Lambda, context: Shape
    ) -> Shape:
        """A function that calls another one for each item."""
        item = values.item
        roles = [item, Shape().is_kind("number"), values]
        if name == "reduce":
            roles = [Shape(), item, Shape().is_kind("number")]
        elif name == "sort":
            roles = [item, item]
        for parameter, role in zip(function.parameters, roles, strict=False):
            self.bound[parameter] = role
        for argument in rest:
            if argument is not function:
                self.read(argument, context)
        result = self.read(function.body, context)
        if name == "map":
            return list_of(result)
        return values if name in {"filter", "sort"} else item if name == "single" else result

    def _built_in(self, name: str, first: Shape, values: list[Shape]) -> Shape:
        match name:
            case "exists":
                first.optional = True
            case "parse":
                return first.text_of
            case "string":
                return Shape().is_kind("string")
            case "merge":
                return Shape().is_kind("object").unify(first.item)
            case "lookup":
                return Shape()
            case "append":
                for value in values:
                    first.item.unify(value.item if value.is_list else value)
                return first
            case "distinct" | "reverse" | "shuffle" | "sort":
                return list_of(first.item)
            case "type":
                result = Shape()
                self.types[result] = first
                return result
            case "keys":
                result = list_of(Shape().is_kind("string"))
                self.keys[result] = first
                return result
            case "toMillis":
                first.is_kind("timestamp")
                return Shape().is_kind("number")
            case "sum" | "max" | "min" | "average":
                first.item.is_kind("number")
            case "join":
                first.item.is_kind("string")
            case "split":
                first.is_kind("string")
                return list_of(Shape().is_kind("string"))
            case "number":
                first.is_kind("number")
            case "uppercase" | "lowercase" | "trim" | "substring" | "replace" | "contains" | "length":
                first.is_kind("string")
        if name in _NUMBERS:
            return Shape().is_kind("number")
        return Shape().is_kind("boolean" if name in _BOOLEANS else "string")
