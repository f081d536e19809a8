"""AWS's limits, as far as a single workflow can be seen to break them."""

from __future__ import annotations

from collections.abc import Iterator

from flowgen.aws.limits import DEFAULT_INTERVAL_SECONDS, MAX_DELAY_SECONDS, MAX_LAMBDA_SECONDS, MAX_SECONDS
from flowgen.diagnostics import Diagnostic, Span
from flowgen.model import Call, Retrier, Wait, Workflow, walk
from flowgen.model.leaves import Duration


def check_limits(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG402: waits, timeouts and retries that Step Functions or Lambda refuses."""
    yield from _timeout(workflow.timeout, workflow.span_of("timeout"))
    for step in walk(workflow.steps):
        if isinstance(step, Wait) and isinstance(step.duration, Duration):
            yield from _longest(step.duration, MAX_SECONDS, "a wait", step.span_of("wait"))
        elif isinstance(step, Call):
            yield from _timeout(step.timeout, step.span_of("timeout"))
            yield from _retries(step.retry)
    if workflow.defaults is not None:
        yield from _timeout(workflow.defaults.timeout, workflow.defaults.span_of("timeout"))
        yield from _retries(workflow.defaults.retry)
        sizing = workflow.defaults.function
        if sizing is not None and sizing.timeout is not None:
            yield from _lambda(sizing.timeout, sizing.span_of("timeout"))
    for function in workflow.functions.values():
        yield from _retries(function.retry)
        if function.timeout is not None:
            yield from _lambda(function.timeout, function.span_of("timeout"))


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
                yield Diagnostic("FG402", "the longest interval must be above the first interval", span)


def _timeout(timeout: Duration | None, span: Span) -> Iterator[Diagnostic]:
    if timeout is not None:
        yield from _at_least_one(timeout, "a timeout", span)
        yield from _longest(timeout, MAX_SECONDS, "a timeout", span)


def _lambda(timeout: Duration, span: Span) -> Iterator[Diagnostic]:
    yield from _at_least_one(timeout, "a function's timeout", span)
    yield from _longest(timeout, MAX_LAMBDA_SECONDS, "a function's timeout", span)


def _at_least_one(duration: Duration, what: str, span: Span) -> Iterator[Diagnostic]:
    if duration.seconds < 1:
        yield Diagnostic("FG402", f"{what} is at least one second", span)


def _longest(duration: Duration, most: int, what: str, span: Span) -> Iterator[Diagnostic]:
    if duration.seconds > most:
        yield Diagnostic("FG402", f"{what} is at most {most:,} seconds in AWS, and this is {duration.seconds:,}", span)
