"""State machines of the service: read, validated and compiled from the text that a client sends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from flowgen.asl.json_text import parse
from flowgen.asl.validation import Problem, validate
from flowgen.asl.variables import variable_references
from flowgen.check.definitions import Expressions, known_action
from flowgen.jsonata.parsing import ExpressionParser, SyntaxFailure
from flowgen.local.failures import InvalidDefinition
from flowgen.local.machine import Machine, compile_machine
from flowgen.local.values import encode
from flowgen.running import Options, Program
from flowgen.serving.api_errors import ApiError

INITIAL = "INITIAL"
"""The revision of a machine that was never updated (API reference, PublishStateMachineVersion)."""


@dataclass(frozen=True, slots=True)
class StateMachine:
    """A state machine. `configuration` are the settings that the API stores and returns, such as logging.

    `children` are the machines of the program's own workflows that it starts, by ARN.
    """

    arn: str
    name: str
    role: str
    type: str
    definition: str
    program: Program
    options: Options
    machine: Machine
    children: Mapping[str, Machine]
    created: datetime
    updated: datetime
    revision: str
    configuration: Mapping[str, Any] = field(default_factory=dict)

    @property
    def express(self) -> bool:
        return self.type == "EXPRESS"


def problems_of(definition: str, machine_type: str) -> list[Problem]:
    """What AWS reports about a definition."""
    return validate(
        definition, machine_type=machine_type, check_expression=Expressions().check, known_action=known_action
    )


def compiled(definition: str, machine_type: str) -> tuple[Mapping[str, Any], Machine]:
    """A definition as JSON and compiled. Raises `ApiError` (InvalidDefinition)."""
    errors = [problem for problem in problems_of(definition, machine_type) if problem.severity == "ERROR"]
    if errors:
        raise invalid_definition(", ".join(map(_shown, errors)))
    try:
        value = parse(definition)
        return value, compile_machine(value)
    except ValueError as error:
        raise invalid_definition(f"INVALID_JSON_DESCRIPTION: {error}") from None
    except InvalidDefinition as error:
        raise invalid_definition(f"SCHEMA_VALIDATION_FAILED: {error.message} at {error.pointer}") from None


def invalid_definition(problem: str) -> ApiError:
    return ApiError("InvalidDefinition", f"Invalid State Machine Definition: '{problem}'")


def _shown(problem: Problem) -> str:
    where = "" if problem.location is None else f" at {problem.location}"
    return f"{problem.code}: {problem.message}{where}"


def references(definition: Mapping[str, Any]) -> dict[str, list[str]]:
    """The variables that each state refers to (DescribeStateMachine, `variableReferences`)."""
    parser = ExpressionParser()

    def names(text: str) -> list[str]:
        parsed = parser.parse(text)
        return [] if isinstance(parsed, SyntaxFailure) else [reference.name for reference in parsed.references]

    return variable_references(dict(definition), names)


def map_machine(parent: StateMachine, arn: str, name: str, kind: str) -> StateMachine:
    """The machine of the children of a Map run: the processor of its state."""
    processor = next(_processors(parent.program.definition, name.rpartition("/")[2]), {})
    return replace(parent, arn=arn, name=name, type=kind, definition=encode(processor), revision=INITIAL)


def _processors(definition: Mapping[str, Any], label: str) -> Iterator[Mapping[str, Any]]:
    """The processors of the distributed Map states with a label."""
    for name, state in definition.get("States", {}).items():
        processor = state.get("ItemProcessor", state.get("Iterator"))
        if isinstance(processor, dict):
            if state.get("Label", name) == label and "ProcessorConfig" in processor:
                yield processor
            yield from _processors(processor, label)
        for branch in state.get("Branches", ()):
            yield from _processors(branch, label)
