"""Workflows that a task starts: they run as separate executions in the same virtual time.

`states:startExecution` starts one and continues, `.sync` and `.sync:2` wait for its end, and
`aws-sdk:sfn:startSyncExecution` runs an express one (developer guide, "Start a new state machine execution").
"""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from flowgen.asl.execution_names import LONGEST_NAME, REFUSED
from flowgen.asl.json_text import parse_data
from flowgen.asl.reserved_errors import TASK_FAILED, TIMEOUT
from flowgen.local.failures import ExecutionStopped, StateFailure
from flowgen.local.frame import Frame, Run
from flowgen.local.history import EVENT_LIMIT, Event, History, iso_time
from flowgen.local.runtime_types import Answer, Child, StartedExecution
from flowgen.local.scheduler import Effect, Receive, TimeOver
from flowgen.local.values import JSON, encode

if TYPE_CHECKING:
    from flowgen.local.frame import Identity, Observe, Runnable
    from flowgen.local.map_runs import MapRun
    from flowgen.local.scheduler import Routine

Named = TypeVar("Named")

MOST_KEPT = 1_000
"""Most child executions whose events a run keeps."""


ABORTED = "The Task state in AWS Step Functions execution [{}] which was managing this resource was aborted"
"""The cause of an execution that is aborted because the waiting task ended (measured on AWS, September 2026)."""

LONGEST_STANDARD = 365 * 86_400.0
LONGEST_EXPRESS = 300.0
"""Longest duration of an execution in seconds (developer guide, "Service quotas")."""


def child_of(
    parent: Run, identity: Identity, data: JSON, observe: Observe | None = None, map_run: MapRun[Run] | None = None
) -> Run:
    """The run of a child execution. It shares the parent's time, tasks, objects and randomness."""
    run = Run(
        identity=identity,
        input=data,
        start=parent.start,
        scheduler=parent.scheduler,
        history=History(EVENT_LIMIT),
        tasks=parent.tasks,
        objects=parent.objects,
        random=parent.random,
        mock=parent.mock,
        answer=parent.answer,
        machines=parent.machines,
        observe=observe,
        faults=parent.faults,
        caller=parent.caller,
        around=parent.around,
        stopwatch=parent.stopwatch,
        inside=parent.inside,
        client=parent.client,
        started_at=parent.scheduler.now,
        tokens=parent.tokens,
        executions=parent.executions,
        map_run=map_run,
    )
    if run.inside is not None and len(run.inside) < MOST_KEPT:
        run.inside[identity.execution_arn] = run.history.events
    return run


def longest(machine: Runnable, machine_type: str) -> float:
    """The longest duration of an execution of a machine, in seconds."""
    most = LONGEST_EXPRESS if machine_type == "EXPRESS" else LONGEST_STANDARD
    return most if machine.timeout is None else min(machine.timeout, most)


def child_limit(machine: Runnable, machine_type: str) -> float:
    """The longest duration of a child execution: infinite if the parent's limit is as strict."""
    seconds = longest(machine, machine_type)
    return math.inf if seconds >= LONGEST_STANDARD else seconds


def run_child(run: Run, machine: Runnable) -> Routine:
    """Run a machine as a child execution, or redrive it; the value is the finished `Child`."""
    resumed, run.unfinished = run.unfinished, None
    frame = Frame(run, {}, len(run.history.events), None)
    if resumed is None:
        frame.note("ExecutionStarted", {"input": run.input}, 0)
    else:
        frame.redrive()
    status, output, error, cause = "FAILED", None, None, None
    try:
        output = yield from machine.run(frame, run.input, resumed)
        status = "SUCCEEDED"
    except StateFailure as failure:
        error, cause = failure.error, failure.cause
    except TimeOver:
        status = "TIMED_OUT"
    except ExecutionStopped as stop:
        if stop.status == "ABORTED":
            raise
        error, cause = stop.error, stop.cause
    finally:
        if status != "SUCCEEDED":
            run.unfinished = frame.unfinished()
    frame.end(status, output, error, cause)
    return _finish(run, status, output, error, cause)


