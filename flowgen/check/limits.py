"""AWS's limits that a single workflow exceeds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import assert_never

from flowgen.aws.limits import (
    DEFAULT_INTERVAL_SECONDS,
    MAX_DEFINITION_BYTES,
    MAX_DELAY_SECONDS,
    MAX_LAMBDA_SECONDS,
    MAX_PAYLOAD_BYTES,
    MAX_SECONDS,
)
from flowgen.check.names import tasks, tasks_of
from flowgen.diagnostics import Diagnostic, Span
from flowgen.model import (
    Expression,
    Interpolation,
    Intrinsic,
    ListValue,
    Literal,
    ObjectValue,
    Repeat,
    Retrier,
    Retryable,
    Step,
    Steps,
    Value,
    Wait,
    Workflow,
    catchers_of,
    every_step,
    retriers_of,
    undoing_of,
)
from flowgen.model.expressions import values_of
from flowgen.model.functions import Defaults, TaskDefaults
from flowgen.model.leaves import Duration
from flowgen.model.quantities import Seconds


def check_limits(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG402: waits, timeouts, retries and values that Step Functions or Lambda rejects."""
    yield from _timeout(workflow.timeout, workflow.span_of("timeout"))
    for step in every_step(workflow):
        if isinstance(step, Wait) and isinstance(step.duration, Duration):
            yield from _longest(step.duration, MAX_SECONDS, "a wait", step.span_of("wait"))
        elif isinstance(step, Repeat) and isinstance(step.rounds.every, Duration):
            yield from _at_least_one(step.rounds.every, "the wait between rounds", step.rounds.span_of("every"))
            yield from _longest(step.rounds.every, MAX_SECONDS, "a wait", step.rounds.span_of("every"))
        undoing = undoing_of(step)
        for part in (step,) if undoing is None else (step, undoing):
            yield from _retries(retriers_of(part))
            yield from _values(part)
    for task in tasks(workflow):
        yield from _timeout(task.timeout, task.span_of("timeout"))
        yield from _timeout(task.heartbeat, task.span_of("heartbeat"))
        timeout, heartbeat = task.timeout, task.heartbeat
        if isinstance(timeout, Duration) and isinstance(heartbeat, Duration) and heartbeat.seconds >= timeout.seconds:
            yield Diagnostic("FG402", "a heartbeat must be shorter than the timeout", task.span_of("heartbeat"))
    if workflow.defaults is not None:
        everything: list[Defaults | TaskDefaults] = [workflow.defaults]
        everything += [one for _, one in workflow.defaults.of_kinds()]
        for defaults in everything:
            yield from _timeout(defaults.timeout, defaults.span_of("timeout"))
            yield from _retries(defaults.retry)
        sizing = workflow.defaults.function
        if sizing is not None and sizing.timeout is not None:
            yield from _lambda(sizing.timeout, sizing.span_of("timeout"))
    for function in workflow.functions.values():
        yield from _retries(function.retry)
        if function.timeout is not None:
            yield from _lambda(function.timeout, function.span_of("timeout"))


_SHORTEST_CATCHER = len('{"ErrorEquals":["E"],"Next":"s"}')


