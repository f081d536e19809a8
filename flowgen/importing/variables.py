"""Which assignments of a variable reach each state of a scope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flowgen.importing.graph import Edge, Graph, Way

_KEYS = {"rule": "Choices", "catch": "Catch"}


@dataclass(frozen=True, slots=True, order=True)
class Site:
    """Where a state assigns variables: the state itself (`next`), one of its rules or one of its catchers."""

    state: str
    way: Way = "next"
    index: int = 0


Reaching = Mapping[str, frozenset["Site | None"]]
"""The assignments of each variable that may be the last one; None: it may not be assigned."""


def site_of(edge: Edge) -> Site:
    """Where the variables of a transition are assigned."""
    return Site(edge.source) if edge.way in ("next", "default") else Site(edge.source, edge.way, edge.index)


def assigned(graph: Graph, site: Site) -> Mapping[str, Any]:
    """The `Assign` of a site."""
    state = graph.states[site.state]
    holder = state if site.way == "next" else state[_KEYS[site.way]][site.index]
    return holder.get("Assign") or {}


def sites(graph: Graph) -> tuple[Site, ...]:
    """All sites, in the order of the graph."""
    found: dict[Site, None] = {}
    for name in graph.order:
        found[Site(name)] = None
        found.update((site_of(edge), None) for edge in graph.leaving[name])
    return tuple(found)


def reaching(graph: Graph) -> Mapping[str, Reaching]:
    """The assignments that reach the entry of each state."""
    names = {name for site in sites(graph) for name in assigned(graph, site)}
    found: dict[str, dict[str, frozenset[Site | None]]] = {name: {} for name in graph.order}
    found[graph.entry] = dict.fromkeys(names, frozenset({None}))
    waiting = dict.fromkeys(graph.order)
    while waiting:
        name = next(iter(waiting))
        del waiting[name]
        for edge in graph.leaving[name]:
            site = site_of(edge)
            passed = {**found[name], **dict.fromkeys(assigned(graph, site), frozenset({site}))}
            known = found[edge.target]
            merged = {one: known.get(one, frozenset()) | sources for one, sources in passed.items()}
            if merged != known:
                found[edge.target] = merged
                waiting[edge.target] = None
    return found


def reachable(graph: Graph) -> Mapping[str, frozenset[str]]:
    """The states that each state leads to."""
    found: dict[str, frozenset[str]] = {}
    for name in graph.order:
        seen: set[str] = set()
        waiting = [edge.target for edge in graph.leaving[name]]
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                waiting += [edge.target for edge in graph.leaving[one]]
        found[name] = frozenset(seen)
    return found
