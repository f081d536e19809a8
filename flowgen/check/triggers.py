"""Triggers that AWS would reject, and inputs that it cannot create from an event (FG203, FG511, FG513, FG516)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import assert_never

from flowgen.aws.schedules import bad_schedule, bad_time, time_zones
from flowgen.check.trigger_inputs import check_forms, check_trigger_names, name_of
from flowgen.diagnostics import Diagnostic, Label, did_you_mean, replacing
from flowgen.model import Literal, Workflow
from flowgen.model.triggers import S3, Delivery, Event, Http, Schedule, Sns, Sqs, Stream, kind_span
from flowgen.model.triggers.base import Batching
from flowgen.model.triggers.payloads import referred
from flowgen.model.triggers.pipes import StreamDelivery
from flowgen.source import Scalar

_MINUTE, _DAY, _WEEK = 60, 86_400, 604_800
_MOST_WINDOW = 300
"""Seconds (EventBridge Pipes API reference, `PipeSourceSqsQueueParameters`)."""
_BATCH_WITHOUT_WINDOW = 10
"""Messages (Lambda developer guide, "Creating and configuring an Amazon SQS event source mapping")."""
_FIFO_BATCH = 10


def check_triggers(workflow: Workflow) -> Iterator[Diagnostic]:
    """Problems of triggers themselves; `dataflow` checks whether they fit the workflow's input."""
    for trigger in workflow.triggers.values():
        yield from check_trigger_names(workflow, trigger)
        for value in (name_of(trigger), trigger.argument):
            if value is not None:
                yield from check_forms(trigger, value)
        match trigger:
            case Schedule():
                yield from _schedule(trigger)
            case Event() | S3():
                yield from _delivery(trigger.retry, _DAY)
                yield from _bucket(workflow, trigger)
            case Sqs() | Sns():
                yield from _batch(trigger.batch, trigger)
                yield from _topic(trigger)
            case Stream():
                yield from _stream(trigger)
                yield from _table(workflow, trigger)
            case Http():
                yield from _http(trigger)
            case _:
                assert_never(trigger)


def _schedule(trigger: Schedule) -> Iterator[Diagnostic]:
    node = trigger.node.get("schedule")
    found = bad_schedule(trigger.schedule)
    if found is not None and isinstance(node, Scalar):
        yield Diagnostic("FG511", found.message, node.part(found.start, found.end), help=found.help)
    if trigger.timezone is not None:
        yield from _timezone(trigger)
    for key, text in (("start", trigger.start), ("end", trigger.end)):
        reason = None if text is None else bad_time(text)
        if reason is not None:
            yield Diagnostic("FG511", reason, trigger.span_of(key), help="write `2030-01-01T00:00:00Z`")
    if trigger.window is not None and not _MINUTE <= trigger.window.seconds <= _DAY:
        yield Diagnostic("FG516", "a window must be between one minute and one day", trigger.span_of("window"))
    elif trigger.window is not None and trigger.window.seconds % _MINUTE:
        yield Diagnostic("FG516", "a window must be whole minutes", trigger.span_of("window"))
    yield from _delivery(trigger.retry, _DAY)


def _timezone(trigger: Schedule) -> Iterator[Diagnostic]:
    name, where = trigger.timezone or "", trigger.span_of("timezone")
    known = time_zones()
    if trigger.schedule.startswith("rate("):
        message = "`timezone` has no effect on a rate"
        yield Diagnostic("FG511", message, where, help="remove `timezone`, or write `cron(…)`")
    elif known and name not in known:
        guess = did_you_mean(name, known)
        help_ = f"did you mean `{guess}`?" if guess else "write an IANA time zone: `Europe/Berlin`, `UTC`"
        yield Diagnostic("FG511", f"unknown time zone `{name}`", where, help=help_, fix=replacing(where, guess))


def _delivery(retry: Delivery | StreamDelivery | None, most: int) -> Iterator[Diagnostic]:
    if retry is not None and retry.max_age is not None and not _MINUTE <= retry.max_age.seconds <= most:
        longest = "one day" if most == _DAY else "one week"
        yield Diagnostic("FG516", f"`max_age` must be between one minute and {longest}", retry.span_of("max_age"))


def _bucket(workflow: Workflow, trigger: Event | S3) -> Iterator[Diagnostic]:
    """A bucket in the file that does not send events to EventBridge."""
    name = referred(trigger.s3) if isinstance(trigger, S3) else None
    declared = workflow.resources.get(name or "")
    if declared is None or not isinstance(trigger, S3) or declared.type != "AWS::S3::Bucket":
        return
    properties = declared.content.get("Properties")
    told = properties.get("NotificationConfiguration") if isinstance(properties, dict) else None
    bridge = told.get("EventBridgeConfiguration") if isinstance(told, dict) else None
    if isinstance(told, dict) and any(key == "Ref" or key.startswith("Fn::") for key in told):
        return
    if bridge is None or bridge == {"EventBridgeEnabled": False}:
        yield Diagnostic(
            "FG516",
            f"the bucket `{name}` does not send events to EventBridge",
            kind_span(trigger),
            secondary=(Label(declared.key.span, "the bucket"),),
            help="add `NotificationConfiguration: {EventBridgeConfiguration: {EventBridgeEnabled: true}}`",
        )


