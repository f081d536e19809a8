"""The steps of a workflow for the structure of a scope of states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flowgen.importing.expressions import (
    CannotExpressError,
    Naming,
    as_jsonata,
    dotted,
    in_yaml,
    inner,
    is_expression,
    renamed_in,
    translated,
)
from flowgen.importing.graph import State, graph_of
from flowgen.importing.loops import repeat_of
from flowgen.importing.maps import loop_keys
from flowgen.importing.naming import Names
from flowgen.importing.scope import ERROR, Scope, caught_in, inline
from flowgen.importing.structure import END, Block, Branch, Jump, Leaf, Loop, Node, Nodes, Shared, structured, walk
from flowgen.importing.tasks import (
    Functions,
    Task,
    errors_of,
    own_errors,
    retry_of,
    settings_of,
    task_of,
    uses_whole_result,
)
from flowgen.importing.variables import Site, assigned, sites

Step = dict[str, Any]

UNEXPECTED = "NoChoiceMatched"


@dataclass
class Machine:
    """What the scopes of a machine share."""

    names: Names
    functions: Functions = field(default_factory=Functions)
    ids: dict[str, str] = field(default_factory=dict)
    """The step of each state, by the state's place in the definition."""
    handlers: dict[str, list[Step]] = field(default_factory=dict)
    notes: list[tuple[str, str]] = field(default_factory=list)
    """A state, and what differs there."""
    left: dict[str, str] = field(default_factory=dict)
    """The states that stay `asl` steps, each with the reason."""


