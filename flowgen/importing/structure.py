"""Structured control flow from a graph of states: sequences, branches, loops, and groups that a `break` leaves.

Norman Ramsey, "Beyond Relooper: Recursive Translation of Unstructured Control Flow to Structured Control Flow" (2022).
The states after a loop follow it, and an ending that several states share is written for each of them if it is short.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from flowgen.importing.expressions import references
from flowgen.importing.graph import Edge, Graph

END = ""
"""Where the scope ends, as the target of a jump."""

_NOWHERE = "\0"
"""What follows a handler, which ends the execution."""

_SHORT = 2
"""The number of steps of a guard clause."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A state that runs, and the steps of each of its catchers."""

    state: str
    caught: tuple[Nodes, ...] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """A Choice state: the steps of each rule, and of its default, which is None where it has none."""

    state: str
    rules: tuple[Nodes, ...]
    otherwise: Nodes | None


@dataclass(frozen=True, slots=True)
class Loop:
    """Repeats its body, which starts with the state `header`, until a jump leaves it."""

    header: str
    body: Nodes


@dataclass(frozen=True, slots=True)
class Block:
    """Steps that a jump can leave for the state `after`, which follows them."""

    after: str
    body: Nodes


@dataclass(frozen=True, slots=True)
class Jump:
    """Leaves for the state `target`: the next round of the loop that it heads, or the end of a block or loop."""

    target: str
    again: bool = False
    leaves: str | None = None
    """The header of the loop that a jump leaves; None for a block."""


@dataclass(frozen=True, slots=True)
class Shared:
    """The handler that starts with a state."""

    state: str


Node: TypeAlias = Leaf | Branch | Loop | Block | Jump | Shared
Nodes: TypeAlias = tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Structure:
    """The steps of a scope, and its shared handlers by their first state."""

    body: Nodes
    handlers: dict[str, Nodes] = field(default_factory=dict)


def structured(graph: Graph, *, shares: bool) -> Structure:
    """The structure of a reducible graph. `shares` allows handlers that several catchers share."""
    builder = _Builder(graph, shares=shares)
    body = _settled(builder.tree(graph.entry), END)
    handlers = {name: _settled(nodes, _NOWHERE) for name, nodes in builder.handlers.items()}
    return Structure(body, handlers)


