"""The state machines of workflows in a deployed stack, found by their logical ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flowgen.backends.cloudformation.workflow_stack import FunctionIds, machine_ids
from flowgen.deploying import Cloud, Refused
from flowgen.deploying.aws_errors import code_of, message_of
from flowgen.deploying.package import STACK
from flowgen.diagnostics import Diagnostic
from flowgen.model.python_names import class_name
from flowgen.pipeline import Build

_GONE: Final = frozenset({"DELETE_COMPLETE", "DELETE_IN_PROGRESS"})


@dataclass(frozen=True, slots=True)
class Machine:
    """A deployed workflow. `start` is the ARN that starts it: its alias, or the state machine itself.

    `log_groups` are the names of the existing log groups: of the state machine (""), and of functions by their names.
    """

    build: Build
    arn: str
    start: str
    log_groups: Mapping[str, str]

    @property
    def workflow(self) -> str:
        return self.build.workflow.name

    @property
    def express(self) -> bool:
        return self.build.workflow.type == "express"

    def execution(self, name: str) -> str:
        """The ARN of its execution with this name."""
        return f"{self.arn.replace(':stateMachine:', ':execution:', 1)}:{name}"


def machines(cloud: Cloud, stack: str, builds: Iterable[Build]) -> list[Machine]:
    """The state machines of workflows in a stack and its nested stacks. Raises `Refused` (FG703) if there are none."""
    builds = list(builds)
    found = resources(cloud, stack)
    deployed = [machine for build in builds if (machine := _machine(build, found)) is not None]
    if not deployed:
        names = ", ".join(f"`{build.workflow.name}`" for build in builds)
        message = f"the stack `{stack}` does not contain {names}"
        raise Refused(Diagnostic("FG703", message, None, help=_HELP))
    return deployed


_HELP: Final = "deploy it with `flowgen deploy`, or select another stack with --env NAME or --stack NAME"


def resources(cloud: Cloud, stack: str) -> dict[str, str]:
    """The physical ids of a stack's resources and those of its nested stacks, by logical id. Raises `Refused` (FG703).

    In nested stacks, logical ids of workflows are distinct too: they begin with the workflow's name.
    """
    from botocore.exceptions import ClientError

    pages = cloud.cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    try:
        listed: list[Any] = [resource for page in pages for resource in page["StackResourceSummaries"]]
    except ClientError as error:
        if code_of(error) == "ValidationError" and "does not exist" in message_of(error):
            message = f"the stack `{stack}` does not exist in {cloud.region} (account {cloud.account})"
            raise Refused(Diagnostic("FG703", message, None, help=_HELP)) from None
        raise
    found: dict[str, str] = {}
    nested = []
    for resource in listed:
        physical_id = resource.get("PhysicalResourceId", "")
        if not physical_id or resource.get("ResourceStatus") in _GONE:
            continue
        found[resource["LogicalResourceId"]] = physical_id
        if resource["ResourceType"] == STACK:
            nested.append(physical_id)
    for stack_id in nested:
        found = resources(cloud, stack_id) | found
    return found


def _machine(build: Build, found: Mapping[str, str]) -> Machine | None:
    ids = machine_ids(build.workflow.name)
    arn = found.get(ids.machine)
    if arn is None:
        return None
    groups = {"": found.get(ids.log_group)}
    for name, function in build.workflow.functions.items():
        if function.arn is None and not function.activity:
            library = build.libraries.get(name)
            owner = build.workflow.name if library is None else f"Shared{class_name(library)}"
            groups[name] = found.get(FunctionIds(f"{class_name(owner)}{class_name(name)}").log_group)
    named = {name: group for name, group in groups.items() if group is not None}
    return Machine(build, arn, found.get(ids.alias, arn), named)
