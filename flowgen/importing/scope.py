"""The variables of a scope of states as values of steps: what each state calls them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flowgen.importing.expressions import (
    CannotExpressError,
    Naming,
    inner,
    is_access,
    is_expression,
    references,
    translated,
    whole_path,
)
from flowgen.importing.graph import Graph
from flowgen.importing.structure import Leaf, Nodes, Shared, Structure, walk
from flowgen.importing.variables import Reaching, Site, assigned, reachable, reaching, site_of, sites

ERROR = "$error"


@dataclass(frozen=True, slots=True)
class Piece:
    """Sites of a variable, and the text of the step that has its value after any of them; None for a single site."""

    sites: frozenset[Site]
    text: str | None = None

    @property
    def only(self) -> Site:
        return next(iter(self.sites))


@dataclass
class Scope:
    """How the states of one scope read variables. `input` is the text of the scope's input."""

    graph: Graph
    input: str | None
    outer: Naming
    texts: dict[tuple[Site, str], str] = field(default_factory=dict)
    """The text of each assigned variable."""
    raw: set[str] = field(default_factory=set)
    """Variables that stay variables, because no value of one step replaces them."""
    input_states: set[str] = field(default_factory=set)
    """The states that receive the scope's input."""
    inputs: Mapping[str, str] = field(default_factory=dict)
    """The texts of the fields of the scope's input, if it is an object with known fields."""
    joined: dict[str, list[tuple[frozenset[Site], str]]] = field(default_factory=dict)
    """For each variable: sites, most first, and the text of the step that has its value after any of them."""
    errors: dict[str, set[Site]] = field(default_factory=dict)
    """For each state in a handler: the catchers whose error is `$error` there."""
    reaching: Mapping[str, Reaching] = field(default_factory=dict)
    leads: Mapping[str, frozenset[str]] = field(default_factory=dict)
    reads: Mapping[str, set[str]] = field(default_factory=dict)
    """The variables that each state reads, in any of its fields."""
    used: set[tuple[Site, str]] = field(default_factory=set)
    """The assignments that some state reads."""

    def __post_init__(self) -> None:
        self.reaching = reaching(self.graph)
        self.input_states = _receiving(self.graph)
        self.leads = reachable(self.graph)
        self.reads = {name: {one.name for one in _references(state)} for name, state in self.graph.states.items()}
        self.used = {
            (site, variable)
            for name, variables in self.reads.items()
            for variable in variables & self.reaching[name].keys()
            for site in self.reaching[name][variable]
            if site is not None
        }

    def variables(self) -> frozenset[str]:
        return frozenset(name for site in sites(self.graph) for name in assigned(self.graph, site))

    def naming(self, state: str, result: Mapping[tuple[str, ...], str] | None = None) -> Naming:
        """The texts of the variables that a state reads. `result` has those of paths from `$states.result`."""
        known = self.reaching[state]

        def name(variable: str, path: tuple[str, ...]) -> tuple[str, int] | None:
            if variable == "states":
                return self._of_states(state, path, result or {})
            if variable not in known:
                return self.outer(variable, path)
            return self._read(state, variable), 0

        return name

    def _of_states(
        self, state: str, path: tuple[str, ...], result: Mapping[tuple[str, ...], str]
    ) -> tuple[str, int] | None:
        if path[:3] == ("context", "Execution", "Input"):
            return "$input", 3
        if path[:1] == ("context",):
            return ("$context", 1)
        if path[:1] == ("input",):
            if state not in self.input_states:
                raise CannotExpressError("it reads the output of the state before it")
            if len(path) > 1 and path[1] in self.inputs:
                return self.inputs[path[1]], 2
            if self.input is None:
                raise CannotExpressError("it reads an input that has no name here")
            return self.input, 1
        if path[:1] == ("result",):
            for length in range(len(path), 0, -1):
                if path[1:length] in result:
                    return result[path[1:length]], length
            raise CannotExpressError("it reads a part of the result that the step's value does not have")
        if path[:1] == ("errorOutput",):
            return ERROR, 1
        raise CannotExpressError("it reads the whole of `$states`")

    def _read(self, state: str, variable: str) -> str:
        """The text of a variable: the value that was assigned last."""
        if variable in self.raw:
            return f"${variable}"
        pieces = self._pieces(state, variable)
        texts = list(dict.fromkeys(piece.text or self.texts[piece.only, variable] for piece in pieces))
        if not texts:
            return "()"
        # A variable that is not assigned is undefined, and so is the value of a step that has not run.
        *guarded, last = texts
        return f"({''.join(f'{_exists(text)} ? {text} : ' for text in guarded)}{last})" if guarded else last

    def _pieces(self, state: str, variable: str) -> list[Piece]:
        """The values that a state may read as a variable, the one that was assigned last first."""
        left = {site for site in self.reaching[state].get(variable, ()) if site is not None}
        found: list[Piece] = []
        for sites_, text in self.joined.get(variable, ()):
            if sites_ <= left:
                left -= sites_
                found.append(Piece(sites_, text))
        found += [Piece(frozenset({site})) for site in left]
        position = self.graph.position
        return sorted(found, key=lambda piece: max((position[one.state], one) for one in piece.sites), reverse=True)

    def copies(self, site: Site, variable: str, value: Any) -> bool:
        """Whether a value that a site copies is still that of the other variable wherever this one is read."""
        path = whole_path(value)
        if path in (("states", ("input",)), ("states", ("context", "Execution", "Input"))):
            return True
        if path is None or path[1]:
            return False  # a field may be absent, and the assignment then fails
        other = path[0]
        if other not in self.reaching[site.state]:
            return True
        sources = self.reaching[site.state][other]
        if other == variable or other in self.raw or len(sources) != 1 or None in sources:
            return False
        (source,) = sources
        if source is None or (source, other) not in self.texts:
            return False
        readers = {
            name for name, names in self.reads.items()
            if variable in names and site in self.reaching[name].get(variable, ())
        }  # fmt: skip
        same = {one for one in sites(self.graph) if assigned(self.graph, one).get(variable) == value}
        shared = {name for name in readers if len(self.reaching[name][variable] - same) > 0}
        stale = self._after(site, stop=variable, taint=other)
        return not (readers & stale) and not (shared & self._avoiding(source, same))

    def _after(self, site: Site, *, stop: str, taint: str) -> set[str]:
        """The states that a site leads to on a path that assigns `taint` and does not assign `stop`."""
        found: set[tuple[str, bool]] = set()
        waiting = [(edge.target, False) for edge in self.graph.leaving[site.state] if site_of(edge) == site]
        while waiting:
            state, tainted = one = waiting.pop()
            if one in found:
                continue
            found.add(one)
            for edge in self.graph.leaving[state]:
                names = assigned(self.graph, site_of(edge)).keys()
                if stop not in names:
                    waiting.append((edge.target, tainted or taint in names))
        return {state for state, tainted in found if tainted}

    def _avoiding(self, source: Site, copies: set[Site]) -> set[str]:
        """The states that a site leads to on a path without any of some other sites."""
        found: set[str] = set()
        waiting = [edge.target for edge in self.graph.leaving[source.state] if site_of(edge) == source]
        while waiting:
            state = waiting.pop()
            if state in found:
                continue
            found.add(state)
            waiting += [edge.target for edge in self.graph.leaving[state] if site_of(edge) not in copies]
        return found

    def conflicts(self) -> set[str]:
        """The variables that must stay variables: of two values, the one that is earlier in the graph may be newer."""
        found: set[str] = set()
        for name, variables in self.reads.items():
            for variable in variables & self.reaching[name].keys() - self.raw - found:
                pieces = self._pieces(name, variable)
                texts = [piece.text or self.texts.get((piece.only, variable)) for piece in pieces]
                for at, newer in enumerate(pieces):
                    led = set[str]().union(*(self.leads[site.state] for site in newer.sites))
                    others = [older for older, text in zip(pieces, texts, strict=True) if text != texts[at]]
                    if any(site.state in led for older in pieces[at + 1 :] if older in others for site in older.sites):
                        found.add(variable)
        return found