class _Builder:
    def __init__(self, graph: Graph, *, shares: bool) -> None:
        self.graph = graph
        self.handlers: dict[str, Nodes] = {}
        self.children: dict[str, list[str]] = {name: [] for name in graph.order}
        for name in graph.order[1:]:
            self.children[graph.dominator[name]].append(name)
        self.copied = {name for name in graph.order if self._is_copied(name)}
        self.shared = {name for name in graph.order if shares and self._is_shared(name)}
        self.after: dict[str, list[str]] = {name: [] for name in graph.order}
        """The states to place after a state and all that it leads to, or after the loop that it heads."""
        self.outside: set[str] = set()
        for name in graph.order[1:]:
            if name in self.copied or name in self.shared:
                continue
            loop = self._left(name)
            if loop is not None and self._follows(name, loop):
                self.after[loop].append(name)
                self.outside.add(name)
            elif len(self._forward(name)) > 1:
                self.after[graph.dominator[name]].append(name)

    def _forward(self, name: str) -> list[Edge]:
        return [edge for edge in self.graph.entering[name] if not self.graph.is_back(edge)]

    def _is_copied(self, name: str) -> bool:
        """An end that several states share: a state that only ends the scope."""
        state = self.graph.states[name]
        edges = self.graph.entering[name]
        ends = state["Type"] == "Fail" or (state["Type"] == "Succeed" and "Output" not in state)
        if len(edges) < 2 or not ends:  # noqa: PLR2004 - one copy is the state itself
            return False
        return not (len(edges) > 2 and all(edge.way == "catch" for edge in edges))  # noqa: PLR2004 - a handler

    def _is_shared(self, name: str) -> bool:
        """A handler: only catchers enter it, and every path through it ends the execution."""
        edges = self.graph.entering[name]
        if len(edges) < 2 or any(edge.way != "catch" for edge in edges) or name in self.copied:  # noqa: PLR2004
            return False
        if not _same_assignments(self.graph, edges):
            return False
        inside = self._dominated(name)
        return all(
            edge.target in inside or edge.target in self.copied for one in inside for edge in self.graph.leaving[one]
        )

    def _dominated(self, name: str) -> set[str]:
        found, waiting = {name}, [name]
        while waiting:
            for child in self.children[waiting.pop()]:
                found.add(child)
                waiting.append(child)
        return found

    def _left(self, name: str) -> str | None:
        """The header of the outermost loop that the path to a state leaves."""
        above = self.graph.dominator[name]
        left = [header for header, body in self.graph.loops.items() if above in body and name not in body]
        return min(left, key=lambda header: -len(self.graph.loops[header]), default=None)

    def _follows(self, name: str, loop: str) -> bool:
        """Whether a state follows a loop, and is not the end of a short path out of it."""
        inside = self._dominated(name)
        ends = all(edge.target in inside for one in inside for edge in self.graph.leaving[one])
        if not ends:
            return True
        others = [
            other
            for other in self.graph.order
            if other != name
            and other in self.graph.dominator
            and other not in self.copied
            and other not in self.shared
            and self._left(other) == loop
        ]
        if any(edge.way == "catch" for edge in self.graph.entering[name]):
            return len(self._forward(name)) > 1
        ranked = sorted((name, *others), key=lambda one: (self._weight(one), one))
        return len(self._forward(name)) > 1 or ranked[-1] == name

    def _weight(self, name: str) -> tuple[bool, int, int]:
        caught = any(edge.way == "catch" for edge in self.graph.entering[name])
        fails = self.graph.states[name]["Type"] == "Fail"
        return (not caught, 0 if fails else 1, len(self._dominated(name)))

    def tree(self, name: str) -> Nodes:
        """A state, and all that only it leads to."""
        after = self.after[name]
        if name not in self.graph.loops:
            return self._within(name, after)
        inside = [one for one in after if one not in self.outside]
        nodes: Nodes = (Loop(name, self._within(name, inside)),)
        for one in (one for one in after if one in self.outside):
            nodes = (Block(one, nodes), *self.tree(one))
        return nodes

    def _within(self, name: str, after: list[str]) -> Nodes:
        nodes = self._state(name)
        for one in after:
            nodes = (Block(one, nodes), *self.tree(one))
        return nodes

    def _state(self, name: str) -> Nodes:
        nodes: list[Node] = []
        while True:
            state, edges = self.graph.states[name], self.graph.leaving[name]
            if state["Type"] == "Choice":
                rules = tuple(self._to(edge) for edge in edges if edge.way == "rule")
                default = next((self._to(edge) for edge in edges if edge.way == "default"), None)
                return (*nodes, *_guarded(Branch(name, rules, default)))
            caught = tuple(self._to(edge) for edge in edges if edge.way == "catch")
            nodes.append(Leaf(name, caught))
            following = next((edge for edge in edges if edge.way == "next"), None)
            if following is None:
                return (*nodes, *(() if state["Type"] == "Fail" else (Jump(END),)))
            target = following.target
            if not self._is_inline(following) or self.after[target] or target in self.graph.loops:
                return (*nodes, *self._to(following))
            name = target

    def _is_inline(self, edge: Edge) -> bool:
        target = edge.target
        if self.graph.is_back(edge) or target in self.outside:
            return False
        return target in self.copied or len(self._forward(target)) == 1

    def _to(self, edge: Edge) -> Nodes:
        target = edge.target
        if self.graph.is_back(edge):
            return (Jump(target, again=True),)
        if target in self.shared and edge.way == "catch":
            if target not in self.handlers:
                self.handlers[target] = ()
                self.handlers[target] = self.tree(target)
            return (Shared(target),)
        return self.tree(target) if self._is_inline(edge) else (Jump(target),)