def _batch(batch: Batching | None, trigger: Sqs | Sns | Stream) -> Iterator[Diagnostic]:
    if batch is None:
        return
    where = trigger.span_of("batch")
    if batch.window is not None and batch.window.seconds > _MOST_WINDOW:
        yield Diagnostic("FG516", "the `window` of a batch can be at most five minutes", batch.span_of("window"))
    queue = isinstance(trigger, Sqs | Sns)
    if queue and batch.size > _BATCH_WITHOUT_WINDOW and (batch.window is None or batch.window.seconds < 1):
        message = f"a batch of more than {_BATCH_WITHOUT_WINDOW} messages needs a `window` of at least one second"
        yield Diagnostic("FG516", message, where, help=f"write `batch: {{size: {batch.size}, window: 5s}}`")
    fifo = isinstance(trigger, Sqs) and isinstance(trigger.sqs, Literal) and str(trigger.sqs.value).endswith(".fifo")
    if fifo and batch.size > _FIFO_BATCH:
        yield Diagnostic("FG516", f"a FIFO queue returns at most {_FIFO_BATCH} messages at once", where)


def _topic(trigger: Sqs | Sns) -> Iterator[Diagnostic]:
    if not isinstance(trigger, Sns):
        return
    if isinstance(trigger.sns, Literal) and str(trigger.sns.value).endswith(".fifo"):
        message = "a FIFO topic only sends to FIFO queues, but the trigger's queue is a standard queue"
        help_ = "subscribe your own FIFO queue to the topic, and use an `sqs` trigger"
        yield Diagnostic("FG516", message, kind_span(trigger), help=help_)
    filter_ = trigger.filter
    if filter_ is not None and (filter_.body is None) == (filter_.attributes is None):
        message = "a filter of a topic can have either `body` or `attributes`"
        yield Diagnostic("FG516", message, trigger.span_of("filter"), help="remove one of the two")


def _stream(trigger: Stream) -> Iterator[Diagnostic]:
    yield from _batch(trigger.batch, trigger)
    yield from _delivery(trigger.retry, _WEEK)
    reason = None if trigger.timestamp is None else bad_time(trigger.timestamp)
    if reason is not None:
        yield Diagnostic("FG511", reason, trigger.span_of("timestamp"), help="write `2030-01-01T00:00:00Z`")
    if trigger.position == "at_timestamp" and trigger.timestamp is None:
        yield Diagnostic("FG516", "`at_timestamp` needs a `timestamp`", trigger.span_of("position"))
    if trigger.timestamp is not None and trigger.position != "at_timestamp":
        help_ = "write `position: at_timestamp`"
        yield Diagnostic("FG516", "`timestamp` has no effect", trigger.span_of("timestamp"), help=help_)


def _table(workflow: Workflow, trigger: Stream) -> Iterator[Diagnostic]:
    """A table in the file without a stream."""
    declared = workflow.resources.get(referred(trigger.stream) or "")
    if declared is None or declared.type != "AWS::DynamoDB::Table":
        return
    properties = declared.content.get("Properties")
    if isinstance(properties, dict) and "StreamSpecification" not in properties:
        yield Diagnostic(
            "FG516",
            f"the table `{declared.key.text}` has no stream",
            kind_span(trigger),
            secondary=(Label(declared.key.span, "the table"),),
            help="add `StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}`",
        )


_ORIGIN = re.compile(r"https?://[^/\s]+|\*")


def _http(trigger: Http) -> Iterator[Diagnostic]:
    cors = trigger.cors
    if trigger.api is not None:
        for key, given in (("cors", cors), ("throttle", trigger.throttle)):
            if given is not None:
                message = f"`{key}` has no effect on your own API"
                yield Diagnostic("FG516", message, trigger.span_of(key), help="set it where you declare the API")
    if cors is not None:
        span = cors.node.span if cors.node.entries else trigger.span_of("cors")
        for origin in cors.origins:
            if not _ORIGIN.fullmatch(origin):
                help_ = "write a scheme and a host: `https://shop.example.com`"
                yield Diagnostic("FG516", f"`{origin}` is not a valid origin", span, help=help_)
        if cors.credentials and "*" in cors.origins:
            yield Diagnostic("FG516", "browsers do not send cookies if every origin is allowed", span)
        if cors.max_age is not None and cors.max_age.seconds > _DAY:
            yield Diagnostic("FG516", "`max_age` can be at most a day", cors.span_of("max_age"))
