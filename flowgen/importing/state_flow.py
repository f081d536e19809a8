"""One state: its fields in JSONata for a given document, and the document on each of its transitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flowgen.asl.errors import QuerySyntaxError
from flowgen.asl.jsonpath import compile_path
from flowgen.asl.jsonpath_parser import Keys
from flowgen.importing.choice_conditions import condition
from flowgen.importing.jsonata_expressions import value_of
from flowgen.importing.jsonpath_expressions import NotExpressible, Reader
from flowgen.importing.state_document import (
    EMPTY,
    ERROR_OUTPUT,
    JSON,
    RESULT,
    New,
    Place,
    Record,
    Reference,
    Value,
    constant,
    template,
    written,
)

Slot = tuple[str, int]
"""A transition of a state: `("next", 0)`, `("rule", 2)` or `("catch", 1)`."""

NEXT: Slot = ("next", 0)


@dataclass(frozen=True, slots=True)
class Edge:
    """A transition to `target`, or the end of the machine. `document` and `assigned` are in terms of the state."""

    slot: Slot
    target: str | None
    document: Value
    assigned: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class StateFlow:
    """A state in JSONata without its transitions.

    `fields` are those of the state, `entries` those of its rules and catchers. `inner` is the document at the start of
    each machine inside the state, by field and index; None if it starts with the state's own document.
    """

    fields: dict[str, JSON]
    entries: dict[Slot, dict[str, JSON]]
    edges: tuple[Edge, ...]
    differences: tuple[str, ...] = ()
    handed: Value | None = None


_KEPT = ("Comment", "Resource", "Retry", "TimeoutSeconds", "HeartbeatSeconds", "Label", "MaxConcurrency")
_TOLERANCES = ("ToleratedFailureCount", "ToleratedFailurePercentage")


def state_flow(name: str, state: Mapping[str, JSON], document: Value, *, is_jsonata: bool) -> StateFlow:
    """The flow through a state that receives this document. Raises `NotExpressible`."""
    kind = _JSONataState if is_jsonata else _JSONPathState
    return kind(name, state, document).flow()


@dataclass(frozen=True, slots=True)
class _State:
    name: str
    state: Mapping[str, JSON]
    document: Value
    reader: Reader = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "reader", Reader(self.document))

    @property
    def target(self) -> str | None:
        return None if self.state.get("End") is True else self.state.get("Next")

    def new(self, value: Value, *, spread: bool = False) -> Value:
        """A value that this state makes, unless it is already a whole variable or known to have no value."""
        return value if isinstance(value, New) else New(value, self.name, spread)

    def kept(self, *names: str) -> dict[str, JSON]:
        return {name: self.state[name] for name in ("Type", *_KEPT, *names) if name in self.state}

    def made(
        self, fields: dict[str, JSON], edges: list[Edge], entries: dict[Slot, dict[str, JSON]], handed: Value | None
    ) -> StateFlow:
        return StateFlow(fields, entries, tuple(edges), tuple(self.reader.differences), handed)

    def catchers(self) -> tuple[list[Edge], dict[Slot, dict[str, JSON]]]:
        edges: list[Edge] = []
        entries: dict[Slot, dict[str, JSON]] = {}
        for index, catcher in enumerate(self.state.get("Catch", ())):
            slot = ("catch", index)
            document, assigned = self.caught(catcher)
            edges.append(Edge(slot, _required(catcher, "Next"), document, assigned))
            entries[slot] = {key: catcher[key] for key in ("ErrorEquals", "Comment") if key in catcher}
        return edges, entries

    def caught(self, catcher: Mapping[str, JSON]) -> tuple[Value, Mapping[str, Value]]:
        raise NotImplementedError

    def flow(self) -> StateFlow:
        match self.state.get("Type"):
            case "Choice":
                return self.choice()
            case "Fail":
                return self.made(self.fail(), [], {}, None)
            case "Pass" | "Task" | "Parallel" | "Map" | "Wait" | "Succeed" as kind:
                fields, handed = self.work(kind)
                caught, entries = self.catchers()
                target = None if kind == "Succeed" else self.target
                document, assigned = self.left(kind)
                return self.made(fields, [Edge(NEXT, target, document, assigned), *caught], entries, handed)
            case kind:
                raise NotExpressible(f"a state of type `{kind}`")

    def choice(self) -> StateFlow:
        edges: list[Edge] = []
        entries: dict[Slot, dict[str, JSON]] = {}
        for index, rule in enumerate(_required(self.state, "Choices")):
            slot = ("rule", index)
            test, document, assigned = self.rule(rule)
            entries[slot] = {"Condition": test}
            if "Comment" in rule:
                entries[slot]["Comment"] = rule["Comment"]
            edges.append(Edge(slot, _required(rule, "Next"), document, assigned))
        if "Default" in self.state:
            document, assigned = self.left("Choice")
            edges.append(Edge(NEXT, self.state["Default"], document, assigned))
        return self.made(self.kept(), edges, entries, None)

    def rule(self, rule: Mapping[str, JSON]) -> tuple[JSON, Value, Mapping[str, Value]]:
        raise NotImplementedError

    def fail(self) -> dict[str, JSON]:
        raise NotImplementedError

    def work(self, kind: str) -> tuple[dict[str, JSON], Value | None]:
        raise NotImplementedError

    def left(self, kind: str) -> tuple[Value, Mapping[str, Value]]:
        raise NotImplementedError

    def map_fields(self, kept: dict[str, JSON]) -> bool:
        """Copy the fields of a Map that no query language changes; whether the Map is distributed."""
        processor = self.state.get("ItemProcessor", self.state.get("Iterator", {}))
        config = processor.get("ProcessorConfig", {})
        for name in _TOLERANCES:
            if name in self.state:
                kept[name] = self.state[name]
        return bool(config.get("Mode") == "DISTRIBUTED")


class _JSONPathState(_State):
    def selected(self) -> Value:
        """The part of the document that InputPath selects."""
        path = self.state.get("InputPath", "$")
        return EMPTY if path is None else self.reader.path(path)

    def effective(self) -> Value:
        data = self.selected()
        if "Parameters" in self.state:
            return self.reader.of(data).template(self.state["Parameters"])
        return data

    def passed(self) -> Value:
        """The output of a state without a result."""
        data = self.selected()
        if data != self.document:
            data = self.new(data)
        return self.shown(data)

    def shown(self, output: Value) -> Value:
        """The part of the output that OutputPath selects."""
        path = self.state.get("OutputPath", "$")
        if path is None:
            return EMPTY
        return output if path == "$" else self.new(self.reader.of(output).path(path))

    def assigned(self, entry: Mapping[str, JSON], data: Value) -> Mapping[str, Value]:
        if "Assign" not in entry:
            return {}
        made = self.reader.of(data).template(entry["Assign"])
        return {f"${name}": value for name, value in made.members.items()} if isinstance(made, Record) else {}

    def at_result_path(self, entry: Mapping[str, JSON], result: Value, name: str, *, spread: bool = False) -> Value:
        path = entry.get("ResultPath", "$")
        if path is None:
            return self.document
        place = _place(path)
        return written(self.document, place, New(result, "_".join(place) or name, spread and not place))

    def caught(self, catcher: Mapping[str, JSON]) -> tuple[Value, Mapping[str, Value]]:
        output = Reference(ERROR_OUTPUT)
        return self.at_result_path(catcher, output, "error"), self.assigned(catcher, output)

    def rule(self, rule: Mapping[str, JSON]) -> tuple[JSON, Value, Mapping[str, Value]]:
        data = self.selected()
        test = condition(rule, self.reader.of(data))
        return f"{{% {test} %}}", self.passed(), self.assigned(rule, data)

    def fail(self) -> dict[str, JSON]:
        fields = {name: self.state[name] for name in ("Type", "Comment") if name in self.state}
        for name in ("Error", "Cause"):
            if f"{name}Path" in self.state:
                fields[name] = template(self.reader.field(self.state[f"{name}Path"]))
            elif name in self.state:
                fields[name] = template(constant(self.state[name]))
        return fields

    def left(self, kind: str) -> tuple[Value, Mapping[str, Value]]:
        if kind in {"Wait", "Succeed", "Choice"}:
            return self.passed(), self.assigned(self.state, self.selected())
        if kind == "Pass":
            fixed = "Result" in self.state
            result = constant(self.state["Result"]) if fixed else self.effective()
            spread = not fixed
        else:
            result, spread = Reference(RESULT), False
        assigned = self.assigned(self.state, result)
        if "ResultSelector" in self.state:
            result = self.reader.of(result).template(self.state["ResultSelector"])
        unchanged = kind == "Pass" and result == self.document and self.state.get("ResultPath", "$") == "$"
        output = self.document if unchanged else self.at_result_path(self.state, result, self.name, spread=spread)
        return self.shown(output), assigned

    def number(self, fields: dict[str, JSON], entry: Mapping[str, JSON], name: str, data: Value) -> None:
        """Set a field that has a literal or a path as its value."""
        if f"{name}Path" in entry:
            fields[name] = template(self.reader.of(data).field(entry[f"{name}Path"]))
        elif name in entry:
            fields[name] = entry[name]

    def work(self, kind: str) -> tuple[dict[str, JSON], Value | None]:
        fields = self.kept()
        match kind:
            case "Task":
                fields["Arguments"] = template(self.effective())
                for name in ("TimeoutSeconds", "HeartbeatSeconds"):
                    self.number(fields, self.state, name, self.document)
                if "Credentials" in self.state:
                    fields["Credentials"] = template(self.reader.template(self.state["Credentials"]))
            case "Wait":
                data = self.selected()
                for name in ("Seconds", "Timestamp"):
                    self.number(fields, self.state, name, data)
            case "Parallel":
                return fields, self.effective()
            case "Map":
                return fields, self.map(fields)
        return fields, None

    def map(self, fields: dict[str, JSON]) -> Value | None:
        data = self.selected()
        reader = self.reader.of(data)
        self.map_fields(fields)
        if "ItemReader" in self.state:
            fields["ItemReader"] = self.item_reader(self.state["ItemReader"], data)
        else:
            fields["Items"] = template(reader.field(self.state.get("ItemsPath", "$")))
        for name in ("MaxConcurrency", *_TOLERANCES):
            self.number(fields, self.state, name, data)
        selector: Value | None = None
        for name in ("Parameters", "ItemSelector"):
            if name in self.state:
                selector = reader.template(self.state[name])
        if selector is not None:
            fields["ItemSelector"] = template(selector)
        if "ItemBatcher" in self.state:
            batcher = self.state["ItemBatcher"]
            made = fields["ItemBatcher"] = {}
            for name in ("MaxItemsPerBatch", "MaxInputBytesPerBatch"):
                self.number(made, batcher, name, data)
            if "BatchInput" in batcher:
                made["BatchInput"] = template(reader.template(batcher["BatchInput"]))
        if "ResultWriter" in self.state:
            writer = self.state["ResultWriter"]
            fields["ResultWriter"] = {key: item for key, item in writer.items() if key != "Parameters"}
            if "Parameters" in writer:
                fields["ResultWriter"]["Arguments"] = template(reader.template(writer["Parameters"]))
        return selector

    def item_reader(self, written_reader: Mapping[str, JSON], data: Value) -> dict[str, JSON]:
        made = {key: item for key, item in written_reader.items() if key not in {"Parameters", "ReaderConfig"}}
        if "ReaderConfig" in written_reader:
            config = written_reader["ReaderConfig"]
            made["ReaderConfig"] = {key: item for key, item in config.items() if key != "MaxItemsPath"}
            self.number(made["ReaderConfig"], config, "MaxItems", data)
        if "Parameters" in written_reader:
            made["Arguments"] = template(self.reader.of(data).template(written_reader["Parameters"]))
        return made


class _JSONataState(_State):
    def value(self, written_value: JSON) -> Value:
        return value_of(written_value, self.document)

    def field_value(self, written_value: JSON) -> JSON:
        return template(self.value(written_value))

    def output(self, entry: Mapping[str, JSON], default: Value) -> tuple[Value, Mapping[str, Value]]:
        assign = entry.get("Assign", {})
        assigned = {f"${name}": self.value(value) for name, value in assign.items()}
        if "Output" not in entry:
            return default, assigned
        value = self.value(entry["Output"])
        if value == self.document:
            return value, assigned
        return (value if isinstance(value, Record) and value.base else self.new(value, spread=True)), assigned

    def caught(self, catcher: Mapping[str, JSON]) -> tuple[Value, Mapping[str, Value]]:
        return self.output(catcher, New(Reference(ERROR_OUTPUT), "error"))

    def rule(self, rule: Mapping[str, JSON]) -> tuple[JSON, Value, Mapping[str, Value]]:
        document, assigned = self.output(rule, self.document)
        return self.field_value(_required(rule, "Condition")), document, assigned

    def fail(self) -> dict[str, JSON]:
        fields = {name: self.state[name] for name in ("Type", "Comment") if name in self.state}
        fields |= {name: self.field_value(self.state[name]) for name in ("Error", "Cause") if name in self.state}
        return fields

    def left(self, kind: str) -> tuple[Value, Mapping[str, Value]]:
        has_result = kind in {"Task", "Map", "Parallel"}
        return self.output(self.state, New(Reference(RESULT), self.name) if has_result else self.document)

    def work(self, kind: str) -> tuple[dict[str, JSON], Value | None]:
        fields = self.kept()
        for name in ("TimeoutSeconds", "HeartbeatSeconds", "MaxConcurrency", "Credentials"):
            if name in self.state:
                fields[name] = self.field_value(self.state[name])
        match kind:
            case "Task":
                arguments = self.value(self.state["Arguments"]) if "Arguments" in self.state else self.document
                fields["Arguments"] = template(arguments)
            case "Wait":
                for name in ("Seconds", "Timestamp"):
                    if name in self.state:
                        fields[name] = self.field_value(self.state[name])
            case "Parallel":
                return fields, self.value(self.state["Arguments"]) if "Arguments" in self.state else self.document
            case "Map":
                return fields, self.map(fields)
        return fields, None

    def map(self, fields: dict[str, JSON]) -> Value | None:
        self.map_fields(fields)
        if "ItemReader" not in self.state:
            items = self.value(self.state["Items"]) if "Items" in self.state else self.document
            fields["Items"] = template(items)
        for name in ("ItemReader", "ItemBatcher", "ResultWriter", *_TOLERANCES):
            if name in self.state:
                fields[name] = self.field_value(self.state[name])
        if "ItemSelector" not in self.state:
            return None
        selector = self.value(self.state["ItemSelector"])
        fields["ItemSelector"] = template(selector)
        return selector


def _required(entry: Mapping[str, JSON], name: str) -> JSON:
    if name not in entry:
        raise NotExpressible(f"a state without the field `{name}`")
    return entry[name]


def _place(path: JSON) -> Place:
    try:
        compiled = compile_path(path)
    except (QuerySyntaxError, AttributeError):
        raise NotExpressible(f"the ResultPath `{path}`") from None
    names: list[str] = []
    for step in compiled.steps:
        if not isinstance(step, Keys) or len(step.names) != 1 or compiled.is_context or compiled.variable:
            raise NotExpressible(f"the ResultPath `{path}`")
        names.append(step.names[0])
    return tuple(names)
