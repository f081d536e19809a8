"""Workflows that a task starts: run as executions of their own, within the same virtual time.

`states:startExecution` starts one and goes on, `.sync` and `.sync:2` wait for its end, `aws-sdk:sfn:startSyncExecution`
runs an express one (developer guide, "Start a new state machine execution").
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from flowgen.local.failures import ExecutionStopped, StateFailure
from flowgen.local.frame import Frame, Run
from flowgen.local.history import EVENT_LIMIT, History, iso_time
from flowgen.local.tasks import Answer
from flowgen.local.values import JSON, encode

if TYPE_CHECKING:
    from flowgen.local.frame import Identity, Observe
    from flowgen.local.machine import Machine
    from flowgen.local.scheduler import Routine

Named = TypeVar("Named")

MOST_KEPT = 1_000
"""Executions whose events are kept for who wants to see inside."""


@dataclass(frozen=True, slots=True)
class Child:
    """An execution inside of another, as it ended."""

    arn: str
    name: str
    machine_arn: str
    input: JSON
    output: JSON
    failure: StateFailure | None
    started: float
    stopped: float

    @property
    def status(self) -> str:
        """SUCCEEDED or FAILED."""
        return "SUCCEEDED" if self.failure is None else "FAILED"

    def described(self, run: Run, *, parsed: bool) -> dict[str, JSON]:
        """The execution as DescribeExecution tells it; `parsed` has input and output as values, not as JSON texts."""
        described: dict[str, JSON] = {
            "ExecutionArn": self.arn,
            "Input": self.input if parsed else encode(self.input),
            "InputDetails": {"Included": True},
            "Name": self.name,
            "StartDate": _millis(run, self.started),
            "StateMachineArn": self.machine_arn,
            "Status": self.status,
            "StopDate": _millis(run, self.stopped),
        }
        if self.failure is None:
            described["Output"] = self.output if parsed else encode(self.output)
            described["OutputDetails"] = {"Included": True}
        else:
            told = {"Error": self.failure.error, "Cause": self.failure.cause}
            described |= {name: text for name, text in told.items() if text is not None}
        return described

    def started_at(self, run: Run) -> str:
        """When it started, as ISO 8601."""
        return iso_time(run.start, self.started)

    def stopped_at(self, run: Run) -> str:
        """When it ended, likewise."""
        return iso_time(run.start, self.stopped)


def _millis(run: Run, seconds: float) -> int:
    return int((run.start + timedelta(seconds=seconds)).timestamp() * 1000)


def run_child(parent: Run, machine: Machine, identity: Identity, data: JSON, observe: Observe | None = None) -> Routine:
    """The `Child` that a machine's execution comes to; it shares the parent's time, tasks, objects and randomness."""
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
        stopwatch=parent.stopwatch,
        inside=parent.inside,
        started_at=parent.scheduler.now,
        tokens=parent.tokens,
    )
    if run.inside is not None and len(run.inside) < MOST_KEPT:
        run.inside[identity.execution_arn] = run.history.events
    frame = Frame(run, {}, 0, None)
    frame.note("ExecutionStarted", {"input": data}, 0)
    output: JSON = None
    failure: StateFailure | None = None
    try:
        output = yield from machine.run(frame, data)
    except StateFailure as inner:
        failure = inner
    except ExecutionStopped as stop:
        if stop.status == "ABORTED":
            raise
        failure = StateFailure(stop.error, stop.cause)
    stopped = parent.scheduler.now
    return Child(
        identity.execution_arn,
        identity.execution,
        identity.machine_arn,
        data,
        output,
        failure,
        run.started_at,
        stopped,
    )


def named_machine(machines: Mapping[str, Named], named: JSON) -> Named | None:
    """The machine that a task names by its ARN or its bare name, with or without a version or alias."""
    if not isinstance(named, str):
        return None
    _, _, name = named.rpartition(":stateMachine:")
    return next((machines[key] for key in (named, name, name.partition(":")[0]) if key in machines), None)


def identity_of(run: Run, arguments: Mapping[str, JSON], *, express: bool) -> Identity:
    """The names of an execution that a task starts."""
    _, _, name = str(arguments.get("StateMachineArn", "")).rpartition(":stateMachine:")
    return replace(
        run.identity,
        machine=name or str(arguments.get("StateMachineArn")),
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


def start_workflow(frame: Frame, service: str, action: str, arguments: JSON) -> tuple[str | None, Answer]:
    """Starts a workflow: the key under which its `Child` will be sent (None: nobody waits), and the API's answer."""
    run = frame.run
    given = arguments if isinstance(arguments, Mapping) else {}
    named = given.get("StateMachineArn")
    machine = named_machine(run.machines, named)
    if machine is None:
        return None, Answer(0.0, failure=_no_such_machine(run, service, named))
    data = given.get("Input")
    if isinstance(data, str):
        try:
            data = json.loads(data)
        except ValueError:
            error = (
                "Sfn.InvalidExecutionInputException" if service != "states" else "StepFunctions.InvalidExecutionInput"
            )
            return None, Answer(0.0, failure=StateFailure(error, "Invalid State Machine Execution Input"))
    identity = identity_of(run, given, express=action == "startSyncExecution")
    routine = run_child(run, machine, identity, {} if data is None else data)
    started: dict[str, JSON] = {
        "ExecutionArn": identity.execution_arn,
        "StartDate": iso_time(run.start, run.scheduler.now),
    }
    answer = Answer(0.0, value=started, text=encode(started))
    if action == "startExecution":
        run.scheduler.detach(routine)
        return None, answer
    run.scheduler.start(routine, identity.execution_arn)
    return identity.execution_arn, answer


def workflow_answer(frame: Frame, action: str, child: Child) -> Answer:
    """What a task gets of a workflow that it waited for: an express one's failure is part of the API's answer."""
    described = child.described(frame.run, parsed=action.endswith(".sync:2"))
    if child.failure is not None and action != "startSyncExecution":
        return Answer(0.0, failure=StateFailure("States.TaskFailed", encode(described)))
    return Answer(0.0, value=described, text=encode(described))


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
