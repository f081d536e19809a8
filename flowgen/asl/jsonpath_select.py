"""Evaluates indefinite paths: wildcards, slices, unions, `..`, filters, and functions at the end of a path."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias, assert_never

from flowgen.asl.errors import QueryFailure
from flowgen.asl.json_text import is_number, is_same
from flowgen.asl.jsonpath_parser import (
    Comparison,
    Condition,
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

# The maximum number of values that a path may visit, so that repeated `..` on a large document fails quickly.
MAX_VISITED = 1_000_000

Selector: TypeAlias = Callable[[Any, Any], list[Any]]
_Stage: TypeAlias = Callable[[Iterable[Any], Any], Iterator[Any]]
_Test: TypeAlias = Callable[[Any, Any], bool]


def selector(steps: tuple[Step, ...]) -> Selector:
    """A function from (start of the path, whole document) to the list of selected values.

    Missing values select nothing. Raises QueryFailure after MAX_VISITED values.
    """
    stages = tuple(_stage(step) for step in steps)

    def select(start: Any, document: Any) -> list[Any]:
        nodes: Iterable[Any] = (start,)
        for stage in stages:
            nodes = stage(nodes, document)
        return list(_bounded(nodes))

    return select


def _bounded(nodes: Iterable[Any]) -> Iterator[Any]:
    for count, node in enumerate(nodes):
        if count >= MAX_VISITED:
            raise QueryFailure("States.Runtime", f"The path selects more than {MAX_VISITED} values")
        yield node


def _stage(step: Step) -> _Stage:
    match step:
        case Keys(names):
            return lambda nodes, _: (
                node[name] for node in nodes if type(node) is dict for name in names if name in node
            )
        case Indices(positions):
            return lambda nodes, _: (
                node[at] for node in nodes if type(node) is list for at in positions if -len(node) <= at < len(node)
            )
        case Slice(start, stop, stride):
            bounds = slice(start, stop, stride)
            return lambda nodes, _: (item for node in nodes if type(node) is list for item in node[bounds])
        case Wildcard():
            return lambda nodes, _: (item for node in nodes for item in _children(node))
        case Descend():
            return lambda nodes, _: _bounded(inner for node in nodes for inner in _inside(node))
        case Filter(condition):
            return _filter(_test(condition))
        case Function():
            raise AssertionError("the function at a path's end is applied by the reader")
        case _:
            assert_never(step)


def _children(node: Any) -> Iterable[Any]:
    if type(node) is dict:
        return node.values()
    return node if type(node) is list else ()


def _inside(node: Any) -> Iterator[Any]:
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(child for child in reversed(list(_children(current))) if type(child) in {dict, list})


def _filter(test: _Test) -> _Stage:
    def stage(nodes: Iterable[Any], document: Any) -> Iterator[Any]:
        for node in nodes:
            if type(node) is list:
                yield from (item for item in node if test(item, document))
            elif type(node) is dict and test(node, document):
                yield node

    return stage


_NOTHING = object()


def _test(condition: Condition) -> _Test:
    match condition:
        case Junction(kind, conditions):
            tests = tuple(map(_test, conditions))
            joined = all if kind == "all" else any
            return lambda item, document: joined(test(item, document) for test in tests)
        case Negation(inner):
            test = _test(inner)
            return lambda item, document: not test(item, document)
        case Comparison(left, operator, right):
            value_of_left, value_of_right, holds = _operand(left), _operand(right), _OPERATORS[operator]
            return lambda item, document: holds(value_of_left(item, document), value_of_right(item, document))
        case _:
            assert_never(condition)


def _operand(operand: Literal | Query) -> Callable[[Any, Any], Any]:
    if isinstance(operand, Literal):
        value = operand.value
        return lambda _item, _document: value
    function = operand.steps[-1] if operand.steps and isinstance(operand.steps[-1], Function) else None
    steps = operand.steps[:-1] if function else operand.steps
    select, definite, from_item = selector(steps), is_definite(steps), operand.from_item

    def read(item: Any, document: Any) -> Any:
        found = select(item if from_item else document, document)
        value = found if not definite else found[0] if found else _NOTHING
        return value if function is None or value is _NOTHING else apply(function, value)

    return read


def is_definite(steps: tuple[Step, ...]) -> bool:
    """Whether the steps select at most one value: they contain only single names and single indexes."""
    return all(
        (isinstance(step, Keys) and len(step.names) == 1) or (isinstance(step, Indices) and len(step.positions) == 1)
        for step in steps
    )


def _less(left: Any, right: Any) -> bool:
    if (is_number(left) and is_number(right)) or (isinstance(left, str) and isinstance(right, str)):
        return bool(left < right)
    return False


def _equal(left: Any, right: Any) -> bool:
    return left is right or (left is not _NOTHING and right is not _NOTHING and is_same(left, right))


def _member(left: Any, right: Any) -> bool:
    return isinstance(right, list) and any(is_same(left, item) for item in right)


def _contains(left: Any, right: Any) -> bool:
    return (isinstance(left, str) and isinstance(right, str) and right in left) or _member(right, left)


def _size(left: Any) -> int:
    return len(left) if isinstance(left, (str, list, dict)) else -1


def _shared(left: Any, right: Any) -> int:
    if not isinstance(left, list) or not isinstance(right, list):
        return -1
    return sum(_member(item, right) for item in left)


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "exists": lambda left, _: left is not _NOTHING,
    "==": _equal,
    "===": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "!==": lambda left, right: not _equal(left, right),
    "<": _less,
    ">": lambda left, right: _less(right, left),
    "<=": lambda left, right: _less(left, right) or _equal(left, right),
    ">=": lambda left, right: _less(right, left) or _equal(left, right),
    "in": _member,
    "nin": lambda left, right: not _member(left, right),
    "contains": _contains,
    "size": lambda left, right: _size(left) == right,
    "empty": lambda left, right: (_size(left) == 0) is right,
    "subsetof": lambda left, right: _shared(left, right) == _size(left) >= 0,
    "anyof": lambda left, right: _shared(left, right) > 0,
    "noneof": lambda left, right: _shared(left, right) == 0,
}


def apply(function: Function, value: Any) -> Any:
    """The function applied to the values that its path selected. Raises QueryFailure if it is not applicable."""
    if function.name in {"length", "size"}:
        return len(value) if isinstance(value, (str, list, dict)) else None
    if function.name == "keys":
        return list(value) if isinstance(value, dict) else None
    if function.name in {"first", "last", "index"}:
        return _item(function, value)
    numbers = [item for item in value if is_number(item)] if isinstance(value, list) else []
    if not numbers:
        raise QueryFailure("States.Runtime", "Aggregation function attempted to calculate value using empty array")
    return _AGGREGATES[function.name](numbers)


def _item(function: Function, value: Any) -> Any:
    position = {"first": 0, "last": -1}.get(function.name, function.argument or 0)
    if not isinstance(value, list) or not -len(value) <= position < len(value):
        raise QueryFailure("States.Runtime", f"The path function {function.name}() finds no item {position}")
    return value[position]


def _deviation(numbers: list[float]) -> float:
    mean = sum(numbers) / len(numbers)
    return math.sqrt(sum((number - mean) ** 2 for number in numbers) / len(numbers))


_AGGREGATES: dict[str, Callable[[list[float]], float]] = {
    "min": lambda numbers: float(min(numbers)),
    "max": lambda numbers: float(max(numbers)),
    "sum": lambda numbers: float(sum(numbers)),
    "avg": lambda numbers: sum(numbers) / len(numbers),
    "stddev": _deviation,
}
