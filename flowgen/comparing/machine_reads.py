"""What a machine reads: the shapes of its input and of the results of its calls, and the errors that it handles.

An abstract interpretation of the data flow, in both query languages. It does not have to be exact: it makes values
likely that reach each branch, and the executions decide what really happens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flowgen.comparing import jsonata_reads, jsonpath_reads
from flowgen.comparing.calls import ANY_FUNCTION, target_of
from flowgen.comparing.conditions import Condition
from flowgen.comparing.shapes import Shape, list_of, literal, object_of
from flowgen.local.jsonata_query import is_expression
from flowgen.local.values import JSON

Definition = Mapping[str, JSON]


@dataclass(slots=True)
class World:
    """What one or more machines read.

    `results` are the shapes of what calls return, and `errors` the names of errors that states handle, by the key of
    the call. `items` is the shape of an item that a reader reads from an object, and `formats` are the input types.
    """

    input: Shape = field(default_factory=Shape)
    results: dict[str, Shape] = field(default_factory=dict)
    errors: dict[str, dict[str, None]] = field(default_factory=dict)
    items: Shape = field(default_factory=Shape)
    formats: dict[str, None] = field(default_factory=dict)
    causes: Shape = field(default_factory=Shape)
    arguments: dict[str, list[tuple[str, Shape]]] = field(default_factory=dict)
    """The resources and the shapes of the arguments of each call, by its key."""
    rules: dict[str, list[Condition]] = field(default_factory=dict)
    """The conditions of the rules of each Choice, in order."""

    def result(self, key: str) -> Shape:
        """The shape of a call's result."""
        return self.results.setdefault(key, Shape())

    def result_of(self, key: str) -> Shape:
        """The shape of the result of a call that happens, which may be of a function that data names."""
        if key not in self.results and key.startswith("function "):
            return self.result(ANY_FUNCTION)
        return self.result(key)

    def errors_of(self, key: str) -> Mapping[str, None]:
        """The errors that states handle around a call that happens."""
        return self.errors.get(key) or self.errors.get(ANY_FUNCTION, {})


def read_machine(world: World, definition: Definition) -> None:
    """Add what a machine reads to the world."""
    context = Shape()
    context.member("Execution").member("Input").unify(world.input)
    machine = _Machine(world, Shape(), definition.get("QueryLanguage", "JSONPath"))
    machine.read(definition, world.input, context, ())


