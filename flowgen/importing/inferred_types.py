"""Infers the types of a state machine's input and functions from what its states read and from observed values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flowgen.aws.api import Api, api_of
from flowgen.comparing.calls import target_of
from flowgen.comparing.conditions import Test
from flowgen.comparing.machine_reads import World, read_machine
from flowgen.comparing.placeholders import filled_in
from flowgen.comparing.shapes import Shape
from flowgen.importing.type_evidence import Evidence, type_name
from flowgen.local.history import Event

JSON = Any
Definition = Mapping[str, JSON]

_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_API_KINDS = {
    "string": "string",
    "character": "string",
    "integer": "number",
    "long": "number",
    "float": "number",
    "double": "number",
    "boolean": "boolean",
    "timestamp": "timestamp",
}
_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value of type `any`, such as `input.order.note`, and what would settle its type."""

    place: str
    settled_by: str


@dataclass(frozen=True, slots=True)
class Contract:
    """The input and output of a function as type expressions."""

    input: str
    output: str


@dataclass(frozen=True, slots=True)
class InferredTypes:
    """Types in the notation of workflows.

    `types` are the declarations, `input` is a type expression, and `functions` are by the name in the definition.
    `unknown` lists what remains `any`.
    """

    types: Mapping[str, JSON]
    input: str
    functions: Mapping[str, Contract]
    unknown: tuple[Unknown, ...]


def infer_types(
    definition: Definition, examples: Sequence[JSON] = (), histories: Iterable[Sequence[Event]] = ()
) -> InferredTypes:
    """The types that a definition, example inputs and histories of executions show.

    The definition should keep its values in variables: in JSONPath, a state object that grows makes results of states
    look like parts of the input. `histories` are the events of executions, with decoded details.
    """
    filled = filled_in(definition, {})
    world = World()
    read_machine(world, filled)
    _add_api_types(world)
    observed = [*examples]
    calls: list[tuple[str, JSON, JSON]] = []
    for events in histories:
        observed += [event.details.get("input") for event in events[:1] if event.type == "ExecutionStarted"]
        calls += _observed_calls(events)
    for value in observed:
        _observe(world.input, value, 0)
    for key, _, result in calls:
        _observe(world.result(key), result, 0)
    declared = _Declarations(_Unions(filled, world))
    given = _evidence([world.input], observed)
    input_type = declared.expression(given, "Input", "input", ("input",))
    functions: dict[str, Contract] = {}
    for key, uses in world.arguments.items():
        name = key.removeprefix("function ")
        if name in {key, "*"}:
            continue
        taken = _evidence([shape for _, shape in uses], [arguments for called, arguments, _ in calls if called == key])
        returned = _evidence([world.result(key)], [result for called, _, result in calls if called == key])
        functions[name] = Contract(
            declared.expression(taken, f"{name} input", f"{name}.input", ()),
            declared.expression(returned, f"{name} output", f"{name}.output", ("result", key)),
        )
    return InferredTypes(declared.types, input_type, functions, tuple(declared.unknown))


