"""A state machine as a workflow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flowgen.importing.expressions import CannotExpressError, number_placeholders, parameter_name, placeholders
from flowgen.importing.machine import Machine, Step, steps_in
from flowgen.importing.naming import Names, snake_case
from flowgen.importing.steps import Writer
from flowgen.importing.tasks import duration
from flowgen.importing.yaml_text import yaml_text

_SEVERAL = 2


@dataclass(frozen=True, slots=True)
class Values:
    """The texts of a state machine by the names of what replaces them, and the ids of its states' steps."""

    parameters: Mapping[str, str] = field(default_factory=dict)
    connections: Mapping[str, str] = field(default_factory=dict)
    steps: Mapping[str, str] = field(default_factory=dict)
    """The ids of steps by the names of states."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A workflow, and what differs from the state machine.

    `notes` are pairs of a state and a sentence about it; `left` has the states that stay `asl` steps, with the reason.
    """

    name: str
    text: str
    notes: tuple[tuple[str, str], ...]
    left: Mapping[str, str]
    renamed: Mapping[str, str]
    values: Values
    """What the state machine has where the workflow has parameters and connections."""


def import_machine(definition: Mapping[str, Any], name: str) -> Imported:
    """The workflow of a machine in JSONata that keeps its values in variables.

    Raises CannotExpressError if a part of it has no form in a workflow.
    """
    name = snake_case(name)
    machine = Machine(Names(frozenset({name})))
    writer = Writer(machine, definition, "$input", lambda *_: None, top=True)
    steps = writer.steps()
    document: dict[str, Any] = {"flowgen": 1, "name": name}
    if definition.get("Comment"):
        document["description"] = definition["Comment"]
    if "TimeoutSeconds" in definition:
        if isinstance(definition["TimeoutSeconds"], int):
            document["timeout"] = duration(definition["TimeoutSeconds"], lambda *_: None)
        else:
            machine.notes.append(("", "its timeout is a parameter, which `timeout` cannot be"))
    used = {name: value for name, value in definition.items() if name != "TimeoutSeconds"}
    found = dict.fromkeys(one for one in placeholders(used) if not one.startswith("AWS::"))
    values = {**{parameter_name(one): f"${{{one}}}" for one in found}, **machine.functions.parameters}
    numbers = set(map(parameter_name, number_placeholders(used)))
    for parameter, target in machine.functions.parameters.items():
        machine.notes.append(("", f"`{target}` does not name a function; set the parameter `{parameter}`"))
    if values:
        document["parameters"] = {one: {"Type": "Number" if one in numbers else "String"} for one in values}
    functions = machine.functions
    if functions.declared:
        document["functions"] = {
            one: declared | ({"errors": list(functions.errors[one])} if functions.errors[one] else {})
            for one, declared in functions.declared.items()
        }
    if machine.handlers:
        document["handlers"] = machine.handlers
    _share_retry(document, [step for body in (steps, *machine.handlers.values()) for step in steps_in(body)])
    document["steps"] = steps
    renamed = {state: step for state, step in writer.ids.items() if state != step}
    return Imported(
        name,
        yaml_text(document),
        tuple(machine.notes),
        machine.left,
        renamed,
        Values(values, machine.functions.connections, renamed),
    )


def _share_retry(document: dict[str, Any], steps: list[Step]) -> None:
    """Moves the retry that most calls have to `defaults`, if every call says how it is retried."""
    calls = [step for step in steps if "call" in step and "callback" not in step]
    written = [step.get("retry") for step in calls]
    most = max(written, key=written.count, default=None)
    if None in written or written.count(most) < _SEVERAL or 2 * written.count(most) <= len(written):
        return
    for step in calls:
        if step["retry"] == most:
            del step["retry"]
    document["defaults"] = {"retry": most}


__all__ = ["CannotExpressError", "Imported", "import_machine"]
