"""How deeply the evaluation of an expression nests: Step Functions stops at 100 levels.

JSONata evaluates each node of the syntax tree inside the evaluation of its parent, so `1+1+1` nests three levels deep
and `((1))` does, too. Measured on AWS: 100 terms of `1+…` succeed and 101 fail; so do 99 and 100 pairs of parentheses
around `1` (github.com/floci-io/floci/issues/2737).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from flowgen.jsonata.tree import (
    Apply,
    Call,
    Group,
    Lambda,
    Literal,
    Node,
    Sort,
    SortTerm,
    Step,
    TailCall,
    Transform,
    Tree,
)

MAX_DEPTH = 100
"""Levels that Step Functions evaluates; one more is a "Stack overflow error"."""


def depth(tree: Tree) -> int:
    """The levels of evaluation that the text alone requires, at least 1.

    Calls of functions that the expression defines itself can nest more deeply at run time: `depth` counts the body of
    a function once, where the function is written.
    """
    deepest = 1
    waiting: list[tuple[Any, int]] = [(tree, 1)]
    while waiting:
        node, level = waiting.pop()
        deepest = max(deepest, level)
        match node:
            case Apply(value=value, function=Call() as call):
                # The call receives the value as its first argument and is not evaluated as a separate node.
                waiting.append((value, level + 1))
                waiting += [(child, level + 1) for child in _children(call)]
            case TailCall(call=call):
                # The function around it has returned before the call is made.
                waiting += [(child, level) for child in _children(call)]
            case Lambda() | Transform() | Sort():
                # The caller of the function, or the path around the sort, evaluates these directly.
                waiting += [(child, level) for child in _children(node)]
            case _:
                waiting += [(child, level + 1) for child in _children(node)]
    return deepest


def _children(value: Any) -> Iterator[Any]:
    """The nodes directly inside a node."""
    for field in fields(value):
        members = getattr(value, field.name)
        if field.name in {"predicates", "stages"}:
            members = tuple(member for member in members if not _is_index(member))
        yield from _nodes(members)


def _is_index(predicate: Any) -> bool:
    """Whether a predicate is a plain number, which JSONata reads without evaluating it."""
    return isinstance(predicate, Literal) and type(predicate.value) in {int, float}


def _nodes(value: Any) -> Iterator[Any]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _nodes(item)
    elif isinstance(value, Step | SortTerm | Group):
        yield from _children(value)
