"""Types of the events that start workflows: AWS defines the envelope; the user may declare its content.

Each function names the AWS page that documents the event.
"""

from __future__ import annotations

from flowgen.types import (
    INTEGER_TYPE,
    NUMBER_TYPE,
    TEXT_TYPE,
    Type,
    array_of,
    literal,
    optional,
    record,
    union,
    unknown,
)
from flowgen.types.algebra import UNSURE, Origin

_MAYBE = "AWS does not always send it"


def _texts(*names: str) -> dict[str, Type]:
    return dict.fromkeys(names, TEXT_TYPE)


def _maybe(type_: Type = TEXT_TYPE) -> Type:
    return optional(type_, Origin(_MAYBE))


def bus_event(detail: Type) -> Type:
    """An event of a bus (EventBridge user guide, "Events in Amazon EventBridge")."""
    return record(
        {
            **_texts("version", "id", "detail-type", "source", "account", "time", "region"),
            "resources": array_of(TEXT_TYPE),
            "detail": detail,
        }
    )


def s3_event(events: tuple[str, ...]) -> Type:
    """An event from S3 (S3 user guide, "EventBridge event message structure").

    `events` are `detail-type`s; fields that only some of them have are optional.
    """
    details = [_s3_detail(event) for event in events]
    return bus_event(details[0] if len(details) == 1 else _joined(details))


def _s3_detail(event: str) -> Type:
    created = event == "Object Created"
    entry = {"key": TEXT_TYPE, "etag": TEXT_TYPE if created else _maybe(), "version-id": _maybe()}
    entry["size"] = INTEGER_TYPE if created else _maybe(INTEGER_TYPE)
    entry["sequencer"] = TEXT_TYPE if created else _maybe()
    more = {"Object Created": ("reason",), "Object Deleted": ("reason", "deletion-type")}.get(event, ())
    others = ("restore-expiry-time", "source-storage-class", "destination-storage-class", "destination-access-tier")
    fields = {
        "version": TEXT_TYPE,
        "bucket": record({"name": TEXT_TYPE}),
        "object": record(entry),
        "request-id": TEXT_TYPE,
        "requester": TEXT_TYPE,
        "source-ip-address": _maybe(),
        **_texts(*more),
    }
    if not more:
        fields |= {name: _maybe() for name in others}
    return record(fields)


def _joined(details: list[Type]) -> Type:
    """Merges records: fields that are not in all of them are optional."""
    objects = [detail.objects[0] for detail in details]
    names = dict.fromkeys(name for object_ in objects for name in object_.fields)
    return record(
        {
            name: union(*(object_.fields[name] for object_ in objects if name in object_.fields))
            if all(name in object_.fields for object_ in objects)
            else _maybe(union(*(object_.fields[name] for object_ in objects if name in object_.fields)))
            for name in names
        }
    )


def schedule_event() -> Type:
    """The event of a schedule (EventBridge Scheduler user guide, "Adding context attributes")."""
    return record(
        {
            **_texts("execution_id", "attempt_number"),
            "schedule_arn": Type(formats=frozenset({"uri"})),
            "scheduled_time": Type(formats=frozenset({"date-time"})),
        }
    )


SCHEDULE_ATTRIBUTES = {
    "schedule_arn": "<aws.scheduler.schedule-arn>",
    "scheduled_time": "<aws.scheduler.scheduled-time>",
    "execution_id": "<aws.scheduler.execution-id>",
    "attempt_number": "<aws.scheduler.attempt-number>",
}
"""The fields of a schedule's event, and Scheduler's placeholders for them."""


def queue_record(body: Type) -> Type:
    """A message of a queue (EventBridge user guide, "Amazon Simple Queue Service as a source")."""
    value = record({"dataType": TEXT_TYPE, "stringValue": _maybe(), "binaryValue": _maybe()})
    attributes = {
        **_texts("ApproximateReceiveCount", "SentTimestamp", "SenderId", "ApproximateFirstReceiveTimestamp"),
        "SequenceNumber": _maybe(),
        "MessageGroupId": _maybe(),
        "MessageDeduplicationId": _maybe(),
    }
    return record(
        {
            **_texts("messageId", "receiptHandle", "md5OfBody", "eventSource", "eventSourceARN", "awsRegion"),
            "body": body,
            "attributes": record(attributes),
            "messageAttributes": record({}, value),
        }
    )


def kinesis_record(data: Type) -> Type:
    """A record of a stream (EventBridge user guide, "Amazon Kinesis stream as a source")."""
    names = ("kinesisSchemaVersion", "partitionKey", "sequenceNumber", "eventSource", "eventVersion", "eventID")
    more = ("eventName", "invokeIdentityArn", "awsRegion", "eventSourceARN")
    return record({**_texts(*names, *more), "data": data, "approximateArrivalTimestamp": NUMBER_TYPE})


def table_record() -> Type:
    """A change of a table (EventBridge user guide, "Amazon DynamoDB stream as a source").

    Keys and images are DynamoDB JSON (`{"id": {"S": "a"}}`) of unknown type.
    """
    item = unknown("a table's items have no declared type")
    image = Type(item.atoms | UNSURE, unknown=item.unknown)
    change = record(
        {
            "ApproximateCreationDateTime": NUMBER_TYPE,
            "Keys": item,
            "NewImage": image,
            "OldImage": image,
            **_texts("SequenceNumber", "StreamViewType"),
            "SizeBytes": INTEGER_TYPE,
        }
    )
    names = ("eventID", "eventVersion", "eventSource", "awsRegion", "eventSourceARN")
    kinds = union(*(literal(name) for name in ("INSERT", "MODIFY", "REMOVE")))
    return record({**_texts(*names), "eventName": kinds, "dynamodb": change})


def request_event(body: Type) -> Type:
    """A request to an HTTP API, as far as it reaches a state machine."""
    return record({"body": body})
