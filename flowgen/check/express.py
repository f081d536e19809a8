"""What express workflows cannot do (developer guide, "Choosing workflow type in Step Functions")."""

from __future__ import annotations

from collections.abc import Iterator

from flowgen.aws.limits import MAX_EXPRESS_SECONDS
from flowgen.check.names import tasks_of
from flowgen.diagnostics import Diagnostic, Label, Span
from flowgen.model import Alarms, Aws, Call, ForEach, Repeat, Step, Steps, Task, Wait, Workflow, every_step, walk
from flowgen.model.leaves import Duration
from flowgen.model.steps import kind_span

EXPRESS = "express"


def check_express(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG407: unsupported features in express workflows and in the express children of a distributed `for_each`."""
    if workflow.type == EXPRESS:
        why = Label(workflow.span_of("type"), "an express workflow")
        if workflow.timeout is not None:
            yield from _too_long(workflow.timeout, "runs", workflow.span_of("timeout"), why)
        yield from _alarms(workflow, why)
        if workflow.notifications is not None:
            help_ = "use an alarm, which counts executions: `alarms: {failed: {threshold: 1}}`"
            yield _tell("sends no changes of its status", workflow.span_of("notifications"), why, help_)
        yield from _steps(workflow, list(every_step(workflow)), why)
        return
    for step in every_step(workflow):
        if isinstance(step, ForEach) and step.mode == "distributed" and step.child_type == EXPRESS:
            yield from _steps(workflow, _inside(step.steps), Label(step.span_of("child_type"), "express children"))


def _alarms(workflow: Workflow, why: Label) -> Iterator[Diagnostic]:
    """Alarms that never fire: express executions cannot be stopped, and have no limit on state transitions.

    API reference, `StopExecution`; developer guide, "Step Functions service quotas".
    """
    reasons = {"aborted": "cannot be stopped", "throttled": "is never throttled"}
    for key, reason in reasons.items():
        if isinstance(workflow.alarms, Alarms) and getattr(workflow.alarms, key):
            help_ = f"remove `{key}`: express workflows have no such metric"
            yield _tell(reason, workflow.alarms.span_of(key), why, help_)


def _inside(steps: Steps) -> list[Step]:
    return list(walk(steps))


def _steps(workflow: Workflow, steps: list[Step], why: Label) -> Iterator[Diagnostic]:
    for step in steps:
        if isinstance(step, Wait) and isinstance(step.duration, Duration):
            yield from _too_long(step.duration, "waits", step.span_of("wait"), why)
        elif isinstance(step, Repeat) and step.rounds.every is not None:
            yield from _too_long(step.rounds.every, "waits", step.rounds.span_of("every"), why)
        elif isinstance(step, ForEach) and step.mode == "distributed":
            yield _tell("cannot run a distributed `for_each`", step.span_of("mode"), why, "use `mode: inline`")
        for task in tasks_of(step):
            yield from _task(workflow, task, why)


def _task(workflow: Workflow, step: Task, why: Label) -> Iterator[Diagnostic]:
    if isinstance(step, Aws) and step.action.pattern:
        yield _tell(f"cannot wait for a job (`{step.action.pattern}`)", kind_span(step), why)
    if isinstance(step, Call | Aws) and step.callback is not None:
        entry = step.node.entry("callback")
        yield _tell("cannot wait for a `callback`", step.span_of("callback") if entry is None else entry.key.span, why)
    if isinstance(step, Call):
        function = workflow.functions.get(step.function)
        if function is not None and function.activity:
            yield _tell("cannot wait for an activity", kind_span(step), why)


def _too_long(duration: Duration, what: str, span: Span, why: Label) -> Iterator[Diagnostic]:
    if duration.seconds > MAX_EXPRESS_SECONDS:
        yield Diagnostic(
            "FG407",
            f"an express workflow {what} for at most {MAX_EXPRESS_SECONDS} seconds, but this is {duration.seconds:,}",
            span,
            secondary=(why,),
        )


def _tell(what: str, span: Span, why: Label, help_: str | None = None) -> Diagnostic:
    return Diagnostic(
        "FG407",
        f"an express workflow {what}",
        span,
        secondary=(why,),
        help=help_ or "make this a standard workflow, or move the step to one",
    )