def _exists(text: str) -> str:
    return f"$exists({text})"


def _references(state: Any) -> list[Any]:
    try:
        return list(references(state))
    except CannotExpressError:
        return []


def _receiving(graph: Graph) -> set[str]:
    """The states whose input is that of the scope: the first, and those after states that pass it on."""
    found: set[str] = set()
    for name in graph.order:
        sources = {edge.source for edge in graph.entering[name]}
        passing = all(
            source in found
            and graph.states[source]["Type"] in ("Choice", "Wait", "Pass")
            and "Output" not in graph.states[source]
            and not any("Output" in rule for rule in graph.states[source].get("Choices", ()))
            for source in sources
        )
        if (name == graph.entry and passing) or (sources and passing):
            found.add(name)
    return found


def caught_in(structure: Structure) -> dict[str, set[Site]]:
    """For each state in the steps of a catcher: the catchers whose error is `$error` there."""
    found: dict[str, set[Site]] = {}
    entered: dict[str, set[Site]] = {}

    def visit(nodes: Nodes, sites_: set[Site]) -> None:
        for node in nodes:
            match node:
                case Leaf(state=state, caught=caught):
                    found.setdefault(state, set()).update(sites_)
                    for index, body in enumerate(caught):
                        site = Site(state, "catch", index)
                        for one in body:
                            if isinstance(one, Shared):
                                entered.setdefault(one.state, set()).add(site)
                        visit(body, {site})
                case _:
                    if hasattr(node, "state"):
                        found.setdefault(node.state, set()).update(sites_)
                    from flowgen.importing.structure import bodies

                    for body in bodies(node):
                        visit(body, sites_)

    visit(structure.body, set())
    for _ in range(len(structure.handlers) + 1):
        for name, nodes in structure.handlers.items():
            visit(nodes, entered.get(name, set()))
    return found


def inline(value: Any) -> bool:
    """Whether the text of an assigned value can replace the variable."""
    return is_access(value)


def text_of(value: Any, naming: Naming) -> str:
    return translated(inner(value), naming) if is_expression(value) else ""


__all__ = ["ERROR", "Scope", "caught_in", "inline", "text_of", "walk"]
