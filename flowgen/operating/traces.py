"""The trace of an execution in AWS, as `flowgen run` prints it, with the lines of the workflow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flowgen import local
from flowgen.deploying import Cloud, Refused
from flowgen.diagnostics import Diagnostic
from flowgen.local.history import Event
from flowgen.operating.executions import Execution
from flowgen.operating.map_runs import MapRun, children, map_run, map_run_arns
from flowgen.pipeline import Build
from flowgen.running.masking import Secrets, mask_execution
from flowgen.running.program import Program
from flowgen.running.recorded import BadHistory, read_events
from flowgen.running.runs import Outcome

_MOST_CHILDREN: Final = 20
"""Child executions whose histories are read."""


@dataclass(frozen=True, slots=True)
class Trace:
    """An execution with its events, and its workflow's steps with their places."""

    program: Program
    outcome: Outcome
    map_runs: tuple[MapRun, ...] = ()


def trace(cloud: Cloud, execution: Execution, builds: Iterable[Build], now: datetime, secrets: Secrets | None) -> Trace:
    """The trace of an execution. With `secrets`, they are masked; without, the trace has everything.

    `builds` are the workflows of the project, that of the execution first. Raises `Refused` (FG704) if AWS has no
    readable history.
    """
    start, events = _events(cloud, execution.arn)
    inside: dict[str, list[Event]] = {}
    _add_children(cloud, events, inside)
    runs = tuple(_map_runs(cloud, events, execution.workflow, inside))
    end = execution.ended or now
    found = local.Execution(
        execution.status,
        execution.output,
        None if execution.status == "TIMED_OUT" else execution.error,
        execution.cause,
        max((end - execution.started).total_seconds(), 0.0),
        start,
        events,
    )
    if secrets is not None:
        found, inside = mask_execution(found, inside, secrets)
    return Trace(_program(execution.workflow, builds), Outcome(found, inside), runs)


def _events(cloud: Cloud, arn: str) -> tuple[datetime, tuple[Event, ...]]:
    pages = cloud.stepfunctions.get_paginator("get_execution_history").paginate(
        executionArn=arn, includeExecutionData=True
    )
    listed: list[Any] = [event for page in pages for event in page["events"]]
    try:
        return read_events(listed)
    except BadHistory as problem:
        message = f"cannot read the history of `{arn}`"
        raise Refused(Diagnostic("FG704", message, None, notes=(str(problem),))) from None


def _add_children(cloud: Cloud, events: Iterable[Event], inside: dict[str, list[Event]]) -> None:
    """Adds the events of the executions that `events` started and waited for."""
    from botocore.exceptions import ClientError

    for arn in _started(events):
        if len(inside) >= _MOST_CHILDREN:
            return
        if arn in inside:
            continue
        try:
            _, child = _events(cloud, arn)
        except (ClientError, Refused):
            continue  # the trace shows the state without its child, for example in another account
        inside[arn] = list(child)
        _add_children(cloud, child, inside)


def _map_runs(cloud: Cloud, events: Iterable[Event], workflow: str, inside: dict[str, list[Event]]) -> Iterator[MapRun]:
    """The Map Runs of an execution. Adds the events of their child executions, failed ones first."""
    from botocore.exceptions import ClientError

    for arn in map_run_arns(events):
        try:
            run = map_run(cloud, arn)
            for child in children(cloud, arn, workflow, _MOST_CHILDREN - len(inside)):
                inside[child.arn] = list(_events(cloud, child.arn)[1])
        except (ClientError, Refused):
            continue  # the trace shows the loop without them, for example without the permission
        yield run


def _started(events: Iterable[Event]) -> Iterator[str]:
    for event in events:
        output = event.details.get("output") if event.type == "TaskSubmitted" else None
        arn = output.get("ExecutionArn") if isinstance(output, dict) else None
        if isinstance(arn, str) and ":execution:" in arn:
            yield arn


def _program(name: str, builds: Iterable[Build]) -> Program:
    """The steps of workflows with their places. If several have a step of the same name, the first counts."""
    builds = list(builds)
    from flowgen.model import every_step

    return Program(
        name,
        {},
        places={step.id: step.span_of("id") for build in reversed(builds) for step in every_step(build.workflow)},
        sources={build.found.shown: build.source.text for build in builds},
    )
