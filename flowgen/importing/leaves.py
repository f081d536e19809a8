"""States that do something as steps: everything but Choice states and loops."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from flowgen.importing.branches import branch_names, is_whole_result, selects_branches, with_branches
from flowgen.importing.expressions import (
    CannotExpressError,
    Naming,
    as_jsonata,
    dotted,
    in_asl,
    in_yaml,
    is_expression,
    renamed_in,
)
from flowgen.importing.graph import State
from flowgen.importing.machine import Machine, Step
from flowgen.importing.maps import loop_keys
from flowgen.importing.scope import ERROR
from flowgen.importing.structure import Leaf, Nodes, Shared
from flowgen.importing.tasks import duration, errors_of, own_errors, retry_of, settings_of, task_of
from flowgen.importing.values import Values
from flowgen.importing.variables import Site, assigned


class Leaves(Values, ABC):
    """Writes the steps of single states."""

    def __init__(self, machine: Machine, scope: State, input_: str | None, outer: Naming, *, top: bool) -> None:
        super().__init__(machine, scope, input_, outer, top=top)
        self.written: set[str] = set()
        self.branches: dict[str, tuple[str, ...]] = {}

    @abstractmethod
    def sequence(self, nodes: Nodes) -> list[Step]:
        """The steps of some nodes."""

    @abstractmethod
    def nested(self, scope: State, input_: str | None, outer: Naming, inputs: Mapping[str, str]) -> list[Step]:
        """The steps of a scope inside this one."""

    def id_of(self, name: str) -> str:
        """The id of a state's step, or of a further copy."""
        if name in self.written:
            return self.machine.names.take(self.ids[name])
        self.written.add(name)
        return self.ids[name]

    def leaf(self, leaf: Leaf, *, returns: bool) -> list[Step]:
        name = leaf.state
        state = self.scope.graph.states[name]
        match state["Type"]:
            case "Fail":
                return [self._fail(name, state)]
            case "Succeed":
                return self._end(name, state, returns=returns)
            case "Pass":
                return self._pass(name, state, returns=returns)
            case "Wait":
                return [self._wait(name, state), *self._after(name, state, returns=returns)]
            case "Task" | "Parallel" | "Map" as kind:
                write = {"Task": self._call, "Parallel": self._parallel, "Map": self._map}[kind]
                try:
                    step = write(name, state)
                except CannotExpressError as reason:
                    step = self._as_it_is(name, state, str(reason))
                return self._guarded(leaf, step, self._after(name, state, returns=returns), state)
            case other:
                raise CannotExpressError(f"a state of type `{other}`")

    def _after(self, name: str, state: State, *, returns: bool) -> list[Step]:
        """The steps after that of a state: for its variables, and for the result of the scope."""
        more = self.assigning(Site(name), self.result(name))
        if "Next" not in state and ("Output" in state or name in self.branches):
            more += self._output(name, state, returns=returns)
        elif returns and self.top:
            value = f"${self.ids[name]}" if state["Type"] != "Wait" else "$input"
            more.append({"id": self.machine.names.take(f"{self.ids[name]}_result"), "return": f"${{ {value} }}"})
        return more

    def _output(self, name: str, state: State, *, returns: bool) -> list[Step]:
        """The result of a state that ends the scope."""
        if name in self.branches:
            return self._results_of_branches(name, state, returns=returns)
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

    def _results_of_branches(self, name: str, state: State, *, returns: bool) -> list[Step]:
        """The result of a Parallel state that ends the scope."""
        made: list[Step] = []
        value: Any = f"${{ ${self.ids[name]} }}"
        if is_whole_result(state.get("Output", "{% $states.result %}")):
            value = self._items(name)
        elif not selects_branches(state["Output"]):
            helper = self.machine.names.take(f"{self.ids[name]}_results")
            made = [{"id": helper, "set": self._items(name)}]
            naming = self.scope.naming(name, {**self.result(name), (): f"${helper}"})
            value = in_yaml(with_branches(state["Output"]), naming)
        elif not (returns and self.top):
            return []
        key = "return" if returns and self.top else "set"
        return [*made, {"id": self.machine.names.take(f"{self.ids[name]}_result"), key: value}]

    def _items(self, name: str) -> list[str]:
        return [f"${{ ${self.ids[name]}.{branch} }}" for branch in self.branches[name]]

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
            not self._may_be_reserved(name)
            and is_expression(error)
            and is_expression(cause)
            and (raised["error"], raised["cause"])
            == (
                f"${{ {ERROR}.Error }}",
                f"${{ {ERROR}.Cause }}",
            )
        ):
            return {**step, "fail": ERROR}
        return {**step, "fail": raised}

    def _may_be_reserved(self, name: str) -> bool:
        """Whether the error that a state handles may be one of AWS's, which `fail: $error` would rename."""
        entries = [self.scope.graph.states[site.state]["Catch"][site.index] for site in self.caught.get(name, ())]
        return any(error.startswith("States.") for entry in entries for error in entry["ErrorEquals"])

    def _end(self, name: str, state: State, *, returns: bool) -> list[Step]:
        if "Output" not in state:
            if returns and self.top:
                if name not in self.scope.input_states:
                    raise CannotExpressError(f"`{name}` passes on the output of the state before it as the result")
                return [{**self._head(name, state), "return": "${ $input }"}]
            return []
        value = in_yaml(state["Output"], self.scope.naming(name))
        return [{**self._head(name, state), "return" if returns and self.top else "set": value}]

    def _pass(self, name: str, state: State, *, returns: bool) -> list[Step]:
        naming = self.scope.naming(name, {(): f"${self.ids[name]}"})
        made: list[Step] = []
        assign = assigned(self.scope.graph, Site(name))
        used = {one for site, one in self.scope.used if site.state == name}
        own = (f"${self.ids[name]}", *(dotted(f"${self.ids[name]}", (one,)) for one in assign))
        kept = {one: value for one, value in assign.items() if self.scope.texts.get((Site(name), one)) in own}
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
        branches: dict[str, list[Step]] = {}
        text = self.scope.input if name in self.scope.input_states else None
        if "Arguments" in state:
            raise CannotExpressError("its branches have their own input")
        for key, branch in zip(branch_names(state), state["Branches"], strict=True):
            branches[key] = self.nested(branch, text, naming, {})
        step["parallel"] = branches
        self.branches[name] = tuple(branches)
        retry = retry_of(state, is_call=False)
        return step if retry is None else {**step, "retry": retry}

    def _as_it_is(self, name: str, state: State, reason: str) -> Step:
        """A state that no step expresses."""
        self.machine.left[name] = reason
        dropped = {"Next", "End", "QueryLanguage", "Catch", "Assign", "Output", "Comment"}
        content = {key: value for key, value in state.items() if key not in dropped}
        self.as_it_is[name] = {(): f"${self.ids[name]}"}
        return {**self._head(name, state), "asl": renamed_in(content, self.scope.naming(name))}

    def _map(self, name: str, state: State) -> Step:
        naming = self.scope.naming(name)
        step = self._head(name, state)
        as_ = self.machine.names.take(f"{self.ids[name]}_item")
        keys, inputs, item = loop_keys(state, naming, as_)
        processor = state.get("ItemProcessor") or state["Iterator"]
        steps = self.nested(processor, item, naming, inputs)
        retry = retry_of(state, is_call=False)
        return {**step, **keys, "steps": steps, **({} if retry is None else {"retry": retry})}

    def _guarded(self, leaf: Leaf, step: Step, after: list[Step], state: State) -> list[Step]:
        """A step with its catchers, and the steps after it.

        A group has the catchers if the step's value or the steps after it are not for their handlers.
        """
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
            return [step, *after]
        used = any(site == Site(leaf.state) for site, _ in self.scope.used)
        goes_on = any("handler" not in one and _completes(one["steps"]) for one in entries)
        if (goes_on and ((used and leaf.state not in self.joined_leaves) or after)) or "asl" in step:
            return [{"id": self.machine.names.take(f"try_{step['id']}"), "steps": [step, *after], "catch": entries}]
        return [{**step, "catch": entries}, *after]

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
                text = in_asl(text)
                raw[variable] = f"{{% {text} %}}" if is_expression(value) or "$" in text else value
        if raw:
            self.machine.left[f"{site.state}: {', '.join(raw)}"] = "a later state may read an earlier assignment"
            id_ = self.machine.names.take(f"assign_{next(iter(raw))}")
            made.append({"id": id_, "asl": {"Type": "Pass", "Assign": raw}})
        return made

    def _of_branches(self, name: str, variable: str, id_: str, value: Any, raw: Step) -> list[Step]:
        """A value from the list of the branches' results."""
        items = self._items(name)
        if is_whole_result(value) and id_:
            return [{"id": id_, "set": items}]
        helper = self.machine.names.take(f"{self.ids[name]}_results")
        naming = self.scope.naming(name, {**self.result(name), (): f"${helper}"})
        value = with_branches(value)
        made: list[Step] = [{"id": helper, "set": items}]
        if id_:
            return [*made, {"id": id_, "set": in_yaml(value, naming)}]
        raw[variable] = f"{{% {as_jsonata(value, naming)} %}}"
        return made


def _completes(steps: list[Step]) -> bool:
    """Whether control can reach the end of some steps."""
    if not steps:
        return True
    last = steps[-1]
    return "if" in last or not {"return", "fail", "break", "continue"} & last.keys()