def _finish(run: Run, status: str, output: JSON, error: str | None, cause: str | None) -> Child:
    """Record how a child execution ended."""
    identity = run.identity
    run.finished = Child(
        identity.execution_arn,
        identity.execution,
        identity.machine_arn,
        run.input,
        status,
        output,
        error,
        cause,
        run.started_at,
        run.scheduler.now,
    )
    if run.client is not None:
        run.client.ended(run)
    return run.finished


def named_machine(machines: Mapping[str, Named], named: JSON) -> Named | None:
    """The machine that a task names by ARN or bare name, with or without a version or alias."""
    if not isinstance(named, str):
        return None
    _, _, name = named.rpartition(":stateMachine:")
    return next((machines[key] for key in (named, name, name.partition(":")[0]) if key in machines), None)


def identity_of(run: Run, arguments: Mapping[str, JSON], *, express: bool) -> Identity:
    """The names of an execution that a task starts."""
    _, _, name = str(arguments.get("StateMachineArn", "")).rpartition(":stateMachine:")
    return replace(
        run.identity,
        machine=name.partition(":")[0] or str(arguments.get("StateMachineArn")),
        execution=str(arguments.get("Name") or run.unique()),
        machine_type="EXPRESS" if express else "STANDARD",
        synchronous=express,
    )


_STARTS = frozenset(
    {
        ("states", "startExecution"),
        ("states", "startExecution.sync"),
        ("states", "startExecution.sync:2"),
        ("aws-sdk:sfn", "startExecution"),
        ("aws-sdk:sfn", "startSyncExecution"),
    }
)


def starts_workflow(service: str, action: str) -> bool:
    """Whether a service integration starts a workflow."""
    return (service, action) in _STARTS


def start_workflow(frame: Frame, service: str, action: str, arguments: JSON) -> tuple[StartedExecution | None, Answer]:
    """Start a workflow. Returns the execution that the task waits for (None: it doesn't), and the API's answer."""
    run = frame.run
    given = arguments if isinstance(arguments, Mapping) else {}
    named = given.get("StateMachineArn")
    machine = named_machine(run.machines, named)
    if machine is None:
        return None, Answer(0.0, failure=_no_such_machine(run, service, named))
    data = given.get("Input")
    if isinstance(data, str):
        try:
            data = parse_data(data)
        except ValueError:
            error = (
                "Sfn.InvalidExecutionInputException" if service != "states" else "StepFunctions.InvalidExecutionInput"
            )
            return None, Answer(0.0, failure=StateFailure(error, "Invalid State Machine Execution Input"))
    data = {} if data is None else data
    express = action == "startSyncExecution"
    identity = identity_of(run, given, express=express)
    wrong = _wrong_name(run, service, given.get("Name"))
    if wrong is not None:
        return None, Answer(0.0, failure=wrong)
    waits = action != "startExecution"
    before = None if express else run.executions.get(identity.execution_arn)
    if before is not None:
        # API reference, StartExecution: idempotent while an execution with the same name and input runs.
        if before.child is not None or before.input != encode(data):
            return None, Answer(0.0, failure=_name_is_taken(run, service, identity))
        return before if waits else None, Answer(0.0, value=before.answer, text=encode(before.answer))
    answer: dict[str, JSON] = {
        "ExecutionArn": identity.execution_arn,
        "StartDate": iso_time(run.start, run.scheduler.now),
    }
    started = StartedExecution(encode(data), answer)
    if not express:
        run.executions[identity.execution_arn] = started
    child = child_of(run, identity, data)
    if run.client is not None:
        run.client.started(child)
    routine, limit = _reporting(child, machine, started), child_limit(machine, identity.machine_type)
    if waits:
        cause = ABORTED.format(run.identity.execution_arn)
        started.process = run.scheduler.start(routine, limit, lambda: abort(child, cause))
    else:
        run.scheduler.detach(routine, limit)
    return started if waits else None, Answer(0.0, value=answer, text=encode(answer))


