"""The input from a trigger: names and forms in `with` (FG203, FG513), and the default without `with`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import assert_never

from flowgen.diagnostics import Diagnostic, Label, Span, did_you_mean, replacing
from flowgen.jsonata.parsing import Reference
from flowgen.model import Expression, ListValue, ObjectValue, Value, Workflow, expressions_in
from flowgen.model.triggers import S3, Event, Http, NamingTrigger, Schedule, Sns, Sqs, Stream, Trigger, kind_span
from flowgen.model.triggers.base import STACK
from flowgen.model.triggers.paths import event_path, stack_reference


def check_trigger_names(workflow: Workflow, trigger: Trigger) -> Iterator[Diagnostic]:
    """FG203: names other than `$event` and CloudFormation values, which do not exist when a workflow starts."""
    name = name_of(trigger)
    for value in values_of(trigger):
        given = value is trigger.argument or value is name
        for expression in expressions_in(value):
            for reference in expression.syntax.references:
                where = expression.span(reference.start, reference.end)
                if reference.name in STACK:
                    yield from _stack_name(workflow, expression, reference)
                elif reference.name != "event" or not given:
                    names = "`$event`, `$parameters.Name` and" if given else "`$parameters.Name` and"
                    message = f"`${reference.name}` does not exist when a workflow starts"
                    yield Diagnostic("FG203", message, where, help=f"use {names} `$resources.Name`")
            if not given and not stack_reference(expression):
                text = expression.text
                message = "the name of a resource cannot be computed"
                yield Diagnostic(
                    "FG513", message, place(value), help=f"replace `{text.strip()}` with a single reference"
                )


def _stack_name(workflow: Workflow, expression: Expression, reference: Reference) -> Iterator[Diagnostic]:
    section = reference.name
    declared = workflow.parameters if section == "parameters" else workflow.resources
    where = expression.span(reference.start, reference.end)
    if not reference.path:
        yield Diagnostic("FG203", f"`${section}` is not a value on its own", where, help=f"write `${section}.Name`")
    elif reference.path[0] not in declared:
        name, end = reference.path[0], reference.path_ends[0]
        guess = did_you_mean(name, declared)
        help_ = f"did you mean `{guess}`?" if guess else f"declare it under `{section}`"
        message = f"`{name}` is not declared under `{section}`"
        place = expression.span(end - len(name), end)
        yield Diagnostic("FG203", message, place, help=help_, fix=replacing(place, guess))


def values_of(trigger: Trigger) -> Iterator[Value]:
    """The values in a trigger, with `name` and `with` last."""
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
    yield from (value for value in (name_of(trigger), trigger.argument) if value is not None)


def name_of(trigger: Trigger) -> Value | None:
    """The name of the executions, which only some services can send."""
    return trigger.execution_name if isinstance(trigger, NamingTrigger) else None


def check_forms(trigger: Trigger, value: Value) -> Iterator[Diagnostic]:
    """FG513: expressions that a service which starts workflows cannot evaluate: it only copies parts of the event."""
    for expression in expressions_in(value):
        known = all(
            reference.name == "event" or (reference.name in STACK and reference.path)
            for reference in expression.syntax.references
        )
        if event_path(expression) is None and not stack_reference(expression) and known:
            text = expression.text
            yield Diagnostic(
                "FG513",
                f"{trigger.service} cannot evaluate this; it only copies parts of an event",
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
        return f"put a name with a dash in backquotes, otherwise it is a subtraction: {written}"
    return "pass parts as paths (`$event.a.b`), and compute in the workflow's first step"


def _optional_keys(value: Value) -> Iterator[Diagnostic]:
    match value:
        case ObjectValue(members=members):
            for member in members:
                if member.optional:
                    message = "a trigger cannot omit a key"
                    help_ = "pass on the enclosing object, and test for the field in the workflow"
                    yield Diagnostic("FG513", message, member.node.span, help=help_)
                yield from _optional_keys(member.value)
        case ListValue(items=items):
            for item in items:
                yield from _optional_keys(item)
        case _:
            pass


def _request(trigger: Http, value: Value) -> Iterator[Diagnostic]:
    """API Gateway inserts strings without escaping, so a caller could inject fields."""
    # A name needs a field: the body itself would be sent as JSON, in quotes.
    useless = ((), ("body",)) if value is name_of(trigger) else ((),)
    whole = isinstance(value, Expression) and event_path(value) not in useless
    if whole or not any(event_path(expression) is not None for expression in expressions_in(value)):
        return
    yield Diagnostic(
        "FG513",
        "API Gateway can pass on the request body or a part of it, but only by itself",
        place(value),
        "parts of the request inside another value",
        secondary=(Label(kind_span(trigger), "this trigger"),),
        help="write `name: ${ $event.body.id }`, with the field that identifies the request"
        if value is name_of(trigger)
        else "write `with: ${ $event.body }`, or remove `with`",
    )


def place(value: Value) -> Span:
    """The span of a value; for an expression, the part between the braces."""
    if isinstance(value, Expression):
        text = value.text
        return value.span(len(text) - len(text.lstrip()), len(text.rstrip()))
    return value.node.span
