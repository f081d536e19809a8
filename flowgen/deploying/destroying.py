"""Deletes a stack, and on request the files that only it uses in the bucket."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from flowgen.deploying import bucket, report, uploading
from flowgen.deploying.aws_errors import Refused, code_of, refusal
from flowgen.deploying.change_risks import HOLDS_DATA, MACHINE, running_executions
from flowgen.deploying.cloud import Cloud
from flowgen.deploying.deploy import Outcome, Status
from flowgen.deploying.events import Event, boundary, causes, follow
from flowgen.deploying.package import STACK
from flowgen.deploying.parameters import BUCKET
from flowgen.deploying.person import Person
from flowgen.deploying.stack import EMPTY, Stack, delete, look_up
from flowgen.diagnostics import Diagnostic

_KEY: Final = re.compile(r"flowgen/[\w.-]+")
"""The key of a file that `flowgen deploy` uploads."""

_GONE: Final = "DELETE_COMPLETE"


@dataclass(frozen=True, slots=True)
class _Resource:
    logical_id: str
    physical_id: str
    type: str


def destroy(
    cloud: Cloud, name: str, person: Person, *, artifacts: bool = False, bucket_name: str | None = None
) -> Outcome:
    """Deletes a stack after showing what is lost, and with `artifacts` the files that its templates name.

    A stack that does not exist is UNCHANGED. The deletion continues in AWS if it is interrupted (LEFT).
    """
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    try:
        stack = look_up(cloud, name)
        if stack is None:
            return Outcome(Status.UNCHANGED)
        if stack.in_progress and not stack.status.startswith("DELETE"):
            help_ = "wait until it ends, then run the same command again"
            message = f"stack `{stack.name}` is in {stack.status}"
            return Outcome(Status.REFUSED, stack, diagnostics=(Diagnostic("FG546", message, None, help=help_),))
        return _destroy(cloud, stack, person, artifacts=artifacts, bucket_name=bucket_name)
    except Refused as refused:
        return Outcome(Status.REFUSED, diagnostics=refused.diagnostics)
    except (BotoCoreError, ClientError, ResponseParserError) as error:
        return Outcome(Status.REFUSED, diagnostics=(refusal(error, cloud.profile),))
    except KeyboardInterrupt:
        return Outcome(Status.INTERRUPTED)


def _destroy(cloud: Cloud, stack: Stack, person: Person, *, artifacts: bool, bucket_name: str | None) -> Outcome:
    resources = [] if stack.status == EMPTY else list(_resources(cloud, stack.id))
    keys = sorted(_keys(cloud, stack, resources)) if artifacts else []
    place = bucket_name or stack.parameters.get(BUCKET) or bucket.own_name(cloud)
    findings = list(_at_stake(cloud, resources))
    if findings:
        person.tell(findings)
    where = f"{stack.name} ({cloud.region}, account {cloud.account})"
    files = f" and {len(keys)} files in s3://{place}" if keys else ""
    if not person.agrees(f"Delete the stack {where} with {len(resources)} resources{files}?"):
        return Outcome(Status.DECLINED, stack)
    after = boundary(cloud, stack.id)
    try:
        delete(cloud, stack.id)
        events = _watched(cloud, stack.id, after, person)
        left = look_up(cloud, stack.id)
    except KeyboardInterrupt:
        return Outcome(Status.LEFT, stack)
    if left is not None and left.status != _GONE:
        return Outcome(Status.FAILED, left, diagnostics=tuple(_failures(events)))
    if keys and bucket.is_there(cloud, place):
        uploading.remove(cloud, place, keys)
        person.say(f"deleted {len(keys)} files from s3://{place}")
    return Outcome(Status.DEPLOYED, left)


def _watched(cloud: Cloud, stack_id: str, after: str, person: Person) -> list[Event]:
    events: list[Event] = []
    began: dict[tuple[str, str], Any] = {}
    for new in follow(cloud, stack_id, after):
        for event in new:
            events.append(event)
            began.setdefault(event.resource, event.at)
            line = report.event(event, events[0].at, began[event.resource])
            if line is not None:
                person.say(line)
    return events


def _failures(events: list[Event]) -> Iterator[Diagnostic]:
    for event in causes(events):
        help_ = "fix that, then run the same command again"
        message = f"`{event.logical_id}` ({event.type}) could not be deleted"
        yield Diagnostic("FG549", message, None, notes=(event.reason,) if event.reason else (), help=help_)


def _resources(cloud: Cloud, stack_id: str) -> Iterator[_Resource]:
    """The resources of a stack and of its nested stacks."""
    for page in cloud.cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack_id):
        for found in page["StackResourceSummaries"]:
            if found.get("ResourceStatus") == _GONE:
                continue
            resource = _Resource(found["LogicalResourceId"], found.get("PhysicalResourceId", ""), found["ResourceType"])
            yield resource
            if resource.type == STACK and resource.physical_id:
                yield from _resources(cloud, resource.physical_id)


def _at_stake(cloud: Cloud, resources: Iterable[_Resource]) -> Iterator[Diagnostic]:
    """FG547 for resources with data, FG548 for state machines with running executions."""
    for resource in resources:
        if resource.type in HOLDS_DATA and resource.type != "AWS::Logs::LogGroup":
            message = f"`{resource.logical_id}` ({resource.type}) will be removed, and its data lost"
            help_ = "to keep it, first deploy it with `DeletionPolicy: Retain`"
            yield Diagnostic("FG547", message, None, help=help_)
        if resource.type == MACHINE and resource.physical_id:
            running = running_executions(cloud, resource.physical_id)
            if running is not None:
                message = f"the state machine `{resource.logical_id}` will be removed while {running}"
                yield Diagnostic("FG548", message, None, help="they stop at their next step; wait, or stop them first")


def _keys(cloud: Cloud, stack: Stack, resources: Iterable[_Resource]) -> set[str]:
    """The keys of flowgen's files that the templates of a stack and of its nested stacks name.

    The prefix `flowgen/` is shared by all stacks that use the bucket, so only these are deleted.
    """
    nested = [resource.physical_id for resource in resources if resource.type == STACK and resource.physical_id]
    found: set[str] = set()
    for stack_id in [stack.id, *nested]:
        from botocore.exceptions import ClientError

        try:
            body = cloud.cloudformation.get_template(StackName=stack_id)["TemplateBody"]
        except ClientError as error:
            if code_of(error) == "ValidationError":
                continue
            raise
        text = body if isinstance(body, str) else json.dumps(body)
        found.update(_KEY.findall(text))
    return found