def _observe(shape: Shape, value: JSON, depth: int) -> None:
    """Add a value to a shape, and so to every place that the value flows to."""
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        shape.is_kind("object")
        for name, member in value.items():
            _observe(shape.member(name), member, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _observe(shape.item, item, depth + 1)
    elif value is None:
        shape.find().nullable = True
    else:
        shape.mention(value)


def _evidence(shapes: Iterable[Shape], values: Iterable[JSON]) -> Evidence:
    found = Evidence()
    for shape in shapes:
        found.add_shape(shape)
    for value in values:
        found.add_value(value)
    return found


def _observed_calls(events: Sequence[Event]) -> Iterator[tuple[str, JSON, JSON]]:
    """The successful calls of functions in a history: each key, arguments and result."""
    for event in events:
        if event.type not in {"LambdaFunctionSucceeded", "TaskSucceeded"}:
            continue
        scheduled, previous = None, event.previous
        while 0 < previous <= len(events) and scheduled is None:
            before = events[previous - 1]
            scheduled = before if before.type in {"LambdaFunctionScheduled", "TaskScheduled"} else None
            previous = before.previous if before.previous < previous else 0
        if scheduled is None:
            continue
        details = scheduled.details
        if scheduled.type == "LambdaFunctionScheduled":
            target = target_of(str(details.get("resource")), details.get("input"))
        else:
            resource = f"arn:aws:states:::{details.get('resourceType')}:{details.get('resource')}"
            target = target_of(resource, details.get("parameters"))
        output = event.details.get("output")
        yield target.key, target.arguments, output.get("Payload") if target.invokes and output else output


class _Declarations:
    """Declares a type for each object."""

    def __init__(self, unions: _Unions) -> None:
        self.types: dict[str, JSON] = {}
        self.unknown: list[Unknown] = []
        self._unions = unions

    def expression(self, evidence: Evidence, name: str, place: str, path: tuple[str, ...]) -> str:
        """The type expression of evidence. `place` names the value for people, `path` finds it in the machine."""
        parts: list[str] = []
        evidence.move_into_items()
        if evidence.fields:
            parts.append(self._object(evidence, name, place, path))
        if evidence.item is not None:
            item = self.expression(evidence.item, f"{name} item", f"{place}[]", ())
            parts.append(f"({item})[]" if "|" in item else f"{item}[]")
        kinds = evidence.kinds - ({"integer"} if "number" in evidence.kinds else set())
        kinds -= {"string"} if "date-time" in kinds and evidence.seen == 0 else set()
        parts += sorted(kinds - {"null"})
        if not parts:
            settled = "an example input" if place.startswith("input") else "a recorded history"
            self.unknown.append(Unknown(place, settled))
            return "any"
        if "null" not in kinds:
            return " | ".join(parts)
        return f"{parts[0]}?" if len(parts) == 1 else " | ".join([*parts, "null"])

    def _object(self, evidence: Evidence, name: str, place: str, path: tuple[str, ...]) -> str:
        fields: dict[str, JSON] = {}
        for field, member in evidence.fields.items():
            if not _FIELD.fullmatch(field):
                # Such a field has no notation in `fields`.
                return "object"
            inner = self.expression(member, f"{name} {field}", f"{place}.{field}", (*path, field) if path else ())
            fields[f"{field}?" if evidence.is_optional(field) else field] = inner
        union = self._unions.of(path, evidence) if path else None
        declared = self._named(type_name(name), fields)
        if union is None:
            self.types[declared] = {"fields": fields}
            return declared
        tag, variants = union
        records = {literal: self._named(type_name(f"{name} {literal}"), fields) for literal in variants}
        for literal, own in variants.items():
            kept = {key: kind for key, kind in fields.items() if key.removesuffix("?") in own and key != tag}
            self.types[records[literal]] = {"fields": {tag: [literal], **kept}}
        self.types[declared] = {"one_of": records, "tag": tag}
        return declared

    def _named(self, wanted: str, fields: Mapping[str, JSON]) -> str:
        """A name that no other type has."""
        name, number = wanted, 1
        while name in self.types and self.types[name] != {"fields": fields}:
            number += 1
            name = f"{wanted}{number}"
        return name


class _Unions:
    """Finds tagged unions: objects with a field that a Choice compares with literals, and fields that depend on it."""

    def __init__(self, definition: Definition, world: World) -> None:
        self._definition, self._world = definition, world

    def of(self, path: tuple[str, ...], evidence: Evidence) -> tuple[str, dict[str, frozenset[str]]] | None:
        """The tag of an object, and the fields of each variant by the tag's literal; None if it is not a union."""
        shape = _at(self._world, path)
        for tag in evidence.fields:
            member = shape.member(tag) if shape.has_member(tag) else None
            if member is None or member.members or evidence.is_optional(tag):
                continue
            literals = self._covered(member)
            if len(literals) < 2:  # noqa: PLR2004 - a union has two variants
                continue
            variants = {literal: self._fields_if(path, tag, literal) for literal in literals}
            if len(set(variants.values())) > 1:
                return tag, variants
        return None

    def _covered(self, tag: Shape) -> list[str]:
        """The literals of a Choice that has a rule for each of them, and fails or ends for any other value."""
        states = self._definition.get("States", {})
        for name, rules in self._world.rules.items():
            tests = [rule for rule in rules if isinstance(rule, Test) and rule.shape.find() is tag.find()]
            if len(tests) != len(rules) or name not in states:
                continue
            default = states[name].get("Default")
            if default is None or states.get(default, {}).get("Type") == "Fail":
                return [one for one in tag.literals if isinstance(one, str) and any(test.holds(one) for test in tests)]
        return []

    def _fields_if(self, path: tuple[str, ...], tag: str, literal: str) -> frozenset[str]:
        """The fields of an object that states read if the tag has this value."""
        world = World()
        read_machine(world, self._restricted(_at(self._world, path).member(tag), literal))
        return frozenset(_at(world, path).members)

    def _restricted(self, tag: Shape, literal: str) -> Definition:
        """The machine without the states that another value of the tag leads to."""
        states = dict(self._definition.get("States", {}))
        for name, rules in self._world.rules.items():
            holds = [
                isinstance(rule, Test) and rule.shape.find() is tag.find() and not rule.holds(literal) for rule in rules
            ]
            if name in states and any(holds):
                kept = [rule for rule, other in zip(states[name]["Choices"], holds, strict=True) if not other]
                states[name] = {**states[name], "Choices": kept}
                if kept:
                    states[name].pop("Default", None)
        reachable: set[str] = set()
        waiting: list[JSON] = [self._definition.get("StartAt")]
        while waiting:
            current = waiting.pop()
            if current in reachable or current not in states:
                continue
            reachable.add(current)
            state = states[current]
            entries = [state, *state.get("Choices", ()), *state.get("Catch", ())]
            waiting += [entry.get("Next") for entry in entries] + [state.get("Default")]
        return {**self._definition, "States": {name: states[name] for name in states if name in reachable}}


def _at(world: World, path: tuple[str, ...]) -> Shape:
    """The shape at a path: `("input", "order")`, or `("result", "function Send", "lines")`."""
    shape, rest = (world.input, path[1:]) if path[0] == "input" else (world.result(path[1]), path[2:])
    for name in rest:
        shape = shape.member(name) if shape.has_member(name) else Shape()
    return shape.find()


def _add_api_types(world: World) -> None:
    """Record the types that AWS's models give to the arguments of calls, as far as botocore is installed."""
    for uses in world.arguments.values():
        for resource, shape in uses:
            _, is_service, called = resource.partition(":states:::")
            service, _, action = called.rpartition(":")
            action = action.partition(".")[0]
            if not is_service or not service or service == "lambda":
                continue
            api = api_of(service.removeprefix("aws-sdk:"))
            operation = None if api is None else api.operation(action)
            if api is not None and operation is not None and "input" in operation:
                _add_api_type(api, operation["input"]["shape"], shape, 0)


def _add_api_type(api: Api, name: str, shape: Shape, depth: int) -> None:
    model = api.shapes.get(name, {})
    kind = model.get("type")
    if depth > _DEEPEST:
        return
    if kind == "structure":
        members = {member[:1].lower() + member[1:]: used["shape"] for member, used in model.get("members", {}).items()}
        for member, inner in shape.members.items():
            used = members.get(member[:1].lower() + member[1:])
            if used is not None:
                _add_api_type(api, used, inner, depth + 1)
    elif kind == "list" and shape.is_list:
        _add_api_type(api, model["member"]["shape"], shape.item, depth + 1)
    elif kind == "map":
        for inner in shape.members.values():
            _add_api_type(api, model["value"]["shape"], inner, depth + 1)
    elif kind in _API_KINDS and not shape.members and not shape.is_list:
        shape.is_kind(_API_KINDS[kind])