class Writer:
    """Writes the steps of one scope."""

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
        self.values: dict[str, dict[tuple[str, ...], str]] = {}
        self.tasks: dict[str, Task] = {}
        self.extra: dict[Site, list[tuple[str, str]]] = {}
        """The variables of a site that need steps: the variable, and the id of its step or an empty string."""
        self.written: set[str] = set()
        self.labels: dict[str, str] = {}
        self.whole: str | None = None
        self.handler_names: dict[str, str] = {}
        self.joined_leaves: set[str] = set()
        self.branches: dict[str, tuple[str, ...]] = {}

    # What each variable is called

    def name_all(self) -> None:
        """Decides the id of each state, and the text of each variable, before the first step is written."""
        graph = self.scope.graph
        self.scope.mark_raw()
        for name in self.scope.raw:
            self.machine.names.take(name)
        single = {name: sum(name in assigned(graph, site) for site in sites(graph)) for name in self.scope.variables()}
        for name in graph.order:
            state = graph.states[name]
            own = assigned(graph, Site(name))
            wanted = name
            if state["Type"] == "Pass" and len(own) == 1 and single[next(iter(own))] == 1:
                wanted = next(iter(own))
            self.ids[name] = self.machine.names.take(wanted)
        for name in self.structure.handlers:
            self.handler_names[name] = self.machine.names.take(name, "handler")
        used = self.scope.used()
        for site in sites(graph):
            for variable, value in assigned(graph, site).items():
                self._name(site, variable, value, used=(site, variable) in used)

        self._join()

    def _join(self) -> None:
        """Finds the steps whose value is that of a variable, whichever branch or catcher assigned it."""
        for node in self._nodes():
            for variable in self.scope.variables() - self.scope.raw:
                found = self._yields((node,), variable)
                if found is None or len(found) < 2:  # noqa: PLR2004 - one assignment has a text already
                    continue
                if isinstance(node, Leaf):
                    reads = {
                        sources[variable]
                        for name, sources in self.scope.reaching.items()
                        if variable in self.scope.reads()[name] and Site(node.state) in sources.get(variable, ())
                    }
                    if not reads <= {found}:
                        continue
                    self.joined_leaves.add(node.state)
                if isinstance(node, Leaf | Branch):
                    self.scope.joined[found, variable] = f"${self.ids[node.state]}"

    def _nodes(self) -> list[Node]:
        every = [self.structure.body, *self.structure.handlers.values()]
        return [node for nodes in every for node in walk(nodes)]

    def _yields(self, nodes: Nodes, variable: str) -> frozenset[Site] | None:
        """The assignments that may be the last one at the end of some nodes, if each is also the value passed on."""
        if not nodes:
            return None
        states = self.scope.graph.states
        match nodes[-1]:
            case Jump(target=target) if target == END and self.top:
                return frozenset()
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
                if len(rules) == 1 and (not otherwise or not rules[0]):
                    return None
                bodies = [
                    self._yields(body, variable) for body in (*rules, *((otherwise,) if otherwise is not None else ()))
                ]
                found = frozenset()
            case _:
                return None
        for body in bodies:
            if body is None:
                return None
            found |= body
        return found

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
            if not inline(value) or not inner(value).startswith("$states.errorOutput"):
                return None
            inside = all(
                self.caught.get(name) is not None and self._same_error(name, variable)
                for name, variables in self.scope.reads().items()
                if variable in variables and site in self.scope.reaching[name].get(variable, ())
            )
            return translated(inner(value), self.scope.naming(site.state)) if inside else None
        if site.way == "rule" or state["Type"] in ("Choice", "Wait"):
            return None
        id_ = self.ids[site.state]
        if state["Type"] == "Pass":
            single = len(assigned(self.scope.graph, site)) == 1
            return f"${id_}" if single else dotted(f"${id_}", (variable,))
        if not inline(value):
            return None
        try:
            return translated(inner(value), self.scope.naming(site.state, self.result(site.state)))
        except CannotExpressError:
            return None

    def _same_error(self, name: str, variable: str) -> bool:
        """Whether every assignment of a variable that reaches a state is that of the error it handles."""
        return self.scope.reaching[name][variable] <= self.caught.get(name, set())

    def result(self, name: str) -> dict[tuple[str, ...], str]:
        """The texts of a state's result: the value of its step."""
        state = self.scope.graph.states[name]
        text = f"${self.ids[name]}"
        if state["Type"] == "Task":
            return {self._task(name).result: text}
        if name in self.values:
            return self.values[name]
        if state["Type"] == "Parallel":
            return {}
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

    # Steps

    def steps(self) -> list[Step]:
        """The steps of the scope."""
        self.name_all()
        if not self.top and self._leaves_early():
            self.whole = self.machine.names.take(f"{next(iter(self.ids.values()))}_body")
        self.tasks.clear()
        body = self.sequence(self.structure.body)
        for name, nodes in self.structure.handlers.items():
            self.machine.handlers[self.handler_names[name]] = self.sequence(nodes, ends=True)
        if self.whole is not None:
            return [{"id": self.whole, "steps": body}]
        return body

    def _leaves_early(self) -> bool:
        return any(isinstance(node, Jump) and node.target == END for node in walk(self.structure.body))

    def sequence(self, nodes: Nodes, *, ends: bool = False) -> list[Step]:
        """The steps of some nodes. `ends` means that each path ends the execution."""
        made: list[Step] = []
        for index, node in enumerate(nodes):
            following = nodes[index + 1] if index + 1 < len(nodes) else None
            returns = (isinstance(following, Jump) and following.target == END) or (ends and following is None)
            made += self.node(node, following, returns=returns)
        return made

    def node(self, node: Node, following: Node | None, *, returns: bool) -> list[Step]:
        match node:
            case Leaf():
                return self.leaf(node, returns=returns, last=following is None)
            case Branch():
                return self.branch(node)
            case Loop():
                return self.loop(node)
            case Block(after=after, body=body):
                self.labels[after] = self.machine.names.take(f"before_{self.ids[after]}")
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

    def id_of(self, name: str) -> str:
        """The id of a state's step, or of a further copy."""
        if name in self.written:
            return self.machine.names.take(self.ids[name])
        self.written.add(name)
        return self.ids[name]

    def leaf(self, leaf: Leaf, *, returns: bool, last: bool) -> list[Step]:
        name = leaf.state
        state = self.scope.graph.states[name]
        match state["Type"]:
            case "Fail":
                return [self._fail(name, state)]
            case "Succeed":
                return self._end(name, state, returns=returns, last=last)
            case "Pass":
                return self._pass(name, state, returns=returns, last=last)
            case "Wait":
                made = [self._wait(name, state)]
            case "Task" | "Parallel" | "Map" as kind:
                write = {"Task": self._call, "Parallel": self._parallel, "Map": self._map}[kind]
                try:
                    step = write(name, state)
                except CannotExpressError as reason:
                    step = self._as_it_is(name, state, str(reason))
                made = self._guarded(leaf, step, state)
            case other:
                raise CannotExpressError(f"a state of type `{other}`")
        more = self.assigning(Site(name), self.result(name))
        if "Output" in state and "Next" not in state:
            more += self._output(name, state, returns=returns)
        elif returns and self.top:
            value = f"${self.ids[name]}" if state["Type"] != "Wait" else "$input"
            more.append({"id": self.machine.names.take(f"{self.ids[name]}_result"), "return": f"${{ {value} }}"})
        return [*made, *more]

    def _output(self, name: str, state: State, *, returns: bool) -> list[Step]:
        """The result of a state that ends the scope."""
        naming = self.scope.naming(name, self.result(name))
        value = in_yaml(state["Output"], naming)
        if value == f"${{ ${self.ids[name]} }}" and not (returns and self.top):
            return []
        return [
            {
                "id": self.machine.names.take(f"{self.ids[name]}_result"),
                "return" if returns and self.top else "set": value,
            }
        ]

    def _head(self, name: str, state: State) -> Step:
        head: Step = {"id": self.id_of(name)}
        if state.get("Comment"):
            head["description"] = state["Comment"]
        return head

    def _fail(self, name: str, state: State) -> Step:
        naming = self.scope.naming(name)
        raised: Step = {"error": in_yaml(state.get("Error", "Failed"), naming)}
        if "Error" not in state:
            self.machine.notes.append((name, "it has no Error; the workflow fails with `Failed`"))
        elif isinstance(raised["error"], str) and raised["error"].startswith("States."):
            renamed = raised["error"].removeprefix("States.")
            self.machine.notes.append((name, f"its error `{raised['error']}` belongs to AWS; it is now `{renamed}`"))
            raised["error"] = renamed
        if state.get("Cause"):
            raised["cause"] = in_yaml(state["Cause"], naming)
        error, cause = state.get("Error"), state.get("Cause")
        step = self._head(name, state)
        if (
            is_expression(error)
            and is_expression(cause)
            and (raised["error"], raised["cause"])
            == (
                f"${{ {ERROR}.Error }}",
                f"${{ {ERROR}.Cause }}",
            )
        ):
            return {**step, "fail": ERROR}
        return {**step, "fail": raised}

    def _end(self, name: str, state: State, *, returns: bool, last: bool) -> list[Step]:
        del last
        if "Output" not in state:
            if returns and self.top:
                if name not in self.scope.input_states:
                    raise CannotExpressError(f"`{name}` passes on the output of the state before it as the result")
                return [{**self._head(name, state), "return": "${ $input }"}]
            return []
        value = in_yaml(state["Output"], self.scope.naming(name))
        return [{**self._head(name, state), "return" if returns and self.top else "set": value}]

    def _pass(self, name: str, state: State, *, returns: bool, last: bool) -> list[Step]:
        del last
        naming = self.scope.naming(name, {(): f"${self.ids[name]}"})
        made: list[Step] = []
        assign = assigned(self.scope.graph, Site(name))
        kept = {one: value for one, value in assign.items() if one not in self.scope.raw}
        used = {one for site, one in self.scope.used() if site.state == name}
        if kept and used & kept.keys():
            value: Any = next(iter(kept.values())) if len(assign) == 1 else kept
            made.append({**self._head(name, state), "set": in_yaml(value, naming)})
        made += self.assigning(Site(name), {})
        if "Next" not in state:
            output = in_yaml(state["Output"], naming) if "Output" in state else None
            if output is not None:
                key = "return" if returns and self.top else "set"
                head = self._head(name, state) if not made else {"id": self.machine.names.take(f"{name}_result")}
                made.append({**head, key: output})
            elif returns and self.top:
                made.append({"id": self.machine.names.take(f"{name}_result"), "return": "${ $input }"})
        return made

    def _wait(self, name: str, state: State) -> Step:
        from flowgen.importing.tasks import duration

        naming = self.scope.naming(name)
        if "Timestamp" in state:
            return {**self._head(name, state), "wait": {"until": in_yaml(state["Timestamp"], naming)}}
        return {**self._head(name, state), "wait": duration(state["Seconds"], naming)}

    def _call(self, name: str, state: State) -> Step:
        naming = self.scope.naming(name)
        task = task_of(state, self.machine.functions, naming, raw=self._task(name).function is None)
        step = {**self._head(name, state), **task.step, **settings_of(state, naming)}
        retry = retry_of(state, is_call=task.function is not None and "activity" not in str(state["Resource"]))
        if retry is not None:
            step["retry"] = retry
        if task.function is not None:
            self.machine.functions.errors[task.function].update(dict.fromkeys(own_errors(state)))
        return step

    def _parallel(self, name: str, state: State) -> Step:
        naming = self.scope.naming(name)
        step = self._head(name, state)
        used: set[str] = set()
        branches: dict[str, list[Step]] = {}
        text = self.scope.input if name in self.scope.input_states else None
        if "Arguments" in state:
            raise CannotExpressError("its branches have an input of their own")
        for index, branch in enumerate(state["Branches"]):
            writer = Writer(self.machine, branch, text, naming, top=False)
            steps = writer.steps()
            wanted = next((one["id"] for one in _flat(steps) if not {"set", "if"} & one.keys()), f"branch_{index + 1}")
            key = wanted if wanted not in used else f"{wanted}_{index + 1}"
            used.add(key)
            branches[key] = steps
        step["parallel"] = branches
        self.branches[name] = tuple(branches)
        retry = retry_of(state, is_call=False)
        return step if retry is None else {**step, "retry": retry}

    def _as_it_is(self, name: str, state: State, reason: str) -> Step:
        """A state that no step expresses."""
        self.machine.left[name] = reason
        dropped = {"Next", "End", "QueryLanguage", "Catch", "Assign", "Output", "Comment"}
        content = {key: value for key, value in state.items() if key not in dropped}
        self.values[name] = {(): f"${self.ids[name]}"}
        return {**self._head(name, state), "asl": renamed_in(content, self.scope.naming(name))}

    def _map(self, name: str, state: State) -> Step:
        naming = self.scope.naming(name)
        step = self._head(name, state)
        as_ = self.machine.names.take(_item_name(self.ids[name]))
        keys, inputs, item = loop_keys(state, naming, as_)
        processor = state.get("ItemProcessor") or state["Iterator"]
        writer = Writer(self.machine, processor, item, naming, top=False)
        writer.scope.inputs = inputs
        steps = writer.steps()
        retry = retry_of(state, is_call=False)
        return {**step, **keys, "steps": steps, **({} if retry is None else {"retry": retry})}

    def _guarded(self, leaf: Leaf, step: Step, state: State) -> list[Step]:
        """A step with its catchers. If the step's value must not become that of the catcher, a group has them."""
        entries = []
        for index, body in enumerate(leaf.caught):
            catcher = state["Catch"][index]
            entry: Step = {"errors": errors_of(catcher["ErrorEquals"])}
            shared = body[0] if body and isinstance(body[0], Shared) else None
            if shared is not None:
                entry["handler"] = self.handler_names[shared.state]
            else:
                bound = self.assigning(Site(leaf.state, "catch", index), {})
                entry["steps"] = [*bound, *self.sequence(body)]
            entries.append(entry)
        if not entries:
            return [step]
        used = any(site == Site(leaf.state) for site, _ in self.scope.used())
        goes_on = any("handler" not in one and _completes(one["steps"]) for one in entries)
        if (goes_on and used and leaf.state not in self.joined_leaves) or "asl" in step:
            return [{"id": self.machine.names.take(f"try_{step['id']}"), "steps": [step], "catch": entries}]
        return [{**step, "catch": entries}]

    def assigning(self, site: Site, result: Mapping[tuple[str, ...], str]) -> list[Step]:
        """The steps that keep the variables of a site which no step has as its value."""
        made: list[Step] = []
        naming = self.scope.naming(site.state, result)
        raw: Step = {}
        values = assigned(self.scope.graph, site)
        parallel = site.state in self.branches and site.way == "next"
        for variable, id_ in self.extra.get(site, ()):
            value = values[variable]
            if parallel:
                made += self._of_branches(site.state, variable, id_, value, raw)
            elif id_:
                made.append({"id": id_, "set": in_yaml(value, naming)})
            else:
                text = as_jsonata(value, naming)
                if ERROR in text or "$index" in text or "$batch" in text or "$parameters" in text:
                    helper = self.machine.names.take(f"new_{variable}")
                    made.append({"id": helper, "set": in_yaml(value, naming)})
                    text = f"${helper}"
                text = text.replace("$context", "$states.context")
                raw[variable] = f"{{% {text} %}}" if is_expression(value) or "$" in text else value
        if raw:
            self.machine.left[f"{site.state}: {', '.join(raw)}"] = "a later state may read an earlier assignment"
            id_ = self.machine.names.take(f"assign_{next(iter(raw))}")
            made.append({"id": id_, "asl": {"Type": "Pass", "Assign": raw}})
        return made

    def _of_branches(self, name: str, variable: str, id_: str, value: Any, raw: Step) -> list[Step]:
        """A value from the list of the branches' results."""
        of = f"${self.ids[name]}"
        items = [f"${{ {of}.{branch} }}" for branch in self.branches[name]]
        if is_expression(value) and inner(value) == "$states.result" and id_:
            return [{"id": id_, "set": items}]
        helper = self.machine.names.take(f"{self.ids[name]}_results")
        naming = self.scope.naming(name, {(): f"${helper}"})
        made: list[Step] = [{"id": helper, "set": items}]
        if id_:
            return [*made, {"id": id_, "set": in_yaml(value, naming)}]
        raw[variable] = f"{{% {as_jsonata(value, naming)} %}}"
        return made

    # Branches and loops

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


def _item_name(id_: str) -> str:
    return f"{id_}_item"


def _completes(steps: list[Step]) -> bool:
    """Whether control can reach the end of some steps."""
    if not steps:
        return True
    last = steps[-1]
    return "if" in last or not {"return", "fail", "break", "continue"} & last.keys()


def _flat(steps: list[Step]) -> list[Step]:
    found: list[Step] = []
    for step in steps:
        found.append(step)
        if "steps" in step:
            found += _flat(step["steps"])
    return found


def _cases(whens: list[str]) -> tuple[str, list[Any]] | None:
    """The value that every rule compares with a literal, and the literals."""
    from flowgen.importing.conditions import equality

    if len(whens) < 2:  # noqa: PLR2004 - one rule is an `if`
        return None
    found = [equality(when) for when in whens]
    subjects = {one[0] for one in found if one is not None}
    if None in found or len(subjects) != 1:
        return None
    values = [one[1] for one in found if one is not None]
    return (subjects.pop(), values) if len(set(map(repr, values))) == len(values) else None