@dataclass(slots=True)
class _Machine:
    world: World
    variables: Shape
    language: str

    def read(self, definition: Definition, start: Shape, context: Shape, errors: tuple[str, ...]) -> Shape:
        """Read the states of a machine, a branch or a processor, and return the shape of its output.

        `errors` are the names that the states around it handle.
        """
        states = definition.get("States", {})
        inputs = {name: Shape() for name in states}
        output = Shape()
        first = definition.get("StartAt")
        if first in inputs:
            inputs[first].unify(start)
        for name, state in states.items():
            is_jsonata = state.get("QueryLanguage", self.language) == "JSONata"
            read = self._jsonata_state if is_jsonata else self._jsonpath_state
            for target, shape in read(name, state, inputs[name], context, errors):
                if target is None:
                    output.unify(shape)
                elif target in inputs:
                    inputs[target].unify(shape)
        return output

    def _jsonpath_state(
        self, name: str, state: Definition, data: Shape, context: Shape, errors: tuple[str, ...]
    ) -> list[tuple[str | None, Shape]]:
        given = Shape() if state.get("InputPath", "$") is None else data
        if state.get("InputPath") is not None:
            given = jsonpath_reads.at_path(state["InputPath"], jsonpath_reads.Scope(data, self.variables, context))
        scope = jsonpath_reads.Scope(given, self.variables, context)
        kind = state.get("Type")
        if kind == "Choice":
            self.world.rules[name] = [jsonpath_reads.in_rule(rule, scope) for rule in state.get("Choices", ())]
            for rule in state.get("Choices", ()):
                self._assign(rule.get("Assign"), scope)
            self._assign(state.get("Assign"), scope)
            return [(target, data) for target in _targets(state)]
        effective = given
        if "Parameters" in state and kind != "Map":
            effective = jsonpath_reads.in_template(state["Parameters"], scope)
        for path, kind_of in (
            ("SecondsPath", "seconds"),
            ("TimestampPath", "timestamp"),
            ("TimeoutSecondsPath", "seconds"),
            ("HeartbeatSecondsPath", "seconds"),
            ("MaxConcurrencyPath", "seconds"),
            ("ToleratedFailureCountPath", "seconds"),
            ("ToleratedFailurePercentagePath", "seconds"),
            ("ErrorPath", "string"),
            ("CausePath", "string"),
        ):
            if path in state:
                jsonpath_reads.in_expression(state[path], scope).is_kind(kind_of)
        result = effective
        if kind == "Task":
            result = self._called(state, effective, errors)
        elif kind == "Pass" and "Result" in state:
            result = literal(state["Result"])
        elif kind == "Parallel":
            inner = (*errors, *_handled(state))
            result = Shape()
            for branch in state.get("Branches", ()):
                result.item.unify(self.read(branch, effective, context, inner))
        elif kind == "Map":
            result = self._jsonpath_map(state, scope, errors)
        selected = jsonpath_reads.Scope(result, self.variables, context)
        if "ResultSelector" in state:
            result = jsonpath_reads.in_template(state["ResultSelector"], selected)
        self._assign(state.get("Assign"), jsonpath_reads.Scope(result, self.variables, context))
        output = self._placed(state, data, result)
        if state.get("OutputPath", "$") is None:
            output = Shape()
        elif "OutputPath" in state:
            output = jsonpath_reads.at_path(state["OutputPath"], jsonpath_reads.Scope(output, self.variables, context))
        found: list[tuple[str | None, Shape]] = []
        if kind != "Fail":
            found.append((state.get("Next"), output))
        for catcher in state.get("Catch", ()):
            error = self._error()
            self._assign(catcher.get("Assign"), jsonpath_reads.Scope(error, self.variables, context))
            found.append((catcher.get("Next"), self._placed(catcher, data, error)))
        return found

    def _placed(self, entry: Definition, data: Shape, result: Shape) -> Shape:
        """The data after ResultPath."""
        path = entry.get("ResultPath", "$")
        if path is None:
            return data
        if path == "$" or not isinstance(path, str):
            return result
        jsonpath_reads.at_path(path, jsonpath_reads.Scope(data, self.variables, Shape())).unify(result)
        return data

    def _assign(self, assign: JSON, scope: jsonpath_reads.Scope) -> None:
        if isinstance(assign, dict):
            self.variables.unify(jsonpath_reads.in_template(assign, scope))

    def _jsonpath_map(self, state: Definition, scope: jsonpath_reads.Scope, errors: tuple[str, ...]) -> Shape:
        items = jsonpath_reads.at_path(state.get("ItemsPath", "$"), scope)
        if "ItemReader" in state:
            item = self._reader(state["ItemReader"])
            parameters = state["ItemReader"].get("Parameters")
            if parameters is not None:
                jsonpath_reads.in_template(parameters, scope)
        else:
            item = items.item
        context = _with_item(scope.context, item)
        selector = state.get("ItemSelector", state.get("Parameters"))
        if selector is not None:
            item = jsonpath_reads.in_template(selector, jsonpath_reads.Scope(scope.data, self.variables, context))
        batcher = state.get("ItemBatcher")
        if batcher is not None:
            shared = jsonpath_reads.in_template(batcher.get("BatchInput"), scope)
            item = object_of((("Items", list_of(item)), ("BatchInput", shared)))
        return self._iterated(state, item, context, errors)

    def _iterated(self, state: Definition, item: Shape, context: Shape, errors: tuple[str, ...]) -> Shape:
        processor = state.get("ItemProcessor", state.get("Iterator", {}))
        output = self.read(processor, item, context, (*errors, *_handled(state)))
        return Shape() if "ResultWriter" in state else list_of(output)

    def _reader(self, reader: Definition) -> Shape:
        config = reader.get("ReaderConfig", {})
        if str(reader.get("Resource", "")).endswith(":listObjectsV2") and "Transformation" not in config:
            return Shape()
        self.world.formats.setdefault(str(config.get("InputType", "JSON")))
        if config.get("InputType") == "CSV":
            for header in config.get("CSVHeaders", ()):
                self.world.items.member(header)
        return self.world.items

    def _error(self) -> Shape:
        """The error output, whose cause is often parsed."""
        error = Shape()
        cause = error.member("Cause").is_kind("string")
        cause.text_of.unify(self.world.causes)
        error.member("Error").is_kind("string")
        return error

    def _called(self, state: Definition, given: Shape, errors: tuple[str, ...]) -> Shape:
        """The shape of the result of a call, in the form in which the state receives it."""
        resource = state.get("Resource", "")
        arguments = state.get("Arguments", state.get("Parameters"))
        if isinstance(arguments, dict) and "FunctionName.$" in arguments:
            arguments = {**arguments, "FunctionName": None}
        if isinstance(arguments, dict) and is_expression(arguments.get("FunctionName")):
            arguments = {**arguments, "FunctionName": None}
        target = target_of(str(resource), arguments)
        known = self.world.errors.setdefault(target.key, {})
        for error in (*_handled(state), *errors):
            known.setdefault(error)
        payload = given.member("Payload") if target.invokes else given
        self.world.arguments.setdefault(target.key, []).append((str(resource), payload))
        value = self.world.result(target.key)
        if not target.invokes:
            return value
        return object_of((("Payload", value), ("StatusCode", Shape().is_kind("number"))))

    def _jsonata_state(
        self, name: str, state: Definition, data: Shape, context: Shape, errors: tuple[str, ...]
    ) -> list[tuple[str | None, Shape]]:
        kind = state.get("Type")
        states = object_of((("input", data), ("context", context)))
        scope = jsonata_reads.Scope(states, self.variables)
        result: Shape | None = None
        if kind == "Task":
            given = jsonata_reads.in_value(state["Arguments"], scope) if "Arguments" in state else data
            result = self._called(state, given, errors)
        elif kind == "Parallel":
            effective = jsonata_reads.in_value(state["Arguments"], scope) if "Arguments" in state else data
            result = Shape()
            for branch in state.get("Branches", ()):
                result.item.unify(self.read(branch, effective, context, (*errors, *_handled(state))))
        elif kind == "Map":
            result = self._jsonata_map(state, scope, data, context, errors)
        for timing in ("Seconds", "TimeoutSeconds", "HeartbeatSeconds", "MaxConcurrency"):
            jsonata_reads.in_value(state.get(timing), scope).is_kind("seconds")
        jsonata_reads.in_value(state.get("Timestamp"), scope).is_kind("timestamp")
        for text in ("Error", "Cause"):
            jsonata_reads.in_value(state.get(text), scope).is_kind("string")
        if result is not None:
            states.member("result").unify(result)
        found: list[tuple[str | None, Shape]] = []
        if kind != "Fail":
            target = state.get("Default") if kind == "Choice" else state.get("Next")
            if kind != "Choice" or target is not None:
                found.append((target, self._left(state, scope, data if result is None else result)))
        if kind == "Choice":
            self.world.rules[name] = [
                jsonata_reads.in_condition(rule.get("Condition"), scope) for rule in state.get("Choices", ())
            ]
        found += [(rule.get("Next"), self._left(rule, scope, data)) for rule in state.get("Choices", ())]
        for catcher in state.get("Catch", ()):
            error = self._error()
            failed = object_of((("input", data), ("context", context), ("errorOutput", error)))
            found.append((catcher.get("Next"), self._left(catcher, jsonata_reads.Scope(failed, self.variables), error)))
        return found

    def _left(self, entry: Definition, scope: jsonata_reads.Scope, default: Shape) -> Shape:
        """The output of a transition, after its assignments."""
        assign = entry.get("Assign")
        if isinstance(assign, dict):
            self.variables.unify(jsonata_reads.in_value(assign, scope))
        return jsonata_reads.in_value(entry["Output"], scope) if "Output" in entry else default

    def _jsonata_map(
        self,
        state: Definition,
        scope: jsonata_reads.Scope,
        data: Shape,
        context: Shape,
        errors: tuple[str, ...],
    ) -> Shape:
        if "ItemReader" in state:
            jsonata_reads.in_value(state["ItemReader"].get("Arguments"), scope)
            item = self._reader(state["ItemReader"])
        else:
            items = jsonata_reads.in_value(state["Items"], scope) if "Items" in state else data
            item = items.item
        inner = _with_item(context, item)
        if "ItemSelector" in state:
            states = object_of((("input", data), ("context", inner)))
            item = jsonata_reads.in_value(state["ItemSelector"], jsonata_reads.Scope(states, self.variables))
        batcher = state.get("ItemBatcher")
        if batcher is not None:
            shared = jsonata_reads.in_value(batcher.get("BatchInput"), scope)
            item = object_of((("Items", list_of(item)), ("BatchInput", shared)))
        return self._iterated(state, item, inner, errors)


def _with_item(context: Shape, item: Shape) -> Shape:
    """The context object inside a Map."""
    inner = Shape()
    for name, member in context.members.items():
        if name != "Map":
            inner.member(name).unify(member)
    inner.member("Map").member("Item").member("Value").unify(item)
    return inner


def _targets(state: Definition) -> list[str]:
    """The states that follow a Choice."""
    rules = [rule.get("Next") for rule in state.get("Choices", ()) if isinstance(rule, dict)]
    return [target for target in (*rules, state.get("Default")) if isinstance(target, str)]


def _handled(state: Definition) -> list[str]:
    """The errors that the retriers and catchers of a state name."""
    entries = [*state.get("Retry", ()), *state.get("Catch", ())]
    return [name for entry in entries for name in entry.get("ErrorEquals", ())]
