"""What starts a workflow's machine: schedules, rules, pipes and HTTP APIs, each with its role and what it failed on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, assert_never

from flowgen.backends.cloudformation import permissions
from flowgen.backends.cloudformation.arn_text import Arn, arn, filled, is_arn, name_in
from flowgen.backends.cloudformation.intrinsics import Intrinsic, arn_of, literal, ref, sub
from flowgen.backends.cloudformation.known import Known, compose, tree_of, type_of
from flowgen.backends.cloudformation.machines import start_arn, start_statement
from flowgen.backends.cloudformation.surroundings import Surroundings
from flowgen.backends.cloudformation.text import prose
from flowgen.backends.cloudformation.trigger_apis import http
from flowgen.backends.cloudformation.trigger_ids import TriggerIds, ids_of
from flowgen.backends.cloudformation.trigger_inputs import pipe_input, rule_input, schedule_input
from flowgen.backends.cloudformation.units import Unit
from flowgen.check.trigger_inputs import stream_source
from flowgen.model import Value
from flowgen.model.triggers import S3, Delivery, Event, Http, Schedule, Sns, Sqs, Stream, Trigger
from flowgen.model.triggers.base import Batching
from flowgen.model.triggers.rules import S3_EVENTS

Entry = tuple[str, dict[str, Any]]

STREAM_ATTEMPTS = 5
"""Retries of a failed batch of a stream, whose shard waits meanwhile: by itself AWS would go on for a day."""
VISIBILITY = 360
"""Seconds that a message of our own queues stays hidden: a pipe takes up to five minutes."""

_SQS_ARN = "arn:${Partition}:sqs:${Region}:${Account}:${Name}"
_SNS_ARN = "arn:${Partition}:sns:${Region}:${Account}:${Name}"
_KINESIS_ARN = "arn:${Partition}:kinesis:${Region}:${Account}:stream/${Name}"

# EventBridge user guide, "Event source permissions for Amazon EventBridge Pipes". `ListStreams`, which stands there
# too, takes no resource: policies that the console makes name the stream for it, which allows nothing.
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


def triggers(unit: Unit, around: Surroundings) -> Iterator[Entry]:
    """The resources of everything that starts a workflow."""
    for name, trigger in unit.workflow.triggers.items():
        ids = ids_of(unit, name, trigger)
        match trigger:
            case Schedule():
                yield from _schedule(unit, ids, trigger)
            case Event() | S3():
                yield from _rule(unit, ids, trigger, around)
            case Sns() | Sqs() | Stream():
                yield from _pipe(unit, ids, trigger, around)
            case Http():
                yield from http(unit, ids, name, trigger, around)
            case _:
                assert_never(trigger)


def description_of(trigger: Trigger, limit: int = 512) -> str | Intrinsic | None:
    return None if trigger.description is None else literal(prose(trigger.description, limit, "utf-16-le"))


def _schedule(unit: Unit, ids: TriggerIds, trigger: Schedule) -> Iterator[Entry]:
    from flowgen.backends.cloudformation import resources, trigger_resources

    yield (
        ids.main,
        trigger_resources.schedule(
            description=description_of(trigger),
            expression=trigger.schedule,
            timezone=trigger.timezone,
            window=None if trigger.window is None else trigger.window.seconds // 60,
            start=trigger.start,
            end=trigger.end,
            enabled=trigger.enabled,
            machine=start_arn(unit),
            role=arn_of(ids.role),
            dead_letters=arn_of(ids.dead_letters),
            retry=_retry(trigger.retry),
            given=schedule_input(unit.workflow, trigger),
        ),
    )
    group = sub("arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:schedule-group/default")
    trust = permissions.starter_trust("scheduler.amazonaws.com", group)
    document = permissions.starter_document(start_statement(unit), permissions.send(arn_of(ids.dead_letters)))
    yield ids.role, resources.role(trust=trust, policies={ids.main: document})
    yield from _dead_letters(ids)


def _rule(unit: Unit, ids: TriggerIds, trigger: Event | S3, around: Surroundings) -> Iterator[Entry]:
    from flowgen.backends.cloudformation import resources, trigger_resources

    bus = trigger.bus if isinstance(trigger, Event) else None
    yield (
        ids.main,
        trigger_resources.rule(
            description=description_of(trigger),
            bus=None if bus is None else arn(_known(bus)),
            pattern=_objects(trigger, around) if isinstance(trigger, S3) else trigger.event,
            enabled=trigger.enabled,
            machine=start_arn(unit),
            role=arn_of(ids.role),
            dead_letters=arn_of(ids.dead_letters),
            retry=_retry(trigger.retry),
            given=rule_input(unit.workflow, trigger),
        ),
    )
    rules = sub("arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/*")
    trust = permissions.starter_trust("events.amazonaws.com", rules)
    yield (
        ids.role,
        resources.role(trust=trust, policies={ids.main: permissions.starter_document(start_statement(unit))}),
    )
    # EventBridge sends to a rule's dead-letter queue itself, not with the role.
    yield from _dead_letters(ids, permissions.sender("events.amazonaws.com", ids.dead_letters, arn_of(ids.main)))


def _objects(trigger: S3, around: Surroundings) -> dict[str, Any]:
    """The pattern of what happens to objects of a bucket."""
    bucket = _known(trigger.s3)
    if is_arn(bucket, around.resources):
        bucket = name_in(bucket, around.resources, separator=":", index=5)
    detail: dict[str, Any] = {"bucket": {"name": [arn(bucket)]}}
    key = _key(trigger)
    if key is not None:
        detail["object"] = {"key": [key]}
    return {"source": ["aws.s3"], "detail-type": [S3_EVENTS[name] for name in trigger.events], "detail": detail}


def _key(trigger: S3) -> Mapping[str, str] | None:
    """What an object's key must be; of several entries of a list EventBridge wants one, not all."""
    if trigger.prefix is not None and trigger.suffix is not None:
        prefix, suffix = (text.replace("\\", "\\\\").replace("*", "\\*") for text in (trigger.prefix, trigger.suffix))
        return {"wildcard": f"{prefix}*{suffix}"}
    if trigger.prefix is not None:
        return {"prefix": trigger.prefix}
    return None if trigger.suffix is None else {"suffix": trigger.suffix}


