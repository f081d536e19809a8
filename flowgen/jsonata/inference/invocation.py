"""One call of a built-in function: its arguments, matched and checked, and what all functions share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from flowgen.jsonata.inference.inferrer import Inferrer
from flowgen.jsonata.inference.problems import Kind, Severity
from flowgen.jsonata.tree import Tree
from flowgen.types import (
    NEVER,
    NOTHING_TYPE,
    NULL_TYPE,
    Type,
    expand,
    literal,
    present,
    union,
)
from flowgen.types.algebra import (
    ABSENT,
    ANY,
    TEXT,
    Array,
    Origin,
    only_absent,
)


class Apply(Protocol):
    """Calls a function value."""

    def __call__(self, run: Inferrer, callee: Type, arguments: list[Type], context: Type, node: Tree) -> Type: ...


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call of a built-in function. `nodes` are its arguments in the text; `apply` calls function arguments."""

    run: Inferrer
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
        """`type_`, or undefined if the first argument is undefined."""
        first = self.first if self.arguments else NEVER
        if not first.atoms & ABSENT:
            return type_
        nothing = only_absent(first)
        return nothing if present(first).is_never else union(type_, nothing)

    def fails(self, when: str, help_: str | None = None, severity: Severity = Severity.WARNING) -> None:
        message = f"`${self.name}` fails if {when}"
        self.run.tell(Kind.MAY_FAIL, severity, self.node, message, help_, may_fail=True)

    def at(self, index: int) -> Tree:
        return self.nodes[index] if index < len(self.nodes) else self.node

    def call(self, function: Type, *arguments: Type) -> Type:
        """Calls a function argument with as many of `arguments` as it has parameters, at least one."""
        if function.atoms & ANY:
            return self.apply(self.run, function, list(arguments), NULL_TYPE, self.node)
        found = []
        for part in function.functions:
            count = max(1, min(part.arity, len(arguments)))
            alone = Type(parts=(part,))
            found.append(self.apply(self.run, alone, list(arguments[:count]), NULL_TYPE, self.node))
        return union(*found)


Result = Callable[[Invocation], Type]


def arrays_in(type_: Type) -> list[Array]:
    return expand(type_).arrays


def from_arrays(use: Invocation, make: Callable[[Array], Type]) -> Type:
    """The union of the results of `make` for each kind of array; undefined stays undefined."""
    first = expand(use.first)
    results = [make(array) for array in first.arrays]
    if first.atoms & ANY:
        results.append(make(Array((), replace(present(first), parts=()), 0, None)))
    if first.atoms & ABSENT:
        results.append(only_absent(first))
    return union(*results)


def none_of(use: Invocation, what: str) -> Origin:
    return Origin(f"`${use.name}` of no {what} is undefined", use.node.start, use.node.end)


def is_literal(type_: Type) -> bool:
    return bool(type_.literals) and not (type_.atoms or type_.formats or type_.parts)


def fields_of(type_: Type) -> tuple[Type, Type]:
    """The types of an object's values and of their names."""
    values, names = [], []
    for object_ in expand(type_).objects:
        values += [present(field) for field in object_.fields.values()]
        names += [literal(name) for name in object_.fields]
        if not object_.rest.is_never:
            values.append(object_.rest)
            names.append(Type(TEXT))
    if type_.atoms & ANY:
        values.append(present(type_))
        names.append(Type(TEXT))
    return union(*values), union(*names)
