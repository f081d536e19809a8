"""Schedules of EventBridge Scheduler."""

from __future__ import annotations

from collections.abc import Iterator

from flowgen.backends.cloudformation.iam import policies
from flowgen.backends.cloudformation.intrinsics import arn_of, sub
from flowgen.backends.cloudformation.resources import Entry, resource
from flowgen.backends.cloudformation.text import description_of
from flowgen.backends.cloudformation.triggers.ids import TriggerIds
from flowgen.backends.cloudformation.triggers.inputs import schedule_input
from flowgen.backends.cloudformation.triggers.queues import dead_letters, retry_policy
from flowgen.backends.cloudformation.workflow_stack import WorkflowStack
from flowgen.model.triggers import Schedule

_GROUP = "arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:schedule-group/default"
_START_EXECUTION = "arn:${AWS::Partition}:scheduler:::aws-sdk:sfn:startExecution"
"""The universal target that sends a request with a name (EventBridge Scheduler user guide)."""


def schedule(stack: WorkflowStack, ids: TriggerIds, trigger: Schedule) -> Iterator[Entry]:
    yield (
        ids.main,
        resource(
            "AWS::Scheduler::Schedule",
            {
                "ScheduleExpression": trigger.schedule,
                "FlexibleTimeWindow": {
                    "Mode": "OFF" if trigger.window is None else "FLEXIBLE",
                    "MaximumWindowInMinutes": None if trigger.window is None else trigger.window.seconds // 60,
                },
                "State": "ENABLED" if trigger.enabled else "DISABLED",
                "Target": {
                    "Arn": stack.start_arn if trigger.execution_name is None else sub(_START_EXECUTION),
                    "RoleArn": arn_of(ids.role),
                    "DeadLetterConfig": {"Arn": arn_of(ids.dead_letters)},
                    "Input": schedule_input(stack.workflow, trigger, stack.start_arn),
                    "RetryPolicy": retry_policy(trigger.retry),
                },
                "Description": description_of(trigger.description),
                "ScheduleExpressionTimezone": trigger.timezone,
                "StartDate": trigger.start,
                "EndDate": trigger.end,
            },
        ),
    )
    trust = policies.starter_trust("scheduler.amazonaws.com", sub(_GROUP))
    document = policies.starter_document(policies.start_statement(stack), policies.send(arn_of(ids.dead_letters)))
    yield ids.role, policies.role(trust, {ids.main: document})
    yield from dead_letters(ids)
