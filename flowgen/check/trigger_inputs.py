"""What goes into a workflow that a trigger starts: names and forms of `with` (FG203, FG513), and what stands for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import assert_never

from flowgen.diagnostics import Diagnostic, Label, Span, did_you_mean, replacing
from flowgen.jsonata.parsing import Reference
from flowgen.model import Expression, ListValue, Literal, ObjectValue, Value, Workflow, expressions_in
from flowgen.model.triggers import S3, Event, Http, Schedule, Sns, Sqs, Stream, Trigger, kind_span
from flowgen.model.triggers.base import STACK
from flowgen.model.triggers.paths import EventPath, event_path, stack_reference
from flowgen.source import Scalar


def check_trigger_names(workflow: Workflow, trigger: Trigger) -> Iterator[Diagnostic]:
    """FG203: only `$event` and what CloudFormation knows are there when a workflow is started."""
    for value in values_of(trigger):
        given = value is trigger.argument
        for expression in expressions_in(value):
            for reference in expression.syntax.references:
                where = expression.span(reference.start, reference.end)
                if reference.name in STACK:
                    yield from _stack_name(workflow, expression, reference)
                elif reference.name != "event" or not given:
                    names = "`$event`, `$parameters.Name` and" if given else "`$parameters.Name` and"
                    message = f"there is no `${reference.name}` when a workflow is started"
                    yield Diagnostic("FG203", message, where, help=f"there are {names} `$resources.Name`")
            if not given and not stack_reference(expression):
                text = expression.text
                message = "what names a resource can't be computed"
                yield Diagnostic(
                    "FG513", message, place(value), help=f"write one reference, in place of `{text.strip()}`"
                )


def _stack_name(workflow: Workflow, expression: Expression, reference: Reference) -> Iterator[Diagnostic]:
    section = reference.name
    declared = workflow.parameters if section == "parameters" else workflow.resources
    where = expression.span(reference.start, reference.end)
    if not reference.path:
        yield Diagnostic("FG203", f"`${section}` alone is no value", where, help=f"write `${section}.Name`")
    elif reference.path[0] not in declared:
        name, end = reference.path[0], reference.path_ends[0]
        guess = did_you_mean(name, declared)
        help_ = f"did you mean `{guess}`?" if guess else f"declare it under `{section}`"
        message = f"there is nothing called `{name}` under `{section}`"
        place = expression.span(end - len(name), end)
        yield Diagnostic("FG203", message, place, help=help_, fix=replacing(place, guess))


def values_of(trigger: Trigger) -> Iterator[Value]:
    """The values that stand in a trigger, its `with` last."""
    match trigger:
        case Schedule():
            pass
        case Event(bus=bus):
            yield from (bus,) if bus is not None else ()
        case S3(s3=resource) | Sns(sns=resource) | Sqs(sqs=resource) | Stream(stream=resource):
            yield resource
        case Http(api=api):
            yield from (api,) if api is not None else ()
            if not isinstance(trigger.auth, str):
                yield trigger.auth.issuer
        case _:
            assert_never(trigger)
    if trigger.argument is not None:
        yield trigger.argument


def check_forms(trigger: Trigger, value: Value) -> Iterator[Diagnostic]:
    """FG513: the service that starts a workflow copies parts of the event, and evaluates nothing."""
    for expression in expressions_in(value):
        known = all(one.name == "event" or (one.name in STACK and one.path) for one in expression.syntax.references)
        if event_path(expression) is None and not stack_reference(expression) and known:
            text = expression.text
            yield Diagnostic(
                "FG513",
                f"{service(trigger)} can copy parts of an event, and can't evaluate this",
                expression.span(len(text) - len(text.lstrip()), len(text.rstrip())),
                help=_meant(text.strip()),
            )
    yield from _optional_keys(value)
    if isinstance(trigger, Http):
        yield from _request(trigger, value)


_DASHED = re.compile(r"\$event(\.[\w-]+)+")


def _meant(text: str) -> str:
    if _DASHED.fullmatch(text):
        written = re.sub(r"\.(\w*-[\w-]*)", r".`\1`", text)
        return f"a name with a dash stands in backquotes, else it is a subtraction: {written}"
    return "take the parts with paths (`$event.a.b`), and compute in the workflow's first step"


def _optional_keys(value: Value) -> Iterator[Diagnostic]:
    match value:
        case ObjectValue(members=members):
            for member in members:
                if member.optional:
                    message = "no service that starts workflows can leave a key out"
                    help_ = "hand on what it stands in, and look for it in the workflow"
                    yield Diagnostic("FG513", message, member.node.span, help=help_)
                yield from _optional_keys(member.value)
        case ListValue(items=items):
            for item in items:
                yield from _optional_keys(item)
        case _:
            pass


def _request(trigger: Http, value: Value) -> Iterator[Diagnostic]:
    """API Gateway puts a text into another without escaping it, so a caller could write fields of his own."""
    whole = isinstance(value, Expression) and event_path(value) != ()
    if whole or not any(event_path(one) is not None for one in expressions_in(value)):
        return
    yield Diagnostic(
        "FG513",
        "API Gateway can hand on the request's body or a part of it, and can't put it into something else",
        place(value),
        "parts of the request in a value of another form",
        secondary=(Label(kind_span(trigger), "this trigger"),),
        help="write `with: ${ $event.body }`, or leave `with` out",
    )


def place(value: Value) -> Span:
    """Where a value stands: of an expression, what is between the braces."""
    if isinstance(value, Expression):
        text = value.text
        return value.span(len(text) - len(text.lstrip()), len(text.rstrip()))
    return value.node.span


def service(trigger: Trigger) -> str:
    """Who starts the workflow, by the name that people know."""
    match trigger:
        case Schedule():
            return "EventBridge Scheduler"
        case Event() | S3():
            return "EventBridge"
        case Sqs() | Sns() | Stream():
            return "EventBridge Pipes"
        case Http():
            return "API Gateway"
        case _:
            assert_never(trigger)


def payload(workflow: Workflow, trigger: Trigger) -> EventPath | None:
    """The path of what of an event goes in when `with` is left out; None for a schedule, of which nothing does."""
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
    """`kinesis` or `dynamodb`; None where nothing tells."""
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
    """The logical id that a reference names."""
    if isinstance(value, Expression):
        references = value.syntax.references
        return references[0].path[0] if references and references[0].name == "resources" else None
    node = getattr(value.node, "value", None)
    text = node.text if isinstance(node, Scalar) else None
    return text.partition(".")[0] if text is not None and getattr(value, "tag", "") in ("Ref", "GetAtt") else None
