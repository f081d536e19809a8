"""The control flow of the states of one scope: a machine, a branch of a Parallel state, or the body of a Map state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

State: TypeAlias = Mapping[str, Any]
Way: TypeAlias = Literal["next", "rule", "default", "catch"]


@dataclass(frozen=True, slots=True)
class Edge:
    """A transition. `index` is that of the rule or the catcher; `assign` are the variables it assigns."""

    source: str
    target: str
    way: Way
    index: int = 0


@dataclass(frozen=True, slots=True)
class Graph:
    """The states that can run, with their dominators.

    Source: Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm".

    `order` is a reverse postorder: every state is after all states that lead to it, except along `loops`.
    """

    entry: str
    states: Mapping[str, State]
    order: tuple[str, ...]
    leaving: Mapping[str, tuple[Edge, ...]]
    entering: Mapping[str, tuple[Edge, ...]]
    dominator: Mapping[str, str]
    """The immediate dominator of each state but the entry."""
    loops: Mapping[str, frozenset[str]]
    """The states of each natural loop, by its header."""
    irreducible: tuple[Edge, ...]
    """Edges that jump into a loop past its header."""

    @property
    def position(self) -> dict[str, int]:
        return {name: index for index, name in enumerate(self.order)}

    def dominates(self, above: str, below: str) -> bool:
        """Whether every path to `below` leads through `above`."""
        while below != above:
            if below not in self.dominator:
                return False
            below = self.dominator[below]
        return True

    def is_back(self, edge: Edge) -> bool:
        """Whether an edge starts the next round of a loop."""
        return edge.target in self.loops and edge.source in self.loops[edge.target]


def edges_of(name: str, state: State) -> tuple[Edge, ...]:
    """The transitions of a state, the likeliest first."""
    rules = [Edge(name, rule["Next"], "rule", index) for index, rule in enumerate(state.get("Choices", ()))]
    default = [Edge(name, state["Default"], "default")] if "Default" in state else []
    following = [Edge(name, state["Next"], "next")] if "Next" in state else []
    caught = [Edge(name, one["Next"], "catch", index) for index, one in enumerate(state.get("Catch", ()))]
    return (*rules, *default, *following, *caught)


def graph_of(scope: State) -> Graph:
    """The graph of a scope with `StartAt` and `States`, all of whose targets exist."""
    states: Mapping[str, State] = scope["States"]
    leaving = {name: edges_of(name, state) for name, state in states.items()}
    order = _reverse_postorder(scope["StartAt"], leaving)
    reached = set(order)
    entering: dict[str, list[Edge]] = {name: [] for name in order}
    for name in order:
        for edge in leaving[name]:
            entering[edge.target].append(edge)
    position = {name: index for index, name in enumerate(order)}
    dominator = _dominators(order, entering, position)
    loops: dict[str, set[str]] = {}
    irreducible: list[Edge] = []
    for name in order:
        for edge in entering[name]:
            if position[edge.source] < position[name]:
                continue
            if _dominates(dominator, name, edge.source):
                loops.setdefault(name, {name}).update(_body(name, edge.source, entering))
            else:
                irreducible.append(edge)
    return Graph(
        scope["StartAt"],
        {name: state for name, state in states.items() if name in reached},
        order,
        {name: leaving[name] for name in order},
        {name: tuple(edges) for name, edges in entering.items()},
        dominator,
        {name: frozenset(body) for name, body in loops.items()},
        tuple(irreducible),
    )


def _reverse_postorder(entry: str, leaving: Mapping[str, tuple[Edge, ...]]) -> tuple[str, ...]:
    """Without recursion: a machine may have a thousand states in a row."""
    seen, done = {entry}, []
    waiting = [(entry, iter(reversed(leaving[entry])))]
    while waiting:
        name, edges = waiting[-1]
        for edge in edges:
            if edge.target not in seen:
                seen.add(edge.target)
                waiting.append((edge.target, iter(reversed(leaving[edge.target]))))
                break
        else:
            waiting.pop()
            done.append(name)
    return tuple(reversed(done))


def _dominators(
    order: tuple[str, ...], entering: Mapping[str, list[Edge]], position: Mapping[str, int]
) -> dict[str, str]:
    found: dict[str, str] = {order[0]: order[0]}
    changed = True
    while changed:
        changed = False
        for name in order[1:]:
            sources = [edge.source for edge in entering[name] if edge.source in found]
            common = sources[0]
            for source in sources[1:]:
                common = _common(common, source, found, position)
            if found.get(name) != common:
                found[name], changed = common, True
    del found[order[0]]
    return found


def _common(one: str, other: str, found: Mapping[str, str], position: Mapping[str, int]) -> str:
    while one != other:
        while position[one] > position[other]:
            one = found[one]
        while position[other] > position[one]:
            other = found[other]
    return one


def _dominates(dominator: Mapping[str, str], above: str, below: str) -> bool:
    while below != above:
        if below not in dominator:
            return False
        below = dominator[below]
    return True


def _body(header: str, last: str, entering: Mapping[str, list[Edge]]) -> set[str]:
    """The natural loop of the edge from `last` to `header`."""
    found, waiting = {header, last}, [last] if last != header else []
    while waiting:
        for edge in entering[waiting.pop()]:
            if edge.source not in found:
                found.add(edge.source)
                waiting.append(edge.source)
    return found