def _pipe(unit: Unit, ids: TriggerIds, trigger: Sns | Sqs | Stream, around: Surroundings) -> Iterator[Entry]:
    from flowgen.backends.cloudformation import resources, trigger_resources

    kind, source = _source(unit, ids, trigger, around)
    synchronous = unit.workflow.type == "express"
    failed = arn_of(ids.dead_letters) if isinstance(trigger, Stream) else None
    yield (
        ids.main,
        trigger_resources.pipe(
            description=description_of(trigger),
            enabled=trigger.enabled,
            source=source,
            kind=kind,
            parameters=_stream_parameters(trigger) if isinstance(trigger, Stream) else _batch(trigger.batch),
            dead_letters=failed,
            filters=[] if isinstance(trigger, Sns) else [json_text(one) for one in trigger.filter],
            machine=start_arn(unit),
            role=arn_of(ids.role),
            synchronous=synchronous,
            given=pipe_input(unit.workflow, trigger),
        ),
    )
    pipes = sub("arn:${AWS::Partition}:pipes:${AWS::Region}:${AWS::AccountId}:pipe/*")
    trust = permissions.starter_trust("pipes.amazonaws.com", pipes)
    action = "states:StartSyncExecution" if synchronous else "states:StartExecution"
    document = permissions.starter_document(
        permissions.allow(_READS[kind], source),
        start_statement(unit, action),
        *(() if failed is None else (permissions.send(failed),)),
    )
    yield ids.role, resources.role(trust=trust, policies={ids.main: document})
    if isinstance(trigger, Sns):
        yield from _topic(ids, trigger, around)
    elif isinstance(trigger, Stream):
        yield from _dead_letters(ids)


def _source(unit: Unit, ids: TriggerIds, trigger: Sns | Sqs | Stream, around: Surroundings) -> tuple[str, Arn]:
    """What kind of source a pipe reads, and its ARN."""
    if isinstance(trigger, Sns):
        return "sqs", arn_of(ids.queue)
    if isinstance(trigger, Sqs):
        return "sqs", _arn(trigger.sqs, "AWS::SQS::Queue", "Arn", _SQS_ARN, around)
    if stream_source(unit.workflow, trigger) == "kinesis":
        return "kinesis", _arn(trigger.stream, "AWS::Kinesis::Stream", "Arn", _KINESIS_ARN, around)
    return "dynamodb", _arn(trigger.stream, "AWS::DynamoDB::Table", "StreamArn", None, around)


