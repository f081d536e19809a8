"""Control flow: unreachable steps, loops that never end, and error lists in a wrong order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flowgen.diagnostics import Diagnostic, Label, Span
from flowgen.model import (
    Break,
    Catcher,
    Continue,
    Expression,
    Fail,
    Match,
    Repeat,
    Retrier,
    Return,
    Step,
    Steps,
    Switch,
    Workflow,
    bodies_of,
    catchers_of,
    every_step,
    retriers_of,
    undoing_of,
    walk,
)
from flowgen.model.flow import completes, completes_when_run
from flowgen.model.raised import LIMIT_EXCEEDED
from flowgen.model.steps import ANY_ERROR


def check_reachable(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG206: steps that never run, after a step that always ends the workflow or behind a false condition."""
    yield from _unreachable(workflow.steps)
    for catcher in workflow.catch:
        yield from _unreachable(catcher.steps or ())
    for handler in workflow.handlers.values():
        yield from _unreachable(handler.steps)
    for step in every_step(workflow):
        if _constant(step.condition) is False and step.condition is not None:
            yield _never(f"`{step.id}` is unreachable", step.condition.node.span)
        if isinstance(step, Switch):
            yield from _dead_branches(step)
        elif isinstance(step, Match):
            yield from _both_booleans(step)


def _unreachable(steps: Steps) -> Iterator[Diagnostic]:
    told = False
    for index, step in enumerate(steps):
        for body in bodies_of(step):
            yield from _unreachable(body)
        if not told and index + 1 < len(steps) and not completes(step):
            told = True
            after = steps[index + 1]
            yield Diagnostic(
                "FG206",
                f"`{after.id}` is unreachable",
                after.span_of("id"),
                "never runs",
                secondary=(Label(step.span_of("id"), _why(step)),),
            )
        if told:
            return


def _why(step: Step) -> str:
    match step:
        case Return() | Fail():
            return "this step always ends the workflow"
        case Break() | Continue():
            return "this step always jumps elsewhere"
        case Repeat():
            return "this loop never ends"
        case _:
            return "this step never continues with the next"


def _constant(expression: Expression | None) -> bool | None:
    return {"true": True, "false": False}.get(expression.text.strip()) if expression is not None else None


def _dead_branches(step: Switch) -> Iterator[Diagnostic]:
    taken: Span | None = None
    for rule in step.rules:
        if taken is not None:
            yield _never("this rule is never reached", rule.when.node.span, taken)
        elif _constant(rule.when) is False:
            yield _never("this rule never applies", rule.when.node.span)
        elif _constant(rule.when) is True:
            taken = rule.when.node.span
    entry = step.node.entry("else")
    if taken is not None and entry is not None:
        yield _never("this `else` never runs", entry.key.span, taken)


def _both_booleans(step: Match) -> Iterator[Diagnostic]:
    """An `else` after both `true` and `false`."""
    entry = step.node.entry("else")
    values = [case.value for case in step.cases]
    booleans = {value for value in values if isinstance(value, bool)}
    if entry is not None and booleans == {True, False} and len(values) == len(booleans):
        yield _never("this `else` never runs", entry.key.span, help_="a boolean is `true` or `false`")


def _never(message: str, span: Span, taken: Span | None = None, help_: str | None = None) -> Diagnostic:
    secondary = () if taken is None else (Label(taken, "this rule always applies"),)
    return Diagnostic("FG206", message, span, "never runs", secondary=secondary, help=help_)


def check_loops(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG214 and FG215: loops without an end, or without a limit."""
    for step in every_step(workflow):
        if not isinstance(step, Repeat):
            continue
        if step.rounds.most is None:
            yield Diagnostic(
                "FG215",
                "this loop has no limit",
                step.rounds.span_of("max"),
                notes=("an execution ends after a year, or after 25,000 events in its history",),
                help="set `max` to a number of rounds you never expect to reach",
            )
        if not _has_way_out(step):
            bounded = step.rounds.most is not None
            yield Diagnostic(
                "FG214",
                f"this loop can only end with `{LIMIT_EXCEEDED}`" if bounded else "this loop never ends",
                step.span_of("id"),
                "no exit",
                help=f"write `until` or `while`, use `break`{', or catch the error' if bounded else ''}",
            )


def _has_way_out(step: Repeat) -> bool:
    rounds = step.rounds
    if completes_when_run(step) or (rounds.most is not None and step.catch):
        return True
    inside = {inner.id for inner in walk(step.steps)}
    return any(
        isinstance(inner, Return | Fail)
        or (isinstance(inner, Break | Continue) and inner.target is not None and inner.target not in {*inside, step.id})
        for inner in walk(step.steps)
    )


def check_order_of_errors(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG210: Step Functions accepts `States.ALL` only on its own and at the end of a list."""
    retries = [function.retry for function in workflow.functions.values()]
    if workflow.defaults is not None:
        retries += [workflow.defaults.retry, *(defaults.retry for _, defaults in workflow.defaults.of_kinds())]
    for step in every_step(workflow):
        yield from _order(catchers_of(step))
        retries.append(retriers_of(step))
        undoing = undoing_of(step)
        if undoing is not None:
            yield from _order(undoing.catch)
            retries.append(undoing.retry)
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
                "this matches every error, so the other names have no effect",
                span,
                help=f"write `[{ANY_ERROR}]`",
            )
        if index + 1 < len(entries):
            yield Diagnostic(
                "FG210",
                "this matches every error, so later entries are never reached",
                span,
                secondary=(Label(entries[index + 1].node.span, "never reached"),),
                help="move it to the end",
            )
