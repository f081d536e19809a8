"""The steps of a workflow for the structure of a scope of states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowgen.importing.conditions import equality
from flowgen.importing.expressions import Naming, in_yaml, inner, translated
from flowgen.importing.graph import State
from flowgen.importing.leaves import Leaves
from flowgen.importing.loops import repeat_of
from flowgen.importing.machine import Machine, Step
from flowgen.importing.structure import END, Block, Branch, Jump, Leaf, Loop, Node, Nodes, Shared, walk
from flowgen.importing.variables import Site, assigned

UNEXPECTED = "NoChoiceMatched"


class Writer(Leaves):
    """Writes the steps of one scope."""

    def __init__(self, machine: Machine, scope: State, input_: str | None, outer: Naming, *, top: bool) -> None:
        super().__init__(machine, scope, input_, outer, top=top)
        self.labels: dict[str, str] = {}
        self.whole: str | None = None

    def steps(self) -> list[Step]:
        """The steps of the scope."""
        self.name_all()
        if not self.top and self._leaves_early():
            self.whole = self.machine.names.take(f"{next(iter(self.ids.values()))}_body")
        self.tasks.clear()
        body = self.sequence(self.structure.body)
        for name, nodes in self.structure.handlers.items():
            first = [
                {"id": id_, "set": in_yaml(assigned(self.scope.graph, site)[variable], self.scope.naming(site.state))}
                for (target, variable), (id_, site) in self.of_handlers.items()
                if target == name
            ]
            first += self._variables_of_handler(name)
            self.machine.handlers[self.handler_names[name]] = [*first, *self.sequence(nodes)]
        if self.whole is not None:
            return [{"id": self.whole, "steps": body}]
        return body

    def _variables_of_handler(self, name: str) -> list[Step]:
        """The steps that assign variables at the start of a shared handler, which all its catchers assign alike."""
        entering = (site for site in self.extra if site.way == "catch" and self._target(site) == name)
        site = next(entering, None)
        return [] if site is None else self.assigning(site, {})

    def _target(self, site: Site) -> str:
        return str(self.scope.graph.states[site.state]["Catch"][site.index]["Next"])

    def _leaves_early(self) -> bool:
        return any(isinstance(node, Jump) and node.target == END for node in walk(self.structure.body))

    def sequence(self, nodes: Nodes) -> list[Step]:
        """The steps of some nodes."""
        made: list[Step] = []
        for index, node in enumerate(nodes):
            following = nodes[index + 1] if index + 1 < len(nodes) else None
            returns = isinstance(following, Jump) and following.target == END
            made += self.node(node, returns=returns)
        return made

    def node(self, node: Node, *, returns: bool) -> list[Step]:
        match node:
            case Leaf():
                return self.leaf(node, returns=returns)
            case Branch():
                return self.branch(node)
            case Loop():
                return self.loop(node)
            case Block(after=after, body=body):
                self.labels[after] = self.blocks[after]
                return [{"id": self.labels[after], "steps": self.sequence(body)}]
            case Jump():
                return self.jump(node)
            case Shared():
                return []

    def jump(self, jump: Jump) -> list[Step]:
        if jump.target == END:
            if self.top:
                return []
            assert self.whole is not None  # noqa: S101 - a scope that is left early has a group around it
            return [{"id": self.machine.names.take("done"), "break": self.whole}]
        if jump.again:
            label = self.labels[jump.target]
            return [{"id": self.machine.names.take(f"{label}_again"), "continue": label}]
        label = self.labels[jump.target if jump.leaves is None else jump.leaves]
        return [{"id": self.machine.names.take(f"leave_{label}"), "break": label}]

    def nested(self, scope: State, input_: str | None, outer: Naming, inputs: Mapping[str, str]) -> list[Step]:
        writer = Writer(self.machine, scope, input_, outer, top=False)
        writer.scope.inputs = inputs
        return writer.steps()

    def branch(self, branch: Branch) -> list[Step]:
        name = branch.state
        state = self.scope.graph.states[name]
        naming = self.scope.naming(name)
        whens = [translated(inner(rule["Condition"]), naming) for rule in state["Choices"]]
        bodies = [
            [*self.assigning(Site(name, "rule", index), {}), *self.sequence(body)]
            for index, body in enumerate(branch.rules)
        ]
        if branch.otherwise is None:
            self.machine.notes.append(
                (name, f"it has no Default; where no rule applies, the workflow fails with `{UNEXPECTED}`")
            )
            failed = {
                "id": self.machine.names.take(f"no_{self.ids[name]}"),
                "fail": {"error": UNEXPECTED, "cause": f"no rule of {name} applies"},
            }
            otherwise: list[Step] = [failed]
        else:
            otherwise = [*self.assigning(Site(name), {}), *self.sequence(branch.otherwise)]
        if not otherwise and not any(bodies):
            return []
        if len(whens) == 1 and not bodies[0]:
            return self._if(name, state, f"$not({whens[0]})", otherwise)
        if len(whens) == 1 and not otherwise:
            return self._if(name, state, whens[0], bodies[0])
        return [self._switch(name, state, whens, bodies, otherwise)]

    def _if(self, name: str, state: State, condition: str, steps: list[Step]) -> list[Step]:
        if len(steps) == 1 and "if" not in steps[0] and not state.get("Comment"):
            first, *_ = steps
            return [{"id": first["id"], "if": condition, **{key: one for key, one in first.items() if key != "id"}}]
        return [{**self._head(name, state), "if": condition, "steps": steps}]

    def _switch(
        self, name: str, state: State, whens: list[str], bodies: list[list[Step]], otherwise: list[Step]
    ) -> Step:
        head = self._head(name, state)
        cases = _cases(whens)
        if cases is not None:
            subject, values = cases
            return {**head, "match": subject, "cases": dict(zip(values, bodies, strict=True)), "else": otherwise}
        rules = [{"when": when, "steps": steps} for when, steps in zip(whens, bodies, strict=True)]
        return {**head, "switch": rules, **({"else": otherwise} if otherwise else {})}

    def loop(self, loop: Loop) -> list[Step]:
        label = self.machine.names.take(f"repeat_{self.ids[loop.header]}")
        self.labels[loop.header] = label
        return [repeat_of(label, self.sequence(loop.body))]


def _cases(whens: list[str]) -> tuple[str, list[Any]] | None:
    """The value that every rule compares with a literal, and the literals."""
    if len(whens) < 2:  # noqa: PLR2004 - one rule is an `if`
        return None
    found = [equality(when) for when in whens]
    subjects = {one[0] for one in found if one is not None}
    if None in found or len(subjects) != 1:
        return None
    values = [one[1] for one in found if one is not None]
    return (subjects.pop(), values) if len(set(map(repr, values))) == len(values) else None
