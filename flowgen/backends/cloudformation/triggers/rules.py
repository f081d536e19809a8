"""EventBridge rules: for events on a bus, and for objects of a bucket."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowgen.backends.cloudformation.iam import policies
from flowgen.backends.cloudformation.iam.arn_templates import Form, arn, form_of, name_in, name_of_either
from flowgen.backends.cloudformation.intrinsics import arn_of, sub
from flowgen.backends.cloudformation.resources import Entry, resource
from flowgen.backends.cloudformation.stack_context import StackContext
from flowgen.backends.cloudformation.static_values import reference_of
from flowgen.backends.cloudformation.text import description_of
from flowgen.backends.cloudformation.triggers.ids import TriggerIds
from flowgen.backends.cloudformation.triggers.inputs import rule_input
from flowgen.backends.cloudformation.triggers.queues import dead_letters, retry_policy
from flowgen.backends.cloudformation.workflow_stack import WorkflowStack
from flowgen.model.triggers import S3, Event
from flowgen.model.triggers.rules import S3_EVENTS

_RULES = "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/*"


def rule(stack: WorkflowStack, ids: TriggerIds, trigger: Event | S3, context: StackContext) -> Iterator[Entry]:
    bus = trigger.bus if isinstance(trigger, Event) else None
    yield (
        ids.main,
        resource(
            "AWS::Events::Rule",
            {
                "EventPattern": _objects(trigger, context) if isinstance(trigger, S3) else dict(trigger.event),
                "State": "ENABLED" if trigger.enabled else "DISABLED",
                "Targets": [
                    {
                        "Id": "machine",
                        "Arn": stack.start_arn,
                        "RoleArn": arn_of(ids.role),
                        "DeadLetterConfig": {"Arn": arn_of(ids.dead_letters)},
                        "RetryPolicy": retry_policy(trigger.retry),
                        **rule_input(stack.workflow, trigger),
                    }
                ],
                "Description": description_of(trigger.description),
                "EventBusName": None if bus is None else arn(reference_of(bus)),
            },
        ),
    )
    trust = policies.starter_trust("events.amazonaws.com", sub(_RULES))
    document = policies.starter_document(policies.start_statement(stack))
    yield ids.role, policies.role(trust, {ids.main: document})
    # EventBridge itself, not the role, sends to a rule's dead-letter queue.
    yield from dead_letters(ids, policies.sender("events.amazonaws.com", ids.dead_letters, arn_of(ids.main)))


def _objects(trigger: S3, context: StackContext) -> dict[str, Any]:
    """The pattern that matches events of a bucket's objects."""
    bucket = reference_of(trigger.s3)
    match form_of(bucket, context.resources):
        case Form.ARN:
            bucket = name_in(bucket, context.resources, separator=":", index=5)
        case Form.EITHER:
            bucket = name_of_either(bucket, "::")
        case Form.NAME:
            pass
    detail: dict[str, Any] = {"bucket": {"name": [arn(bucket)]}}
    key = _key(trigger)
    if key is not None:
        detail["object"] = {"key": [key]}
    return {"source": ["aws.s3"], "detail-type": [S3_EVENTS[name] for name in trigger.events], "detail": detail}


def _key(trigger: S3) -> Mapping[str, str] | None:
    """The pattern for an object's key. One pattern, since EventBridge matches if any entry of a list matches."""
    if trigger.prefix is not None and trigger.suffix is not None:
        prefix, suffix = (text.replace("\\", "\\\\").replace("*", "\\*") for text in (trigger.prefix, trigger.suffix))
        return {"wildcard": f"{prefix}*{suffix}"}
    if trigger.prefix is not None:
        return {"prefix": trigger.prefix}
    return None if trigger.suffix is None else {"suffix": trigger.suffix}
