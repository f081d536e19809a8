"""EventBridge pipes: from topics (through a queue), queues and streams."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from flowgen.backends.cloudformation.iam import policies
from flowgen.backends.cloudformation.iam.arn_templates import Arn, Form, arn, arn_of_either, filled, form_of
from flowgen.backends.cloudformation.intrinsics import Intrinsic, arn_of, is_intrinsic, literal, sub
from flowgen.backends.cloudformation.resources import Entry, resource
from flowgen.backends.cloudformation.stack_context import StackContext
from flowgen.backends.cloudformation.static_values import compose, reference_of, type_of
from flowgen.backends.cloudformation.text import description_of
from flowgen.backends.cloudformation.triggers.ids import TriggerIds
from flowgen.backends.cloudformation.triggers.inputs import pipe_input
from flowgen.backends.cloudformation.triggers.queues import dead_letters, queue
from flowgen.backends.cloudformation.workflow_stack import EXPRESS, WorkflowStack
from flowgen.model import Value
from flowgen.model.triggers import Sns, Sqs, Stream
from flowgen.model.triggers.base import Batching
from flowgen.model.triggers.payloads import stream_source

STREAM_ATTEMPTS = 5
"""Retries of a failed batch of a stream, which block its shard. AWS's default would retry for a day."""

_SQS_ARN = "arn:${Partition}:sqs:${Region}:${Account}:${Name}"
_SNS_ARN = "arn:${Partition}:sns:${Region}:${Account}:${Name}"
_KINESIS_ARN = "arn:${Partition}:kinesis:${Region}:${Account}:stream/${Name}"
_PIPES = "arn:${AWS::Partition}:pipes:${AWS::Region}:${AWS::AccountId}:pipe/*"

_PARAMETERS = {
    "sqs": "SqsQueueParameters",
    "kinesis": "KinesisStreamParameters",
    "dynamodb": "DynamoDBStreamParameters",
}
# EventBridge user guide, "Event source permissions for Amazon EventBridge Pipes". The guide also lists `ListStreams`,
# which accepts no resource: policies made in the console name the stream, and so allow nothing.
_READS = {
    "sqs": ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"),
    "kinesis": (
        "kinesis:DescribeStream",
        "kinesis:DescribeStreamSummary",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
    ),
    "dynamodb": ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"),
}


def pipe(stack: WorkflowStack, ids: TriggerIds, trigger: Sns | Sqs | Stream, context: StackContext) -> Iterator[Entry]:
    kind, source = _source(stack, ids, trigger, context)
    synchronous = stack.workflow.type == EXPRESS
    failed = arn_of(ids.dead_letters) if isinstance(trigger, Stream) else None
    parameters = _stream_parameters(trigger) if isinstance(trigger, Stream) else _batch(trigger.batch)
    filters = [] if isinstance(trigger, Sns) else [{"Pattern": json_text(pattern)} for pattern in trigger.filter]
    yield (
        ids.main,
        resource(
            "AWS::Pipes::Pipe",
            {
                "DesiredState": "RUNNING" if trigger.enabled else "STOPPED",
                "RoleArn": arn_of(ids.role),
                "Source": source,
                "SourceParameters": {
                    _PARAMETERS[kind]: {**parameters, "DeadLetterConfig": failed and {"Arn": failed}},
                    "FilterCriteria": {"Filters": filters} if filters else None,
                },
                "Target": stack.start_arn,
                "TargetParameters": {
                    "InputTemplate": pipe_input(stack.workflow, trigger),
                    "StepFunctionStateMachineParameters": {
                        "InvocationType": "REQUEST_RESPONSE" if synchronous else "FIRE_AND_FORGET"
                    },
                },
                "Description": description_of(trigger.description),
            },
        ),
    )
    action = "states:StartSyncExecution" if synchronous else "states:StartExecution"
    document = policies.starter_document(
        policies.allow(_READS[kind], source),
        policies.start_statement(stack, action),
        *(() if failed is None else (policies.send(failed),)),
    )
    yield ids.role, policies.role(policies.starter_trust("pipes.amazonaws.com", sub(_PIPES)), {ids.main: document})
    if isinstance(trigger, Sns):
        yield from _topic(ids, trigger, context)
    elif isinstance(trigger, Stream):
        yield from dead_letters(ids)


