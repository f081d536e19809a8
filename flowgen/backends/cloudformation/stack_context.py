"""What a template contains around one workflow: other workflows, resources, keys, parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flowgen.backends.cloudformation.intrinsics import Intrinsic, arn_of, ref, sub
from flowgen.backends.cloudformation.overrides import NONE, Overrides
from flowgen.backends.cloudformation.workflow_stack import ALIAS, WorkflowStack, machine_ids
from flowgen.compile.names import connection_placeholder, workflow_placeholder
from flowgen.model import Encryption, Http, RunWorkflow
from flowgen.model.python_names import class_name

CONNECTION = "AWS::Events::Connection"
MACHINE = "AWS::StepFunctions::StateMachine"
MACHINE_ALIAS = "AWS::StepFunctions::StateMachineAlias"
PROJECT_STACK = "ProjectStackName"
"""The parameter that passes the name of the project's stack to a nested one."""


@dataclass(frozen=True, slots=True)
class StackContext:
    """The state machines of a template by workflow, and all resources whose type is known by logical id.

    `recursive` has the workflows that run themselves, directly or through others: CloudFormation rejects circular
    references, so their state machines have fixed names and are referred to by name. `keys` has the ARN of the key that
    encrypts a workflow's data, by workflow.
    """

    machines: Mapping[str, str]
    versioned: frozenset[str]
    recursive: frozenset[str]
    resources: Mapping[str, Mapping[str, Any]]
    keys: Mapping[str, str | Intrinsic]
    overrides: Overrides = NONE
    nested: bool = False
    """Whether each workflow has its own stack, nested in the project's stack."""

    def machine_arn(self, workflow: str) -> Intrinsic:
        """The ARN by which IAM knows another workflow's state machine: from this template, else from a parameter.

        The parameter may hold the ARN of an alias; IAM needs the state machine's.
        """
        if workflow in self.recursive:
            return sub(f"{_MACHINE_ARN}{self.own_name(workflow)}")
        if workflow in self.machines:
            return ref(self.machines[workflow])
        given = {"Fn::Select": [6, {"Fn::Split": [":", ref(machine_parameter(workflow))]}]}
        return {"Fn::Sub": [f"{_MACHINE_ARN}${{Name}}", {"Name": given}]}

    def start_arn(self, workflow: str) -> Intrinsic:
        """The ARN that starts another workflow: its alias if it has one."""
        if workflow not in self.machines:
            return ref(machine_parameter(workflow))
        if workflow not in self.versioned:
            return self.machine_arn(workflow)
        if workflow in self.recursive:
            return sub(f"{_MACHINE_ARN}{self.own_name(workflow)}:{ALIAS}")
        return ref(machine_ids(workflow).alias)

    def own_name(self, workflow: str) -> str:
        """The name of a recursive workflow's state machine, for `Fn::Sub`.

        It starts with the name of the project's stack, which nested stacks know too. The separator differs in nested
        stacks: when a project switches to them, the old state machine still exists while the new one is created.
        """
        return f"${{{PROJECT_STACK}}}_{workflow}" if self.nested else f"${{AWS::StackName}}-{workflow}"

    def connection(self, name: str) -> str | None:
        """The logical id of a connection that `http` steps use, if it is in the template."""
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


def context_of(stacks: Sequence[WorkflowStack], *, nested: bool = False) -> StackContext:
    machines = {stack.workflow.name: stack.machine.machine for stack in stacks}
    resources: dict[str, Mapping[str, Any]] = {logical_id: {"Type": MACHINE} for logical_id in machines.values()}
    for stack in stacks:
        resources |= {name: declared.content for name, declared in stack.workflow.resources.items()}
    versioned = frozenset(stack.workflow.name for stack in stacks if stack.versioned)
    resources |= {machine_ids(name).alias: {"Type": MACHINE_ALIAS} for name in versioned}
    keys = {stack.workflow.name: arn for stack in stacks if (arn := _key_arn(stack, resources)) is not None}
    return StackContext(machines, versioned, _recursive(stacks), resources, keys, nested=nested)


def _key_arn(stack: WorkflowStack, resources: Mapping[str, Mapping[str, Any]]) -> str | Intrinsic | None:
    encryption = stack.workflow.encryption
    if encryption is False:
        return None
    given = encryption.key if isinstance(encryption, Encryption) else None
    match given:
        case None:
            return arn_of(stack.machine.key)
        case {"Ref": str() as name} if resources.get(name, {}).get("Type") == "AWS::KMS::Key":
            # `Ref` returns a key's id, but log groups need its ARN.
            return arn_of(name)
        case _:
            return given


def _recursive(stacks: Sequence[WorkflowStack]) -> frozenset[str]:
    runs = {stack.workflow.name: set(children(stack)) for stack in stacks}
    return frozenset(name for name in runs if name in _reached(name, runs))


def _reached(name: str, runs: Mapping[str, set[str]]) -> set[str]:
    """The workflows that a workflow runs, directly or through others; itself only if it does."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for child in sorted(runs.get(waiting.pop(), ())):
            if child not in found:
                found.add(child)
                waiting.append(child)
    return found


def children(stack: WorkflowStack, *, detached: bool = True) -> Iterator[str]:
    """The workflows that a workflow runs, in file order, possibly repeated.

    Without `detached`, only those that it waits for.
    """
    runs = (step for step in stack.steps.values() if isinstance(step, RunWorkflow))
    return (step.workflow for step in runs if detached or not step.detached)


def connections(stack: WorkflowStack) -> Iterator[str]:
    """The connections that a workflow names."""
    return (step.connection for step in stack.steps.values() if isinstance(step, Http))


def parameters(stacks: Sequence[WorkflowStack], context: StackContext) -> dict[str, str]:
    """The parameters for what the template lacks, each with its description.

    A parameter that the user declares under the same name is used unchanged.
    """
    asked: dict[str, str] = {}
    for stack in stacks:
        for child in children(stack):
            if child not in context.machines and machine_parameter(child) not in stack.workflow.parameters:
                asked[machine_parameter(child)] = (
                    f"The ARN of the state machine of the workflow {child}, or of its alias, which"
                    f" {stack.workflow.name} runs."
                )
        for name in connections(stack):
            if context.connection(name) is None and connection_parameter(name) not in stack.workflow.parameters:
                asked[connection_parameter(name)] = (
                    f"The ARN of the EventBridge connection {name}, which {stack.workflow.name} uses to call HTTP APIs."
                    f" Declare a resource {connection_placeholder(name)} of type {CONNECTION} to use that instead."
                )
        for name, function in stack.deployed():
            parameter, built = (
                stack.function(name).image,
                function.image is not None and function.image.build is not None,
            )
            if built and parameter not in stack.workflow.parameters:
                asked[parameter] = f"The URI of the container image of the function {name}, with a digest."
    return asked