def _same_assignments(graph: Graph, edges: tuple[Edge, ...]) -> bool:
    """Whether all catchers assign the same values, which only depend on the error."""
    values = [graph.states[edge.source]["Catch"][edge.index].get("Assign") or {} for edge in edges]
    return all(one == values[0] for one in values) and all(
        reference.name == "states" and reference.path[:1] == ("errorOutput",) for reference in references(values[0])
    )


def _ends(nodes: Nodes) -> bool:
    """Whether the nodes always end the scope."""
    if not nodes:
        return False
    match nodes[-1]:
        case Jump(target=target):
            return target == END
        case Branch(rules=rules, otherwise=otherwise):
            return all(map(_ends, rules)) and otherwise is not None and _ends(otherwise)
        case Leaf():
            return True  # a Fail state: every other state is followed by another node
        case _:
            return False


def size(nodes: Nodes) -> int:
    """The number of states in the nodes."""
    return sum(1 for node in walk(nodes) if isinstance(node, Leaf | Branch))


def walk(nodes: Nodes) -> Iterator[Node]:
    """All nodes, outermost first."""
    for node in nodes:
        yield node
        for body in bodies(node):
            yield from walk(body)


def bodies(node: Node) -> tuple[Nodes, ...]:
    match node:
        case Leaf(caught=caught):
            return caught
        case Branch(rules=rules, otherwise=otherwise):
            return (*rules, *(() if otherwise is None else (otherwise,)))
        case Loop(body=body) | Block(body=body):
            return (body,)
        case _:
            return ()


def _guarded(branch: Branch) -> Nodes:
    """Guard clauses: what follows short branches that end the scope is not nested in an `else`."""
    otherwise = branch.otherwise
    if otherwise and all(_ends(rule) and size(rule) <= _SHORT for rule in branch.rules) and size(otherwise) > _SHORT:
        return (replace(branch, otherwise=()), *otherwise)
    return (branch,)


def _settled(nodes: Nodes, follow: str) -> Nodes:
    """The nodes without jumps to where control goes anyway, and without blocks that no jump leaves.

    `follow` is the state after the nodes.
    """
    done: list[Node] = []
    for index, node in enumerate(nodes):
        after = _entry(nodes[index + 1]) if index + 1 < len(nodes) else follow
        match node:
            case Jump(target=target) if target == follow and index + 1 == len(nodes):
                pass
            case Leaf(caught=caught):
                done.append(replace(node, caught=tuple(_settled(body, after) for body in caught)))
            case Branch(rules=rules, otherwise=otherwise):
                settled = None if otherwise is None else _settled(otherwise, after)
                done.append(replace(node, rules=tuple(_settled(body, after) for body in rules), otherwise=settled))
            case Loop(header=header, body=body):
                done.append(Loop(header, _left_for(_settled(body, header), after, header)))
            case Block(after=label, body=body):
                inside = _settled(body, label)
                left = any(isinstance(one, Jump) and one.target == label and one.leaves is None for one in walk(inside))
                done += (Block(label, inside),) if left else inside
            case _:
                done.append(node)
    return tuple(done)


def _left_for(nodes: Nodes, target: str, header: str) -> Nodes:
    """Jumps out of a loop to the state after it leave the loop, and not a block around it."""
    if target == END:
        return nodes
    return tuple(_leaving(node, target, header) for node in nodes)


def _leaving(node: Node, target: str, header: str) -> Node:
    match node:
        case Jump(target=label, again=False, leaves=None) if label == target:
            return replace(node, leaves=header)
        case Leaf(caught=caught):
            return replace(node, caught=tuple(_left_for(body, target, header) for body in caught))
        case Branch(rules=rules, otherwise=otherwise):
            other = None if otherwise is None else _left_for(otherwise, target, header)
            return replace(node, rules=tuple(_left_for(body, target, header) for body in rules), otherwise=other)
        case Loop(body=body) | Block(body=body):
            return replace(node, body=_left_for(body, target, header))
        case _:
            return node


def _entry(node: Node) -> str:
    """The state with which a node starts."""
    match node:
        case Leaf(state=state) | Branch(state=state) | Shared(state=state):
            return state
        case Loop(header=header):
            return header
        case Block(body=body):
            return _entry(body[0])
        case Jump(target=target):
            return target
