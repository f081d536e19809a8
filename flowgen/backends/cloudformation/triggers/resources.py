"""The resources of everything that starts a workflow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from flowgen.backends.cloudformation.resources import Entry
from flowgen.backends.cloudformation.stack_context import StackContext
from flowgen.backends.cloudformation.triggers.apis import http
from flowgen.backends.cloudformation.triggers.ids import ids_of
from flowgen.backends.cloudformation.triggers.pipes import pipe
from flowgen.backends.cloudformation.triggers.rules import rule
from flowgen.backends.cloudformation.triggers.schedules import schedule
from flowgen.backends.cloudformation.workflow_stack import WorkflowStack
from flowgen.model.triggers import S3, Event, Http, Schedule, Sns, Sqs, Stream


def triggers(stack: WorkflowStack, context: StackContext) -> Iterator[Entry]:
    """The resources of a workflow's triggers, in file order."""
    for name, trigger in stack.workflow.triggers.items():
        ids = ids_of(stack, name, trigger)
        match trigger:
            case Schedule():
                yield from schedule(stack, ids, trigger)
            case Event() | S3():
                yield from rule(stack, ids, trigger, context)
            case Sns() | Sqs() | Stream():
                yield from pipe(stack, ids, trigger, context)
            case Http():
                yield from http(stack, ids, name, trigger, context)
            case _:
                assert_never(trigger)
