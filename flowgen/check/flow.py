"""Control flow: what can't be reached, and error lists whose order makes no sense."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flowgen.check.names import retry_of
from flowgen.diagnostics import Diagnostic, Label
from flowgen.model import Catcher, Retrier, Step, Workflow, bodies_of, catchers_of, every_step
from flowgen.model.flow import completes
from flowgen.model.steps import ANY_ERROR


def check_reachable(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG206: a step after one that always ends the workflow never runs."""
    yield from _unreachable(workflow.steps)
    for catcher in workflow.catch:
        yield from _unreachable(catcher.steps or ())
    for handler in workflow.handlers.values():
        yield from _unreachable(handler.steps)


def _unreachable(steps: tuple[Step, ...]) -> Iterator[Diagnostic]:
    for index, step in enumerate(steps):
        for body in bodies_of(step):
            yield from _unreachable(body)
        if not completes(step) and index + 1 < len(steps):
            after = steps[index + 1]
            yield Diagnostic(
                "FG206",
                f"`{after.id}` can't be reached",
                after.span_of("id"),
                "never runs",
                secondary=(Label(step.span_of("id"), "this step always ends the workflow"),),
            )
            return


def check_order_of_errors(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG210: Step Functions takes `States.ALL` only alone, and only at the end of a list."""
    retries = [function.retry for function in workflow.functions.values()]
    retries += [workflow.defaults.retry] if workflow.defaults else []
    for step in every_step(workflow):
        yield from _order(catchers_of(step))
        retries.append(retry_of(step))
    yield from _order(workflow.catch)
    for retry in retries:
        yield from _order(retry or ())


def _order(entries: Sequence[Catcher | Retrier]) -> Iterator[Diagnostic]:
    for index, entry in enumerate(entries):
        errors = entry.errors if entry.errors is not None else (ANY_ERROR,)
        if ANY_ERROR not in errors and "States.ALL" not in errors:
            continue
        span = entry.span_of("errors")
        if len(errors) > 1:
            yield Diagnostic(
                "FG210",
                "every error is meant here, so the other names say nothing",
                span,
                help=f"write `[{ANY_ERROR}]`",
            )
        if index + 1 < len(entries):
            yield Diagnostic(
                "FG210",
                "this takes every error, so those after it are never looked at",
                span,
                secondary=(Label(entries[index + 1].node.span, "never looked at"),),
                help="put it last",
            )