def _reporting(run: Run, machine: Runnable, started: StartedExecution) -> Routine:
    """Run an execution, and send its end to the tasks that wait for it."""
    started.child = yield from run_child(run, machine)
    for key in started.waiting:
        run.scheduler.send(key, started.child)


def abort(run: Run, cause: str | None) -> None:
    """Record that a child execution was aborted with its parent."""
    details: dict[str, JSON] = {} if cause is None else {"cause": cause}
    run.history.events.append(Event("ExecutionAborted", run.scheduler.now, 0, details))
    _finish(run, "ABORTED", None, None, cause)


def workflow_answer(
    frame: Frame, action: str, started: StartedExecution, seconds: float
) -> Generator[Effect, Any, Answer]:
    """The answer to a task that waits for a workflow. After `seconds` the workflow is aborted.

    For an express workflow the API's answer contains the failure.
    """
    child = started.child
    if child is None:
        key = f"{started.answer['ExecutionArn']}#{len(started.waiting)}"
        started.waiting.append(key)
        message = yield Receive(key, seconds)
        if message is None:
            if started.process is not None:
                frame.scheduler.cancel(started.process)
            return Answer(0.0, failure=StateFailure(TIMEOUT))
        child = message[0]
    if action == "startSyncExecution":
        described = child.answered(frame.run.start)
    else:
        described = child.described(frame.run.start, parsed=child.succeeded and action.endswith(".sync:2"))
        if not child.succeeded:
            return Answer(0.0, failure=StateFailure(TASK_FAILED, encode(described)))
    return Answer(0.0, value=described, text=encode(described))


def _name_is_taken(run: Run, service: str, identity: Identity) -> StateFailure:
    return _refusal(run, service, "ExecutionAlreadyExists", f"Execution Already Exists: '{identity.execution_arn}'")


def _wrong_name(run: Run, service: str, name: JSON) -> StateFailure | None:
    """The failure of a name that the API does not accept. Its error is derived from the API's model, not measured."""
    if not isinstance(name, str):
        return None
    if not 0 < len(name) <= LONGEST_NAME:
        least = "less than or equal to 80" if name else "greater than or equal to 1"
        message = (
            f"1 validation error detected: Value '{name}' at 'name' failed to satisfy constraint: "
            f"Member must have length {least}"
        )
        return _refusal(run, service, "ValidationException", message)
    return _refusal(run, service, "InvalidName", f"Invalid Name: '{name}'") if REFUSED.search(name) else None


def _refusal(run: Run, service: str, code: str, message: str) -> StateFailure:
    """The failure of a call of the Step Functions API, in the form of each integration."""
    if service == "states":
        error = (
            "StepFunctions.AWSStepFunctionsException"
            if code.endswith("Exception")
            else f"StepFunctions.{code}Exception"
        )
        where = (
            f"Service: AWSStepFunctions; Status Code: 400; Error Code: {code}; Request ID: {run.unique()}; Proxy: null"
        )
        return StateFailure(error, f"{message} ({where})")
    error = "Sfn.SfnException" if code.endswith("Exception") else f"Sfn.{code}Exception"
    return StateFailure(error, f"{message} (Service: Sfn, Status Code: 400, Request ID: {run.unique()})")


def _no_such_machine(run: Run, service: str, named: JSON) -> StateFailure:
    request = run.unique()
    if service == "states":
        return StateFailure(
            "StepFunctions.StateMachineDoesNotExistException",
            f"State Machine Does Not Exist: '{named}' (Service: AWSStepFunctions; Status Code: 400; Error Code: "
            f"StateMachineDoesNotExist; Request ID: {request}; Proxy: null)",
        )
    return StateFailure(
        "Sfn.StateMachineDoesNotExistException",
        f"State Machine Does Not Exist: '{named}' (Service: Sfn, Status Code: 400, Request ID: {request})",
    )
