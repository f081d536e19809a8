"""The calls to services in a definition: Task states, and readers and writers of distributed maps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import Any

from flowgen.backends.cloudformation.static_values import Tree, find, tree_of, tree_of_json
from flowgen.compile.names import undo_state
from flowgen.model import (
    Asl,
    Aws,
    ForEach,
    Http,
    Intrinsic,
    Reader,
    RunWorkflow,
    Step,
    Workflow,
    every_step,
    undoing_of,
)
from flowgen.model import Call as CallStep
from flowgen.source import Mapping, Node, Sequence, Tagged, plain

MACHINES = ("ItemProcessor", "Iterator")
_SERVICE = re.compile(r"arn:aws[a-z-]*:states:[^:]*:[^:]*:(?:aws-sdk:)?([\w-]+):(\w+)(?:\.(\w+(?::\d)?))?")


@dataclass(frozen=True, slots=True)
class Owned:
    """A state and the step it was generated from; None for a state without a step."""

    state: Map[str, Any]
    step: Step | None


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a service: `service` and `api` as in the state's `Resource`; `pattern` is `sync`, `sync:2` or ""."""

    service: str
    api: str
    pattern: str
    arguments: Tree
    step: Step | None

    @property
    def is_job(self) -> bool:
        return self.pattern.startswith("sync")


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distributed map. `reader` and `writer` are what is known about their arguments.

    `input_type` is the reader's, as in `ReaderConfig`; "" if it lists objects.
    """

    reader: Tree | None
    input_type: str
    writer: Tree | None
    label: str | None
    step: Step | None


def owners(workflow: Workflow) -> dict[str, Step]:
    """The step of each state that has one, by state name; no other state has the name of a step."""
    found: dict[str, Step] = {}
    for step in every_step(workflow):
        found[step.id] = step
        undoing = undoing_of(step)
        if undoing is not None:
            found[undo_state(step.id)] = undoing
    return found


def states_of(machine: Map[str, Any], steps: Map[str, Step], within: Asl | None = None) -> Iterator[Owned]:
    """Every state of a state machine, including branches and maps; states inside an `asl` step belong to that step."""
    for name, state in machine["States"].items():
        step = within or steps.get(name)
        yield Owned(state, step)
        for inner in (*state.get("Branches", ()), *(state[key] for key in MACHINES if key in state)):
            yield from states_of(inner, steps, step if isinstance(step, Asl) else None)


def arguments_of(state: Map[str, Any]) -> Any:
    """The arguments of a state (`Parameters` in JSONPath)."""
    return state.get("Arguments", state.get("Parameters", {}))


def call_of(owned: Owned) -> Call | None:
    """The call of a Task state; None for any other state and for an activity's task."""
    state = owned.state
    found = _SERVICE.fullmatch(str(state.get("Resource", ""))) if state["Type"] == "Task" else None
    if found is None:
        return None
    return Call(found[1], found[2], found[3] or "", _arguments(owned), owned.step)


def _arguments(owned: Owned) -> Tree:
    """Prefers the step: its values are known where the state machine has only expressions."""
    match owned.step:
        case Aws(argument=argument):
            return {} if argument is None else tree_of(argument)
        case Http(endpoint=endpoint):
            return {"ApiEndpoint": tree_of(endpoint.url), "Method": tree_of_json(endpoint.method)}
        case step:
            return _written(arguments_of(owned.state), step)


def _written(arguments: Any, step: Step | None) -> Tree:
    intrinsics = [plain(value.node) for value in tags_of(step)] if isinstance(step, Asl) else []
    return tree_of_json(arguments, [value for value in intrinsics if isinstance(value, dict)])


def tags_of(step: Asl) -> Iterator[Intrinsic]:
    """CloudFormation's tags in a state written in Amazon States Language."""
    written = step.node.get(step.kind)
    return iter(()) if written is None else _tags_in(written)


def _tags_in(node: Node) -> Iterator[Intrinsic]:
    match node:
        case Tagged(tag=tag):
            yield Intrinsic(tag, node)
        case Mapping():
            for entry in node.entries:
                yield from _tags_in(entry.value)
        case Sequence():
            for item in node.items:
                yield from _tags_in(item)


def role_of(owned: Owned) -> Tree | None:
    """The role that a task assumes; None if it uses the role of the state machine."""
    step, credentials = owned.step, owned.state.get("Credentials")
    if isinstance(step, CallStep | Aws | RunWorkflow):
        return None if step.credentials is None else tree_of(step.credentials.role)
    if not isinstance(credentials, dict):
        return None
    return find(_written(credentials, step), "RoleArn")


def distribution_of(owned: Owned) -> Distribution | None:
    """A distributed map; None for any other state."""
    state, step = owned.state, owned.step
    processor = state.get("ItemProcessor", {})
    if state["Type"] != "Map" or processor.get("ProcessorConfig", {}).get("Mode") != "DISTRIBUTED":
        return None
    reader, writer = state.get("ItemReader"), state.get("ResultWriter")
    read = None if reader is None else _written(arguments_of(reader), step)
    written = None if writer is None or not arguments_of(writer) else _written(arguments_of(writer), step)
    if isinstance(step, ForEach) and isinstance(step.items, Reader):
        values = {"Bucket": step.items.bucket, "Key": step.items.key, "Prefix": step.items.prefix}
        read = {name: tree_of(value) for name, value in values.items() if value is not None}
    if isinstance(step, ForEach) and step.writer is not None:
        values = {"Bucket": step.writer.bucket, "Prefix": step.writer.prefix}
        written = {name: tree_of(value) for name, value in values.items() if value is not None}
    lists = reader is not None and str(reader.get("Resource", "")).endswith(":listObjectsV2")
    input_type = "" if lists or reader is None else str(reader.get("ReaderConfig", {}).get("InputType", "JSON"))
    return Distribution(read, input_type, written, state.get("Label"), step)
