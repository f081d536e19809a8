"""Logical ids of the resources that start a workflow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from flowgen.backends.cloudformation.workflow_stack import WorkflowStack
from flowgen.model.python_names import class_name
from flowgen.model.triggers import S3, Event, Http, Schedule, Sns, Sqs, Stream, Trigger


def main_part(trigger: Trigger) -> str:
    """The word for the resource that starts the workflow."""
    match trigger:
        case Schedule():
            return "Schedule"
        case Event() | S3():
            return "Rule"
        case Sns() | Sqs() | Stream():
            return "Pipe"
        case Http():
            return "Api"
        case _:
            assert_never(trigger)


@dataclass(frozen=True, slots=True)
class TriggerIds:
    """The logical ids of a trigger: `prefix` joins the workflow's name and the trigger's, `main` starts the workflow.

    >>> TriggerIds("NightlyImportEveryNight", "Schedule").role
    'NightlyImportEveryNightScheduleRole'
    """

    prefix: str
    part: str

    @property
    def main(self) -> str:
        return f"{self.prefix}{self.part}"

    @property
    def role(self) -> str:
        return f"{self.main}Role"

    @property
    def dead_letters(self) -> str:
        return f"{self.prefix}DeadLetterQueue"

    @property
    def dead_letters_policy(self) -> str:
        return f"{self.prefix}DeadLetterQueuePolicy"

    @property
    def queue(self) -> str:
        return f"{self.prefix}Queue"

    @property
    def queue_policy(self) -> str:
        return f"{self.prefix}QueuePolicy"

    @property
    def subscription(self) -> str:
        return f"{self.prefix}Subscription"

    @property
    def stage(self) -> str:
        return f"{self.main}Stage"

    @property
    def log_group(self) -> str:
        return f"{self.main}LogGroup"

    @property
    def integration(self) -> str:
        return f"{self.main}Integration"

    @property
    def authorizer(self) -> str:
        return f"{self.main}Authorizer"

    @property
    def route(self) -> str:
        return f"{self.main}Route"


def ids_of(stack: WorkflowStack, name: str, trigger: Trigger) -> TriggerIds:
    return TriggerIds(f"{class_name(stack.workflow.name)}{class_name(name)}", main_part(trigger))


def all_ids(stack: WorkflowStack, name: str, trigger: Trigger) -> tuple[str, ...]:
    """The logical ids of all resources of a trigger."""
    return tuple(_all(ids_of(stack, name, trigger), trigger))


def _all(ids: TriggerIds, trigger: Trigger) -> Iterator[str]:
    yield ids.role
    if isinstance(trigger, Http):
        yield from (ids.integration, ids.route)
        if trigger.api is None:
            yield from (ids.main, ids.stage, ids.log_group)
        if not isinstance(trigger.auth, str):
            yield ids.authorizer
        return
    yield ids.main
    if not isinstance(trigger, Sqs):
        yield from (ids.dead_letters, ids.dead_letters_policy)
    if isinstance(trigger, Sns):
        yield from (ids.queue, ids.queue_policy, ids.subscription)
