"""Triggers that use EventBridge Pipes: queues, topics through a queue, streams."""

from __future__ import annotations

from typing import Annotated, ClassVar

from flowgen.model.accepts import Schema
from flowgen.model.element import Element, Field, Read
from flowgen.model.leaves import DurationField, OneOf, TextField, Whole
from flowgen.model.triggers.base import BatchField, FiltersField, PatternField, ResourceField, TriggerBase
from flowgen.model.types import TypeUseField


class Sqs(TriggerBase):
    """On messages of a queue."""

    kind: ClassVar[str] = "sqs"
    service: ClassVar[str] = "EventBridge Pipes"
    what: ClassVar[str] = "an `sqs` trigger"

    sqs: ResourceField
    body: TypeUseField | None = Field(None, description="The type of a message's body, which must be JSON.")
    filter: FiltersField = ()
    batch: BatchField = None


class SnsFilter(Element):
    """Which messages of a topic start the workflow, by their body or their attributes."""

    what: ClassVar[str] = "a filter of a topic"
    constraints: ClassVar[Schema] = {"minProperties": 1, "maxProperties": 1}

    body: PatternField | None = Field(None, description="A pattern for the message, which must be JSON.")
    attributes: PatternField | None = Field(None, description="A pattern for the message's attributes.")


class Sns(TriggerBase):
    """On messages of a topic, through a queue that the stack creates."""

    kind: ClassVar[str] = "sns"
    service: ClassVar[str] = "EventBridge Pipes"
    what: ClassVar[str] = "an `sns` trigger"

    sns: ResourceField
    body: TypeUseField | None = Field(None, description="The type of a message's body, which must be JSON.")
    filter: SnsFilter | None = None
    batch: BatchField = None


class StreamDelivery(Element):
    """How often and how long a failed batch is retried before it goes to the dead-letter queue."""

    what: ClassVar[str] = "a retry"

    attempts: Annotated[int | None, Read(Whole(0, 10_000))] = Field(
        None, description="Retries after the first attempt, 5 by default. The shard waits during retries."
    )
    max_age: DurationField | None = Field(
        None, description="The maximum age of a record for a retry: one minute to a week."
    )


class Stream(TriggerBase):
    """On records of a Kinesis stream or of a DynamoDB table's stream."""

    kind: ClassVar[str] = "stream"
    service: ClassVar[str] = "EventBridge Pipes"
    what: ClassVar[str] = "a `stream` trigger"

    stream: ResourceField
    source: Annotated[str | None, Read(OneOf(("kinesis", "dynamodb")))] = Field(
        None, description="The service of the stream, if the reference does not show it."
    )
    position: Annotated[str, Read(OneOf(("latest", "trim_horizon", "at_timestamp")))] = Field(
        "latest", description="The first record to read: `latest`, `trim_horizon` (the oldest), `at_timestamp`."
    )
    timestamp: TextField | None = Field(
        None, description="The time of the first record, for `at_timestamp`: `2030-01-01T00:00:00Z`."
    )
    data: TypeUseField | None = Field(None, description="The type of a Kinesis record's data, which must be JSON.")
    filter: FiltersField = ()
    batch: BatchField = None
    parallel: Annotated[int | None, Read(Whole(1, 10))] = Field(
        None, description="The number of batches of a shard to process at once."
    )
    retry: StreamDelivery | None = None
