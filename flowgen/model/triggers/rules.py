"""Triggers that use EventBridge Scheduler and rules: schedules, events, objects in S3."""

from __future__ import annotations

from typing import Annotated, ClassVar

from flowgen.model.accepts import one_or_more
from flowgen.model.element import Field, Read, Reading
from flowgen.model.leaves import DurationField, OneOf, TextField
from flowgen.model.triggers.base import Delivery, NamingTrigger, PatternField, ResourceField, TriggerBase
from flowgen.model.types import TypeUseField
from flowgen.source import Node, Sequence

S3_EVENTS = {
    "created": "Object Created",
    "deleted": "Object Deleted",
    "restore_initiated": "Object Restore Initiated",
    "restored": "Object Restore Completed",
    "restore_expired": "Object Restore Expired",
    "storage_class_changed": "Object Storage Class Changed",
    "access_tier_changed": "Object Access Tier Changed",
    "acl_updated": "Object ACL Updated",
    "tags_added": "Object Tags Added",
    "tags_deleted": "Object Tags Deleted",
}
"""The events that S3 sends to EventBridge, by `detail-type` (S3 user guide, "Using EventBridge")."""


def read_s3_events(node: Node, reading: Reading) -> tuple[str, ...]:
    """One name, or a list."""
    items = node.items if isinstance(node, Sequence) else (node,)
    if not items:
        raise reading.refuse(
            "FG102", "the list of events is empty", node, help="remove the key to use the default, `created`"
        )
    word = OneOf(tuple(S3_EVENTS))
    return tuple(word(item, reading) for item in items)


class Schedule(NamingTrigger):
    """On a schedule: `rate(1 day)`, `cron(0 3 * * ? *)` or `at(2030-01-01T00:00:00)`."""

    kind: ClassVar[str] = "schedule"
    service: ClassVar[str] = "EventBridge Scheduler"
    what: ClassVar[str] = "a `schedule` trigger"

    schedule: TextField = Field(
        examples=["rate(1 day)", "cron(0 3 * * ? *)", "at(2030-01-01T00:00:00)"],
    )
    timezone: TextField | None = Field(
        None, description="The time zone: `Europe/Berlin`. Default: UTC.", examples=["Europe/Berlin"]
    )
    window: DurationField | None = Field(
        None,
        description="The flexible time window: starts up to this long after the scheduled time, at most a day.",
    )
    start: TextField | None = Field(None, description="The start of the schedule: `2030-01-01T00:00:00Z`.")
    end: TextField | None = Field(None, description="The end of the schedule: `2030-12-31T23:59:59Z`.")
    retry: Delivery | None = None


class Event(TriggerBase):
    """On EventBridge events that match a pattern: `{source: [shop], detail-type: [Order placed]}`."""

    kind: ClassVar[str] = "event"
    service: ClassVar[str] = "EventBridge"
    what: ClassVar[str] = "an `event` trigger"

    event: PatternField = Field(examples=[{"source": ["shop"], "detail-type": ["Order placed"]}])
    bus: ResourceField | None = Field(
        None, description="The name or ARN of the event bus. Default: the account's default bus."
    )
    detail: TypeUseField | None = Field(None, description="The type of the event's `detail`.")
    retry: Delivery | None = None


class S3(TriggerBase):
    """On changes to objects of a bucket, which must send its events to EventBridge."""

    kind: ClassVar[str] = "s3"
    service: ClassVar[str] = "EventBridge"
    what: ClassVar[str] = "an `s3` trigger"

    s3: ResourceField
    events: Annotated[tuple[str, ...], Read(read_s3_events, accepts=one_or_more({"enum": list(S3_EVENTS)}))] = Field(
        ("created",), description="The events: `created`, `deleted`, …, one or a list. Default: `created`."
    )
    prefix: TextField | None = Field(None, description="The prefix of the objects' keys.")
    suffix: TextField | None = Field(None, description="The suffix of the objects' keys.")
    retry: Delivery | None = None
