"""Which part of an event is the workflow's input if a trigger has no `with`."""

from __future__ import annotations

from typing import assert_never

from flowgen.model.triggers.http import Http
from flowgen.model.triggers.kinds import Trigger
from flowgen.model.triggers.paths import EventPath
from flowgen.model.triggers.pipes import Sns, Sqs, Stream
from flowgen.model.triggers.rules import S3, Event, Schedule
from flowgen.model.values import Expression, Literal, Value
from flowgen.model.workflow import Workflow
from flowgen.source import Scalar


def payload(workflow: Workflow, trigger: Trigger) -> EventPath | None:
    """The path of the part of an event that is the input without `with`; None for a schedule, which passes nothing."""
    match trigger:
        case Schedule():
            return None
        case Event() | S3():
            return ("detail",)
        case Sns() | Sqs() | Http():
            return ("body",)
        case Stream():
            return ("dynamodb",) if stream_source(workflow, trigger) == "dynamodb" else ("data",)
        case _:
            assert_never(trigger)


_STREAMS = {"AWS::Kinesis::Stream": "kinesis", "AWS::DynamoDB::Table": "dynamodb"}


def stream_source(workflow: Workflow, trigger: Stream) -> str | None:
    """`kinesis` or `dynamodb`; None if unknown."""
    if trigger.source is not None:
        return trigger.source
    if trigger.data is not None:
        return "kinesis"
    if isinstance(trigger.stream, Literal):
        return next((name for name in ("kinesis", "dynamodb") if f":{name}:" in str(trigger.stream.value)), None)
    declared = workflow.resources.get(referred(trigger.stream) or "")
    if declared is not None:
        return _STREAMS.get(declared.type)
    node = getattr(trigger.stream.node, "value", None)
    return "dynamodb" if isinstance(node, Scalar) and node.text.endswith(".StreamArn") else None


def referred(value: Value) -> str | None:
    """The logical id in a reference."""
    if isinstance(value, Expression):
        references = value.syntax.references
        return references[0].path[0] if references and references[0].name == "resources" else None
    node = getattr(value.node, "value", None)
    text = node.text if isinstance(node, Scalar) else None
    return text.partition(".")[0] if text is not None and getattr(value, "tag", "") in ("Ref", "GetAtt") else None