def _source(
    stack: WorkflowStack, ids: TriggerIds, trigger: Sns | Sqs | Stream, context: StackContext
) -> tuple[str, Arn]:
    """The kind of source that a pipe reads (`sqs`, `kinesis`, `dynamodb`), and its ARN."""
    if isinstance(trigger, Sns):
        return "sqs", arn_of(ids.queue)
    if isinstance(trigger, Sqs):
        return "sqs", _arn(trigger.sqs, "AWS::SQS::Queue", "Arn", _SQS_ARN, context)
    if stream_source(stack.workflow, trigger) == "kinesis":
        return "kinesis", _arn(trigger.stream, "AWS::Kinesis::Stream", "Arn", _KINESIS_ARN, context)
    return "dynamodb", _arn(trigger.stream, "AWS::DynamoDB::Table", "StreamArn", None, context)


def _topic(ids: TriggerIds, trigger: Sns, context: StackContext) -> Iterator[Entry]:
    """The queue between a topic and its pipe, and the subscription that fills it."""
    topic = _arn(trigger.sns, "AWS::SNS::Topic", None, _SNS_ARN, context)
    body = None if trigger.filter is None else trigger.filter.body
    pattern = body if trigger.filter is None or body is not None else trigger.filter.attributes
    yield (
        ids.subscription,
        resource(
            "AWS::SNS::Subscription",
            {
                "TopicArn": topic,
                "Protocol": "sqs",
                "Endpoint": arn_of(ids.queue),
                # Without this, SNS wraps the message in an envelope as a string.
                "RawMessageDelivery": True,
                "RedrivePolicy": {"deadLetterTargetArn": arn_of(ids.dead_letters)},
                "FilterPolicy": None if pattern is None else dict(pattern),
                "FilterPolicyScope": None
                if pattern is None
                else "MessageAttributes"
                if body is None
                else "MessageBody",
            },
        ),
    )
    yield from queue(ids, policies.sender("sns.amazonaws.com", ids.queue, topic))
    yield from dead_letters(ids, policies.sender("sns.amazonaws.com", ids.dead_letters, topic))


def _batch(batch: Batching | None) -> dict[str, Any]:
    if batch is None:
        return {"BatchSize": 1}
    window = {} if batch.window is None else {"MaximumBatchingWindowInSeconds": batch.window.seconds}
    return {"BatchSize": batch.size, **window}


def _stream_parameters(trigger: Stream) -> dict[str, Any]:
    retry = trigger.retry
    attempts = None if retry is None else retry.attempts
    return {
        **_batch(trigger.batch),
        "StartingPosition": trigger.position.upper(),
        "MaximumRetryAttempts": STREAM_ATTEMPTS if attempts is None else attempts,
        # Halve a failed batch until the record that causes the failure is found.
        "OnPartialBatchItemFailure": "AUTOMATIC_BISECT",
        "MaximumRecordAgeInSeconds": None if retry is None or retry.max_age is None else retry.max_age.seconds,
        "ParallelizationFactor": trigger.parallel,
        "StartingPositionTimestamp": trigger.timestamp,
    }


def _arn(value: Value, kind: str, attribute: str | None, template: str | None, context: StackContext) -> Arn:
    """The ARN of a reference: to a resource of this kind, an ARN, or a name in this account and region."""
    known = reference_of(value)
    base = known.only
    if base is not None and type_of(base, context.resources) == kind:
        return base if attribute is None else {"Fn::GetAtt": [base["Ref"], attribute]}
    form = Form.ARN if template is None else form_of(known, context.resources)
    if template is None or form is Form.ARN:
        return arn(known)
    return filled(template, {"Name": known}) if form is Form.NAME else arn_of_either(template, known)


_MARK = "\0"
"""Placeholder for an intrinsic function; YAML text cannot contain it."""


def json_text(content: Any) -> str | Intrinsic:
    """JSON as a string into which CloudFormation inserts the values of intrinsic functions."""
    values: list[Intrinsic] = []
    pieces = json.dumps(_marked(content, values), ensure_ascii=False, separators=(",", ":")).split(json.dumps(_MARK))
    if not values:
        return literal(pieces[0])
    parts: list[str | Intrinsic] = [pieces[0]]
    for value, piece in zip(values, pieces[1:], strict=True):
        parts += ['"', value, f'"{piece}']
    return compose(*parts)


def _marked(content: Any, values: list[Intrinsic]) -> Any:
    if is_intrinsic(content):
        values.append(content)
        return _MARK
    match content:
        case dict():
            return {key: _marked(value, values) for key, value in content.items()}
        case list():
            return [_marked(item, values) for item in content]
        case _:
            return content
