"""The ids of the steps of a scope, and the texts of its variables: values of steps."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from flowgen.importing.branches import result_paths, selects_branches, with_branches
from flowgen.importing.expressions import CannotExpressError, Naming, dotted, inner, translated
from flowgen.importing.graph import State, graph_of
from flowgen.importing.machine import Machine
from flowgen.importing.scope import Scope, caught_in, inline
from flowgen.importing.structure import Block, Branch, Jump, Leaf, Node, Nodes, structured, walk
from flowgen.importing.structure import bodies as bodies_of
from flowgen.importing.tasks import Task, task_of, uses_whole_result
from flowgen.importing.variables import Site, assigned, sites


class Values:
    """Decides what the states of one scope and their variables are called."""

    def __init__(self, machine: Machine, scope: State, input_: str | None, outer: Naming, *, top: bool) -> None:
        self.machine, self.top = machine, top
        graph = graph_of(scope)
        if graph.irreducible:
            edge = graph.irreducible[0]
            raise CannotExpressError(f"`{edge.source}` jumps into the middle of a loop, to `{edge.target}`")
        self.scope = Scope(graph, input_, outer)
        self.structure = structured(graph, shares=top)
        self.caught = caught_in(self.structure)
        self.ids: dict[str, str] = {}
        self.as_it_is: dict[str, dict[tuple[str, ...], str]] = {}
        self.tasks: dict[str, Task] = {}
        self.extra: dict[Site, list[tuple[str, str]]] = {}
        """The variables of a site that need steps: the variable, and the id of its step or an empty string."""
        self.handler_names: dict[str, str] = {}
        self.of_handlers: dict[tuple[str, str], tuple[str, Site]] = {}
        """The step with a variable at the start of a shared handler, and one of the catchers that enter it."""
        self.joined_leaves: set[str] = set()
        self.blocks: dict[str, str] = {}
        """The id of each group that a `break` leaves, by the state after it."""
        self.single_rules = {
            node.state: node.rules[0] for node in self._nodes() if isinstance(node, Branch) and len(node.rules) == 1
        }

    def name_all(self) -> None:
        """Decides the id of each state, and the text of each variable, before the first step is written.

        A variable that no value of a step replaces stays one, which may change the values of other variables' steps.
        """
        taken = copy.deepcopy(self.machine.names)
        while True:
            self._name_states()
            self._join()
            conflicts = self.scope.conflicts()
            if not conflicts:
                return
            self.scope.raw |= conflicts
            self.machine.names = copy.deepcopy(taken)
            for known in (self.ids, self.tasks, self.extra, self.handler_names, self.of_handlers, self.blocks):
                known.clear()
            self.joined_leaves.clear()
            self.scope.texts.clear()
            self.scope.joined.clear()

    def _name_states(self) -> None:
        graph, names = self.scope.graph, self.machine.names
        for name in sorted(self.scope.raw):
            names.reserve(name)
        single = {name: sum(name in assigned(graph, site) for site in sites(graph)) for name in self.scope.variables()}
        for name in graph.order:
            state = graph.states[name]
            own = assigned(graph, Site(name))
            wanted = name
            if state["Type"] == "Pass" and len(own) == 1 and single[next(iter(own))] == 1:
                wanted = next(iter(own))
            self.ids[name] = names.take(wanted)
        for name in self.structure.handlers:
            self.handler_names[name] = names.take(name, "handler")
        for node in self._nodes():
            if isinstance(node, Block):
                self.blocks[node.after] = names.take(f"before_{self.ids[node.after]}")
        for site in sites(graph):
            for variable, value in assigned(graph, site).items():
                self._name(site, variable, value, used=(site, variable) in self.scope.used)

    def _join(self) -> None:
        """Finds the steps whose value is that of a variable, whichever branch or catcher assigned it."""
        joined: dict[str, list[tuple[frozenset[Site], str]]] = {}
        for node in self._nodes():
            if not isinstance(node, Leaf | Branch | Block):
                continue
            id_ = self.blocks[node.after] if isinstance(node, Block) else self.ids[node.state]
            for variable in sorted(self.scope.variables() - self.scope.raw):
                found = self._yields((node,), variable)
                if found is None or len(found) < 2:  # noqa: PLR2004 - one assignment has a text already
                    continue
                if isinstance(node, Leaf):
                    if not self._replaces(node.state, variable, found):
                        continue
                    self.joined_leaves.add(node.state)
                joined.setdefault(variable, []).append((found, f"${id_}"))
        for variable, several in joined.items():
            self.scope.joined[variable] = sorted(several, key=lambda one: -len(one[0]))

    def _replaces(self, name: str, variable: str, found: frozenset[Site]) -> bool:
        """Whether all that read the value of a step also read those of its catchers."""
        return all(
            found <= self.scope.reaching[reader][variable]
            for reader, variables in self.scope.reads.items()
            if variable in variables and Site(name) in self.scope.reaching[reader].get(variable, ())
        )

    def _nodes(self) -> list[Node]:
        every = [self.structure.body, *self.structure.handlers.values()]
        return [node for nodes in every for node in walk(nodes)]

    def _yields(self, nodes: Nodes, variable: str) -> frozenset[Site] | None:
        """The assignments that may be the last one at the end of some nodes, if each is also the value passed on."""
        if not nodes:
            return None
        states = self.scope.graph.states
        match nodes[-1]:
            case Jump():
                return frozenset()
            case Leaf(state=name) if self._passes_on(name):
                return self._yields(nodes[:-1], variable)
            case Leaf(state=name) if states[name]["Type"] == "Fail":
                return frozenset()
            case Leaf(state=name, caught=caught):
                own = Site(name)
                last = self.extra.get(own, [])
                text = self.scope.texts.get((own, variable))
                if text is None or text != (f"${last[-1][1]}" if last else f"${self.ids[name]}"):
                    return None
                if caught and last:
                    return None
                bodies = [self._yields(body, variable) for body in caught]
                found = frozenset({own})
            case Branch(state=name, rules=rules, otherwise=otherwise):
                if len(rules) == 1 and not self._is_switch(name, otherwise):
                    return None
                bodies = [self._of_body(Site(name, "rule", at), body, variable) for at, body in enumerate(rules)]
                if otherwise is not None:
                    bodies.append(self._of_body(Site(name), otherwise, variable))
                found = frozenset()
            case Block(after=after, body=inside):
                bodies = [self._yields(inside, variable), *self._leaving(inside, after, variable)]
                found = frozenset()
            case _:
                return None
        for body in bodies:
            if body is None:
                return None
            found |= body
        return found

    def _passes_on(self, name: str) -> bool:
        """Whether a state passes on its input, or has no step."""
        state = self.scope.graph.states[name]
        return state["Type"] in ("Pass", "Wait") and not state.get("Assign") and "Next" in state

    def _leaving(self, nodes: Nodes, after: str, variable: str) -> Iterator[frozenset[Site] | None]:
        """What the steps in front of each `break` yield."""
        for index, node in enumerate(nodes):
            if isinstance(node, Jump) and node.target == after and node.leaves is None:
                yield self._yields(nodes[:index], variable)
            for body in bodies_of(node):
                yield from self._leaving(body, after, variable)

    def _is_switch(self, name: str, otherwise: Nodes | None) -> bool:
        """Whether both ways of a Choice state with one rule have steps: then it is a `switch`, and not an `if`."""
        has_rule = bool(self.single_rules.get(name)) or Site(name, "rule") in self.extra
        return has_rule and (otherwise is None or bool(otherwise) or Site(name) in self.extra)

    def _of_body(self, site: Site, body: Nodes, variable: str) -> frozenset[Site] | None:
        """What a branch yields; its own assignments come first."""
        extra = self.extra.get(site, ())
        if not body and extra and extra[-1][0] == variable and extra[-1][1]:
            return frozenset({site})
        return self._yields(body, variable)

    def _name(self, site: Site, variable: str, value: Any, *, used: bool) -> None:
        state = self.scope.graph.states[site.state]
        if variable in self.scope.raw:
            self.extra.setdefault(site, []).append((variable, ""))
            return
        text = self._text(site, state, variable, value)
        if text is None and not used:
            text = ""
        if text is None:
            id_ = self.machine.names.take(variable)
            self.extra.setdefault(site, []).append((variable, id_))
            text = f"${id_}"
        self.scope.texts[site, variable] = text

    def _text(self, site: Site, state: State, variable: str, value: Any) -> str | None:
        """The text of a value that a step already has; None if it needs a step."""
        if site.way == "catch":
            if (copied := self._copied(site, variable, value)) is not None:
                return copied
            if not inline(value) or not inner(value).startswith("$states.errorOutput"):
                return self._in_handler(site, variable)
            inside = all(
                self.caught.get(name) is not None and self._same_error(name, variable)
                for name, variables in self.scope.reads.items()
                if variable in variables and site in self.scope.reaching[name].get(variable, ())
            )
            return translated(inner(value), self.scope.naming(site.state)) if inside else None
        if (copied := self._copied(site, variable, value)) is not None:
            return copied
        if site.way == "rule" or state["Type"] in ("Choice", "Wait"):
            return None
        id_ = self.ids[site.state]
        if state["Type"] == "Pass":
            single = len(assigned(self.scope.graph, site)) == 1
            return f"${id_}" if single else dotted(f"${id_}", (variable,))
        if state["Type"] == "Parallel":
            if selects_branches(value):
                return f"${id_}"
            value = with_branches(value)
        if not inline(value):
            return None
        try:
            return translated(inner(value), self.scope.naming(site.state, self.result(site.state)))
        except CannotExpressError:
            return None

    def _copied(self, site: Site, variable: str, value: Any) -> str | None:
        """The text of a value that only selects something from another variable, or from the scope's input.

        None if the other variable may have another value where this one is read.
        """
        if not inline(value) or not self.scope.copies(site, variable, value):
            return None
        try:
            return translated(inner(value), self.scope.naming(site.state))
        except (CannotExpressError, KeyError):
            return None

    def _in_handler(self, site: Site, variable: str) -> str | None:
        """The text of a value that the first step of a shared handler computes; None outside of one."""
        target = self.scope.graph.states[site.state]["Catch"][site.index]["Next"]
        if target not in self.structure.handlers:
            return None
        if (target, variable) not in self.of_handlers:
            self.of_handlers[target, variable] = (self.machine.names.take(variable), site)
        return f"${self.of_handlers[target, variable][0]}"

    def _same_error(self, name: str, variable: str) -> bool:
        """Whether every assignment of a variable that reaches a state is that of the error it handles."""
        return self.scope.reaching[name][variable] <= self.caught.get(name, set())

    def result(self, name: str) -> dict[tuple[str, ...], str]:
        """The texts of a state's result: the value of its step."""
        state = self.scope.graph.states[name]
        text = f"${self.ids[name]}"
        if state["Type"] == "Task":
            return {self._task(name).result: text}
        if name in self.as_it_is:
            return self.as_it_is[name]
        if state["Type"] == "Parallel":
            return result_paths(state, text)
        return {(): text}

    def _task(self, name: str) -> Task:
        if name not in self.tasks:
            state = self.scope.graph.states[name]
            following = self.scope.graph.states.get(state.get("Next", ""), {})
            ends = "Next" not in state or (following.get("Type") == "Succeed" and "Output" not in following)
            raw = uses_whole_result(state, ends=ends)
            naming = self._lazy(name)
            try:
                self.tasks[name] = task_of(state, self.machine.functions, naming, raw=raw)
            except CannotExpressError:
                self.tasks[name] = Task({})
        return self.tasks[name]

    def _lazy(self, name: str) -> Naming:
        """The names for a state whose variables may not have texts yet."""
        naming = self.scope.naming(name)

        def find(variable: str, path: tuple[str, ...]) -> tuple[str, int] | None:
            try:
                return naming(variable, path)
            except KeyError:
                return None

        return find