def _topic(ids: TriggerIds, trigger: Sns, around: Surroundings) -> Iterator[Entry]:
    """The queue between a topic and its pipe."""
    from flowgen.backends.cloudformation import trigger_resources

    topic = _arn(trigger.sns, "AWS::SNS::Topic", None, _SNS_ARN, around)
    body = None if trigger.filter is None else trigger.filter.body
    filter_ = body if trigger.filter is None or body is not None else trigger.filter.attributes
    yield (
        ids.subscription,
        trigger_resources.subscription(
            topic=topic,
            queue=arn_of(ids.queue),
            dead_letters=arn_of(ids.dead_letters),
            filter_=filter_,
            scope=None if filter_ is None else "MessageAttributes" if body is None else "MessageBody",
        ),
    )
    yield ids.queue, trigger_resources.queue(dead_letters=arn_of(ids.dead_letters), visibility=VISIBILITY)
    document = permissions.queue_document(ids.queue, permissions.sender("sns.amazonaws.com", ids.queue, topic))
    yield ids.queue_policy, trigger_resources.queue_policy(queue=ref(ids.queue), document=document)
    yield from _dead_letters(ids, permissions.sender("sns.amazonaws.com", ids.dead_letters, topic))


def _dead_letters(ids: TriggerIds, *senders: Mapping[str, Any]) -> Iterator[Entry]:
    """The queue for what could not start the machine."""
    from flowgen.backends.cloudformation import trigger_resources

    document = permissions.queue_document(ids.dead_letters, *senders)
    yield ids.dead_letters, trigger_resources.queue()
    yield ids.dead_letters_policy, trigger_resources.queue_policy(queue=ref(ids.dead_letters), document=document)


def _retry(retry: Delivery | None) -> dict[str, int] | None:
    if retry is None:
        return None
    age = retry.max_age
    made = {} if retry.attempts is None else {"MaximumRetryAttempts": retry.attempts}
    return made if age is None else {**made, "MaximumEventAgeInSeconds": age.seconds}


def _batch(batch: Batching | None) -> dict[str, Any]:
    if batch is None:
        return {"BatchSize": 1}
    window = {} if batch.window is None else {"MaximumBatchingWindowInSeconds": batch.window.seconds}
    return {"BatchSize": batch.size, **window}


def _stream_parameters(trigger: Stream) -> dict[str, Any]:
    retry, made = trigger.retry, _batch(trigger.batch)
    attempts = None if retry is None else retry.attempts
    made |= {
        "StartingPosition": trigger.position.upper(),
        "MaximumRetryAttempts": STREAM_ATTEMPTS if attempts is None else attempts,
        # A batch that fails is halved until the record is found that is to blame.
        "OnPartialBatchItemFailure": "AUTOMATIC_BISECT",
    }
    if retry is not None and retry.max_age is not None:
        made["MaximumRecordAgeInSeconds"] = retry.max_age.seconds
    if trigger.parallel is not None:
        made["ParallelizationFactor"] = trigger.parallel
    if trigger.timestamp is not None:
        made["StartingPositionTimestamp"] = trigger.timestamp
    return made


def _known(value: Value) -> Known:
    """A reference to a resource, which is known when the stack is deployed."""
    found = tree_of(value)
    if not isinstance(found, Known):
        raise TypeError(value)
    return found


def _arn(value: Value, kind: str, attribute: str | None, template: str | None, around: Surroundings) -> Arn:
    """The ARN of what a reference names: a resource of that kind, an ARN, or a name in this account and region."""
    known = _known(value)
    base = known.only
    if base is not None and type_of(base, around.resources) == kind:
        return base if attribute is None else {"Fn::GetAtt": [base["Ref"], attribute]}
    if template is None or is_arn(known, around.resources):
        return arn(known)
    return filled(template, {"Name": known})


_MARK = "\0"
"""Where a value of CloudFormation goes; no text of YAML has it."""


def json_text(content: Any) -> str | Intrinsic:
    """JSON as a text, in which values of CloudFormation are put in."""
    values: list[Intrinsic] = []
    pieces = json.dumps(_marked(content, values), ensure_ascii=False, separators=(",", ":")).split(json.dumps(_MARK))
    if not values:
        return literal(pieces[0])
    parts: list[str | Intrinsic] = [pieces[0]]
    for value, piece in zip(values, pieces[1:], strict=True):
        parts += ['"', value, f'"{piece}']
    return compose(*parts)


def _marked(content: Any, values: list[Intrinsic]) -> Any:
    match content:
        case dict() if len(content) == 1 and (next(iter(content)) == "Ref" or next(iter(content)).startswith("Fn::")):
            values.append(content)
            return _MARK
        case dict():
            return {key: _marked(value, values) for key, value in content.items()}
        case list():
            return [_marked(item, values) for item in content]
        case _:
            return content
