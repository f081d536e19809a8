"""What stands in a template beside a workflow, and what its machine's placeholders become there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flowgen.backends.cloudformation.intrinsics import Intrinsic, arn_of, ref, sub
from flowgen.backends.cloudformation.units import ALIAS, Unit, machine_ids
from flowgen.compile.names import connection_placeholder, workflow_placeholder
from flowgen.model import Encryption, Http, RunWorkflow
from flowgen.model.python_names import class_name

CONNECTION = "AWS::Events::Connection"
MACHINE = "AWS::StepFunctions::StateMachine"
MACHINE_ALIAS = "AWS::StepFunctions::StateMachineAlias"
PROJECT_STACK = "ProjectStackName"
"""The parameter of a nested stack that gives it the name of the project's."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The machines of a template by their workflow's name, and all resources that are known by logical id.

    `recursive` are workflows that come to run themselves: CloudFormation allows no circle of references, so that their
    machines have names of their own, by which they are referred to. `keys` are the ARNs of the keys with which the data
    of workflows is encrypted, by the workflows' names.
    """

    machines: Mapping[str, str]
    versioned: frozenset[str]
    recursive: frozenset[str]
    resources: Mapping[str, Mapping[str, Any]]
    keys: Mapping[str, str | Intrinsic]
    nested: bool = False
    """Whether each workflow has a stack of its own, nested in the project's."""

    def machine_arn(self, workflow: str) -> Intrinsic:
        """The ARN of another workflow's machine, by which IAM knows it: in this template, else from a parameter.

        A parameter may hold the ARN of an alias, of which the machine's is taken.
        """
        if workflow in self.recursive:
            return sub(f"{_MACHINE_ARN}{self.own_name(workflow)}")
        if workflow in self.machines:
            return ref(self.machines[workflow])
        given = {"Fn::Select": [6, {"Fn::Split": [":", ref(machine_parameter(workflow))]}]}
        return {"Fn::Sub": [f"{_MACHINE_ARN}${{Name}}", {"Name": given}]}

    def start_arn(self, workflow: str) -> Intrinsic:
        """The ARN that starts another workflow: its alias's where it has one."""
        if workflow not in self.machines:
            return ref(machine_parameter(workflow))
        if workflow not in self.versioned:
            return self.machine_arn(workflow)
        if workflow in self.recursive:
            return sub(f"{_MACHINE_ARN}{self.own_name(workflow)}:{ALIAS}")
        return ref(machine_ids(workflow).alias)

    def own_name(self, workflow: str) -> str:
        """The name of a machine that needs one, for `Fn::Sub`.

        Nested stacks know it too, so that it starts with the project's; it is another one there, since the old machine
        is still there while CloudFormation makes the new one.
        """
        return f"${{{PROJECT_STACK}}}_{workflow}" if self.nested else f"${{AWS::StackName}}-{workflow}"

    def connection(self, name: str) -> str | None:
        """The logical id of the connection that a workflow's `http` steps name, where it is in the template."""
        for logical_id in (connection_placeholder(name), class_name(name)):
            if self.resources.get(logical_id, {}).get("Type") == CONNECTION:
                return logical_id
        return None

    def connection_arn(self, name: str) -> Intrinsic:
        found = self.connection(name)
        return ref(connection_parameter(name)) if found is None else arn_of(found)


_MACHINE_ARN = "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:"


def machine_parameter(workflow: str) -> str:
    return f"{workflow_placeholder(workflow)}Arn"


def connection_parameter(connection: str) -> str:
    return f"{connection_placeholder(connection)}Arn"


def surroundings(units: Sequence[Unit], *, nested: bool = False) -> Surroundings:
    machines = {unit.workflow.name: unit.machine.machine for unit in units}
    resources: dict[str, Mapping[str, Any]] = {logical_id: {"Type": MACHINE} for logical_id in machines.values()}
    for unit in units:
        resources |= {name: declared.content for name, declared in unit.workflow.resources.items()}
    versioned = frozenset(unit.workflow.name for unit in units if unit.versioned)
    resources |= {machine_ids(name).alias: {"Type": MACHINE_ALIAS} for name in versioned}
    keys = {unit.workflow.name: arn for unit in units if (arn := _key_arn(unit, resources)) is not None}
    return Surroundings(machines, versioned, _recursive(units), resources, keys, nested)


def _key_arn(unit: Unit, resources: Mapping[str, Mapping[str, Any]]) -> str | Intrinsic | None:
    encryption = unit.workflow.encryption
    if encryption is False:
        return None
    given = encryption.key if isinstance(encryption, Encryption) else None
    match given:
        case None:
            return arn_of(unit.machine.key)
        case {"Ref": str() as name} if resources.get(name, {}).get("Type") == "AWS::KMS::Key":
            # `Ref` gives the id of a key, and log groups want its ARN.
            return arn_of(name)
        case _:
            return given


def _recursive(units: Sequence[Unit]) -> frozenset[str]:
    runs = {unit.workflow.name: set(children(unit)) for unit in units}
    return frozenset(name for name in runs if name in _reached(name, runs))


def _reached(name: str, runs: Mapping[str, set[str]]) -> set[str]:
    """The workflows that one comes to run, itself only if it does."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for child in sorted(runs.get(waiting.pop(), ())):
            if child not in found:
                found.add(child)
                waiting.append(child)
    return found


def children(unit: Unit, *, detached: bool = True) -> Iterator[str]:
    """The workflows that a workflow runs, in the order of the file; one may come twice.

    Without `detached` those that it waits for.
    """
    runs = (step for step in unit.steps.values() if isinstance(step, RunWorkflow))
    return (step.workflow for step in runs if detached or not step.detached)


def connections(unit: Unit) -> Iterator[str]:
    """The connections that a workflow names."""
    return (step.connection for step in unit.steps.values() if isinstance(step, Http))


def parameters(units: Sequence[Unit], around: Surroundings) -> dict[str, str]:
    """The parameters that ask for what is not in the template, and what each asks for.

    One that the user declares under the same name is taken as it is.
    """
    asked: dict[str, str] = {}
    for unit in units:
        for child in children(unit):
            if child not in around.machines and machine_parameter(child) not in unit.workflow.parameters:
                asked[machine_parameter(child)] = (
                    f"The ARN of the state machine of the workflow {child}, or of its alias, which"
                    f" {unit.workflow.name} runs."
                )
        for name in connections(unit):
            if around.connection(name) is None and connection_parameter(name) not in unit.workflow.parameters:
                asked[connection_parameter(name)] = (
                    f"The ARN of the EventBridge connection {name}, with which {unit.workflow.name} calls HTTP APIs."
                    f" A resource {connection_placeholder(name)} of type {CONNECTION} would be used in its place."
                )
    return asked