def check_catchers(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG402: catchers that alone make the definition too large.

    Each state has the catchers of all enclosing groups, so a file can expand to very many. They are counted before any
    is created.
    """
    if _carried(workflow.steps, len(workflow.catch)) * _SHORTEST_CATCHER > MAX_DEFINITION_BYTES:
        yield Diagnostic(
            "FG402",
            f"the catchers of `{workflow.name}` alone exceed AWS's limit of {MAX_DEFINITION_BYTES:,} bytes",
            workflow.span_of("name"),
            help="move some of its steps into separate workflows, and run these with `workflow`",
        )


def _carried(steps: Steps, around: int) -> int:
    """The number of catchers on the states of some steps, including `around` from the enclosing steps."""
    carried = 0
    for step in steps:
        inside = around + len(catchers_of(step))
        if isinstance(step, Retryable):
            carried += inside
        carried += sum(_carried(body.steps, inside) for body in step.bodies() if not body.apart)
        carried += sum(_carried(catcher.steps or (), around) for catcher in catchers_of(step))
    return carried


def check_definition(workflow: Workflow, definition: str) -> Iterator[Diagnostic]:
    """FG402: compiled state machines whose JSON is too large."""
    size = len(definition.encode("utf-8"))
    if size > MAX_DEFINITION_BYTES:
        yield Diagnostic(
            "FG402",
            f"the state machine of `{workflow.name}` has {size:,} bytes; AWS's limit is {MAX_DEFINITION_BYTES:,}",
            workflow.span_of("name"),
            help="move some of its steps into separate workflows, and run these with `workflow`",
        )


def _values(step: Step) -> Iterator[Diagnostic]:
    for task in (step, *tasks_of(step)):
        for value in values_of(task):
            size = _bytes(value)
            if size > MAX_PAYLOAD_BYTES:
                yield Diagnostic(
                    "FG402",
                    f"this value has at least {size:,} bytes; AWS's limit is {MAX_PAYLOAD_BYTES:,}",
                    value.node.span,
                    help="store it in S3 and pass on its key",
                )


def _bytes(value: Value) -> int:
    """The minimum size of a value as JSON, without the values of expressions."""
    match value:
        case Literal(value=literal):
            return len(json.dumps(literal, ensure_ascii=False).encode("utf-8"))
        case Interpolation(parts=parts):
            return 2 + sum(len(part.encode("utf-8")) for part in parts if isinstance(part, str))
        case ListValue(items=items):
            return 2 + sum(_bytes(item) for item in items) + max(0, len(items) - 1)
        case ObjectValue(members=members):
            kept = [member for member in members if not member.optional]
            sizes = (len(member.key.encode("utf-8")) + 3 + _bytes(member.value) for member in kept)
            return 2 + sum(sizes) + max(0, len(kept) - 1)
        case Expression() | Intrinsic():
            return 0
        case _:
            assert_never(value)


def _retries(retry: tuple[Retrier, ...] | None) -> Iterator[Diagnostic]:
    for retrier in retry or ():
        if retrier.interval is not None:
            span = retrier.span_of("interval")
            yield from _at_least_one(retrier.interval, "the interval of a retry", span)
            yield from _longest(retrier.interval, MAX_SECONDS, "the interval of a retry", span)
        if retrier.max_interval is not None:
            span = retrier.span_of("max_interval")
            yield from _at_least_one(retrier.max_interval, "the longest interval of a retry", span)
            yield from _longest(retrier.max_interval, MAX_DELAY_SECONDS, "the longest interval of a retry", span)
            first = DEFAULT_INTERVAL_SECONDS if retrier.interval is None else retrier.interval.seconds
            if retrier.max_interval.seconds <= first:
                yield Diagnostic("FG402", "the longest interval must be longer than the first interval", span)


def _timeout(timeout: Seconds | None, span: Span) -> Iterator[Diagnostic]:
    if isinstance(timeout, Duration):
        yield from _at_least_one(timeout, "a timeout", span)
        yield from _longest(timeout, MAX_SECONDS, "a timeout", span)


def _lambda(timeout: Duration, span: Span) -> Iterator[Diagnostic]:
    yield from _at_least_one(timeout, "a function's timeout", span)
    yield from _longest(timeout, MAX_LAMBDA_SECONDS, "a function's timeout", span)


def _at_least_one(duration: Duration, what: str, span: Span) -> Iterator[Diagnostic]:
    if duration.seconds < 1:
        yield Diagnostic("FG402", f"{what} must be at least one second", span)


def _longest(duration: Duration, most: int, what: str, span: Span) -> Iterator[Diagnostic]:
    if duration.seconds > most:
        yield Diagnostic(
            "FG402", f"{what} can be at most {most:,} seconds in AWS, but this is {duration.seconds:,}", span
        )
