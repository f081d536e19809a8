"""Expressions that parse as JSONata, but that Step Functions rejects when you create a state machine.

An expression has no context: its data is in variables. So a bare name, `$` and `$$` have no meaning until a path, a
predicate or similar sets a context (measured on AWS: github.com/floci-io/floci/issues/2670 and 2745).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from flowgen.jsonata.tree import (
    Group,
    Name,
    Node,
    Path,
    Sort,
    Step,
    Transform,
    Tree,
    Variable,
    walk,
)

_CONTEXTS = ("", "$")


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A reference to `name`, which is `$states.errorOutput`, a bare name, `$` or `$$`, and its offsets."""

    name: str
    start: int
    end: int

    @property
    def message(self) -> str:
        """The words of Step Functions."""
        if self.name == ERROR_OUTPUT:
            return f"Field '{self.name}' does not exist."
        return f"Reference to '{self.name}' at the top level is not supported."


ERROR_OUTPUT = "$states.errorOutput"


def top_level_references(tree: Tree) -> list[Unsupported]:
    """The bare names, `$` and `$$` that have no context, each name once, in the order of the text.

    >>> from flowgen.jsonata.parsing import ExpressionParser
    >>> [found.name for found in top_level_references(ExpressionParser().parse("total + $order.lines[price > 1]").tree)]
    ['total']
    """
    return _once(_without_context(tree))


def error_outputs(tree: Tree) -> list[Unsupported]:
    """The uses of `$states.errorOutput`, which only a catcher has."""
    return _once(_error_outputs(tree))


def _once(found: Iterator[Unsupported]) -> list[Unsupported]:
    by_name: dict[str, Unsupported] = {}
    for finding in sorted(found, key=lambda one: one.start):
        by_name.setdefault(finding.name, finding)
    return list(by_name.values())


def _without_context(node: Tree) -> Iterator[Unsupported]:
    match node:
        case Name(name=name):
            yield Unsupported(name, node.start, node.inner_end)
        case Variable(name=name) if name in _CONTEXTS:
            yield Unsupported(f"${name}", node.start, node.inner_end)
        case Path(steps=(first, *_)):
            # The context of further steps, predicates and the order is the previous step.
            yield from _without_context(first.node)
        case Sort() | Transform():
            return
        case _:
            for child in _children(node):
                yield from _without_context(child)


def _children(node: Tree) -> Iterator[Tree]:
    """The nodes inside a node that have the same context as the node itself."""
    for field in fields(node):
        if field.name not in ("predicates", "group"):
            yield from _nodes_in(getattr(node, field.name))


def _nodes_in(value: Any) -> Iterator[Tree]:
    if isinstance(value, Node):
        yield value  # type: ignore[misc]  # every node is of the union
    elif isinstance(value, tuple):
        for item in value:
            yield from _nodes_in(item)
    elif isinstance(value, Group):
        yield from _nodes_in(value.pairs)


def _error_outputs(tree: Tree) -> Iterator[Unsupported]:
    for node in walk(tree):
        match node:
            case Path(
                steps=(Step(node=Variable(name="states") as states), Step(node=Name(name="errorOutput") as name), *_)
            ):
                yield Unsupported(ERROR_OUTPUT, states.start, name.inner_end)
            case _:
                pass
