"""The state machines of workflows in a deployed stack, found by their logical ids."""

from __future__ import annotations

import re
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
    `build` is None if the workflow's file cannot be read.
    """

    workflow: str
    express: bool
    arn: str
    start: str
    log_groups: Mapping[str, str]
    build: Build | None = None

    def execution(self, name: str) -> str:
        """The ARN of its execution with this name."""
        return f"{self.arn.replace(':stateMachine:', ':execution:', 1)}:{name}"


def machines(cloud: Cloud, stack: str, builds: Iterable[Build], unread: Iterable[str] = ()) -> list[Machine]:
    """The state machines of workflows in a stack and its nested stacks. Raises `Refused` (FG703) if there are none.

    For workflows that are known only by name, everything comes from the stack.
    """
    builds, unread = list(builds), list(unread)
    found = resources(cloud, stack)
    deployed = [machine for build in builds if (machine := _machine(build, found)) is not None]
    deployed += [machine for name in unread if (machine := _unread_machine(cloud, name, found)) is not None]
    if not deployed:
        names = ", ".join(f"`{name}`" for name in (*(build.workflow.name for build in builds), *unread))
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
    express = build.workflow.type == "express"
    return Machine(build.workflow.name, express, arn, found.get(ids.alias, arn), named, build)


def _unread_machine(cloud: Cloud, name: str, found: Mapping[str, str]) -> Machine | None:
    """A workflow whose file cannot be read. Its functions are those in the stack whose logical ids begin with its name.

    Functions of imported files are left out, because the stack does not show who calls them.
    """
    ids, prefix = machine_ids(name), class_name(name)
    arn = found.get(ids.machine)
    if arn is None:
        return None
    longer = tuple(other for one in found if (other := one.removesuffix(_MACHINE)) != one and len(other) > len(prefix))
    groups = {"": found[ids.log_group]} if ids.log_group in found else {}
    for logical_id in found:
        own = logical_id.removesuffix("Function")
        group = FunctionIds(own).log_group
        if own != logical_id and own.startswith(prefix) and not own.startswith(longer) and group in found:
            groups[_snake(own.removeprefix(prefix))] = found[group]
    kind = cloud.stepfunctions.describe_state_machine(stateMachineArn=arn)["type"]
    return Machine(name, kind == "EXPRESS", arn, found.get(ids.alias, arn), groups)


_MACHINE: Final = machine_ids("").machine


def _snake(name: str) -> str:
    """The function of a name in logical ids.

    >>> _snake("SendEmail2")
    'send_email2'
    """
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
