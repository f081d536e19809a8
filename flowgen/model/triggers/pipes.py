"""Triggers that EventBridge Pipes carries: queues, topics through a queue, streams."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from flowgen.model.element import Element, Read
from flowgen.model.leaves import DurationField, OneOf, TextField, Whole
from flowgen.model.triggers.base import BatchField, FiltersField, PatternField, ResourceField, TriggerBase
from flowgen.model.types import TypeUseField


class Sqs(TriggerBase):
    """On messages of a queue."""

    kind: ClassVar[str] = "sqs"
    what: ClassVar[str] = "an `sqs` trigger"

    sqs: ResourceField
    body: TypeUseField | None = Field(None, description="The type of a message's body, which is JSON then.")
    filter: FiltersField = ()
    batch: BatchField = None


class SnsFilter(Element):
    """Which messages of a topic start the workflow, by what is in them or beside them."""

    what: ClassVar[str] = "a filter of a topic"

    body: PatternField | None = Field(None, description="A pattern of the message, which is JSON then.")
    attributes: PatternField | None = Field(None, description="A pattern of the message's attributes.")


class Sns(TriggerBase):
    """On messages of a topic, through a queue of the stack's own."""

    kind: ClassVar[str] = "sns"
    what: ClassVar[str] = "an `sns` trigger"

    sns: ResourceField
    body: TypeUseField | None = Field(None, description="The type of a message's body, which is JSON then.")
    filter: SnsFilter | None = None
    batch: BatchField = None


class StreamDelivery(Element):
    """How often and how long a failed batch is tried again, before it goes to the dead-letter queue."""

    what: ClassVar[str] = "a retry"

    attempts: Annotated[int | None, Read(Whole(0, 10_000))] = Field(
        None, description="Retries after the first try. Left out: 5; meanwhile the shard waits."
    )
    max_age: DurationField | None = Field(
        None, description="How old a record may be to be tried again: from one minute to a week."
    )


class Stream(TriggerBase):
    """On records of a stream of Kinesis or of a table of DynamoDB."""

    kind: ClassVar[str] = "stream"
    what: ClassVar[str] = "a `stream` trigger"

    stream: ResourceField
    source: Annotated[str | None, Read(OneOf(("kinesis", "dynamodb")))] = Field(
        None, description="Whose stream it is, where the reference does not tell."
    )
    position: Annotated[str, Read(OneOf(("latest", "trim_horizon", "at_timestamp")))] = Field(
        "latest", description="Where reading begins: `latest`, `trim_horizon` (the oldest), `at_timestamp`."
    )
    timestamp: TextField | None = Field(
        None, description="When the first record was written, for `at_timestamp`: `2030-01-01T00:00:00Z`."
    )
    data: TypeUseField | None = Field(None, description="The type of the data of a Kinesis record, which is JSON then.")
    filter: FiltersField = ()
    batch: BatchField = None
    parallel: Annotated[int | None, Read(Whole(1, 10))] = Field(
        None, description="How many batches of a shard are handled at once."
    )
    retry: StreamDelivery | None = None
