"""The state of one execution (`Run`), and of each thread of control in it (`Frame`)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, TypeAlias

from flowgen.asl.reserved_errors import RUNTIME, TIMEOUT
from flowgen.jsonata.aws_functions import Environment
from flowgen.jsonata.evaluate import Shared
from flowgen.local.failures import StateFailure
from flowgen.local.history import Event, History, iso_time
from flowgen.local.redrive import Part, Unfinished
from flowgen.local.values import JSON

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping, MutableMapping
    from contextlib import AbstractContextManager

    from flowgen.local.call_limits import Caller
    from flowgen.local.faults import Faults
    from flowgen.local.map_runs import MapRun
    from flowgen.local.runtime_types import Child, Function, Request, StartedExecution, Task, TaskTable
    from flowgen.local.scheduler import Routine, Scheduler

START = datetime(2026, 1, 1, tzinfo=UTC)
"""The default start of the virtual clock, fixed so that the same run returns the same bytes."""

Observe: TypeAlias = "Callable[[str, str, int], None]"
"""Called with each part of a definition that is used: its kind, its state, and its index in the state.

The kinds are "state" (index 0), "rule" of a Choice (-1: the default), "retrier" and "catcher".
"""

REMEMBERED = 16
"""Sets of large values that a run keeps in converted form."""

QUERY_ERROR = "States.QueryEvaluationError"

ABORTABLE = frozenset({"Map", "Parallel", "Task", "Wait"})
"""Kinds of states that take time and can be aborted (API reference, `HistoryEvent`: the types `*StateAborted`)."""

_END_EVENTS = {"FAILED": "ExecutionFailed", "ABORTED": "ExecutionAborted"}

_new_event = tuple.__new__


@dataclass(frozen=True, slots=True)
class Identity:
    """The names of an execution in its context object and events."""

    account: str = "111111111111"
    region: str = "us-east-1"
    machine: str = "StateMachine"
    execution: str = "execution"
    machine_type: str = "STANDARD"
    synchronous: bool = False
    role: str = "StepFunctionsRole"

    @property
    def machine_arn(self) -> str:
        return f"arn:aws:states:{self.region}:{self.account}:stateMachine:{self.machine}"

    @property
    def execution_arn(self) -> str:
        if self.machine_type == "EXPRESS":
            prefix = f"arn:aws:states:{self.region}:{self.account}:express:{self.machine}:{self.execution}"
            return f"{prefix}:{uuid.uuid5(uuid.NAMESPACE_OID, prefix)}"
        return f"arn:aws:states:{self.region}:{self.account}:execution:{self.machine}:{self.execution}"

    @property
    def role_arn(self) -> str:
        return self.role if self.role.startswith("arn:") else f"arn:aws:iam::{self.account}:role/{self.role}"


@dataclass(slots=True)
class Run:
    """A running execution: the data that its states share.

    `executions` are the standard executions that tasks started, by ARN, `map_runs` its own Map runs. A child execution
    has its `map_run`, and how it `finished` or where it stopped (`unfinished`).
    """

    identity: Identity
    input: JSON
    start: datetime
    scheduler: Scheduler
    history: History
    tasks: TaskTable
    objects: MutableMapping[str, str]
    random: random.Random
    mock: Callable[[Request], Task | Function | None] | None = None
    answer: Callable[[Request], Task | None] | None = None
    machines: Mapping[str, Runnable] = field(default_factory=dict)
    observe: Observe | None = None
    faults: Faults | None = None
    caller: Caller | None = None
    stopwatch: Callable[[], float] | None = None
    around: Callable[[str], AbstractContextManager[None]] | None = None
    inside: dict[str, list[Event]] | None = None
    client: Client | None = None
    started_at: float = 0.0
    assigned: int = 0
    tokens: set[str] = field(default_factory=set)
    executions: dict[str, StartedExecution] = field(default_factory=dict)
    map_run: MapRun[Run] | None = None
    map_runs: list[MapRun[Run]] = field(default_factory=list)
    finished: Child | None = None
    unfinished: Unfinished | None = None
    redrives: int = 0
    _shared: dict[tuple[tuple[str, int], ...], tuple[dict[str, JSON], Shared | None]] = field(default_factory=dict)
    environment: Environment = field(init=False)
    execution: dict[str, JSON] = field(init=False)
    state_machine: dict[str, JSON] = field(init=False)

    def __post_init__(self) -> None:
        scheduler, epoch = self.scheduler, int(self.start.timestamp() * 1000)
        self.environment = Environment(self.random, lambda: epoch + int(scheduler.now * 1000))
        self.execution = {
            "Id": self.identity.execution_arn,
            "Input": self.input,
            "Name": self.identity.execution,
            "RoleArn": self.identity.role_arn,
            "StartTime": iso_time(self.start, self.started_at),
        }
        if not self.identity.synchronous:
            self.execution["RedriveCount"] = 0
        self.state_machine = {"Id": self.identity.machine_arn, "Name": self.identity.machine}

    def shared(self, values: dict[str, JSON]) -> Shared | None:
        """Large values in the form that evaluations share, or None the first time: one use is not worth a conversion.

        The most recent sets of values are kept by identity.
        """
        key = tuple((slot, id(value)) for slot, value in values.items())
        known = self._shared.get(key)
        if known is None:
            while len(self._shared) >= REMEMBERED:
                del self._shared[next(iter(self._shared))]
            # Keep the values, so that no other object gets their identity.
            self._shared[key] = (values, None)
            return None
        if known[1] is None:
            known = self._shared[key] = (values, Shared(values, self.environment))
        return known[1]

    def new_token(self) -> str:
        """A new task token."""
        token = self.unique()
        self.tokens.add(token)
        return token

    def unique(self) -> str:
        """A new id in the form of a UUID, the same in every run with the same seed."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))


@dataclass(slots=True)
class Trial:
    """A single state under test: the result of its sub-workflows, and the data between its fields (`inspection`).

    `context` replaces the context object. Causes come without their introduction.
    """

    result: JSON = None
    failure: StateFailure | None = None
    context: dict[str, JSON] | None = None
    items: list[JSON] | None = None
    failed_iterations: int = 0
    inspection: dict[str, JSON] = field(default_factory=dict)

    def outcome(self) -> JSON:
        """The result of the sub-workflows. Raises their `StateFailure`."""
        if self.failure is not None:
            raise self.failure
        return self.result


class Client(Protocol):
    """Whoever started an execution through the API: answers task tokens, and works on activities."""

    def offer(self, activity: str, token: str, input: JSON) -> None:  # noqa: A002 - the API's name
        """Hand a task of an activity to a worker. The worker's messages arrive under the token."""

    def withdraw(self, activity: str, token: str) -> None:
        """The task has ended, so no worker may get it any more."""

    def started(self, run: Run) -> None:
        """A child execution starts or is redriven."""

    def ended(self, run: Run) -> None:
        """A child execution has ended (`run.finished`)."""


class Enterable(Protocol):
    """A compiled state, as far as a frame records it. `entered` is the type of the event."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def entered(self) -> str: ...


class Runnable(Protocol):
    """A compiled machine. `timeout` is the longest time that an execution may take, in seconds."""

    @property
    def timeout(self) -> float | None: ...

    def run(self, frame: Frame, data: JSON, resumed: Unfinished | None = None) -> Routine:
        """The output of the machine, from its start or from where it stopped. Raises a `StateFailure` not caught."""


class Frame:
    """One thread of control: the states of the machine, of a branch, or of an iteration.

    `variables` is replaced, never changed, so that forked frames keep their values. `light` is the last value known to
    be small. `branches` are the running branches and iterations by index, `inner` those that ended. `iteration` has
    the details of the Map iteration that this frame runs, once it has started. `map_run` is the run of a distributed
    Map, `resumed` what a redriven state continues.
    """

    __slots__ = (
        "branches",
        "entered",
        "entered_at",
        "history",
        "inner",
        "is_branch",
        "item",
        "iteration",
        "kind",
        "light",
        "map_run",
        "previous",
        "resumed",
        "retry_count",
        "run",
        "scheduler",
        "state",
        "task_token",
        "trial",
        "variables",
    )

    def __init__(self, run: Run, variables: Mapping[str, JSON], previous: int, item: dict[str, JSON] | None) -> None:
        self.run = run
        self.scheduler = run.scheduler
        self.history = run.history
        self.variables = variables
        self.previous = previous
        self.item = item
        self.state = ""
        self.kind = ""
        self.light: JSON = None
        self.entered = 0
        self.entered_at = 0.0
        self.retry_count: int | None = None
        self.task_token: str | None = None
        self.trial: Trial | None = None
        self.is_branch = False
        self.branches: dict[int, Frame] = {}
        self.iteration: dict[str, JSON] | None = None
        self.inner: dict[int, Part] = {}
        self.map_run: MapRun[Run] | None = None
        self.resumed: Unfinished | None = None

    def fork(self, index: int, item: dict[str, JSON] | None) -> Frame:
        """Start the frame of a branch or an iteration with this index."""
        branch = Frame(self.run, self.variables, self.previous, item)
        branch.is_branch = True
        self.branches[index] = branch
        return branch

    def join(self, index: int) -> Frame:
        """Remove a branch that has ended. The next event of this frame follows from the branch's last one."""
        branch = self.branches.pop(index)
        self.previous = branch.previous
        return branch

    def cut(self, failure: StateFailure) -> None:
        """Abort the branches that still run after a failure, and record their current states.

        As measured on AWS, all events follow from the last event of the failed branch, and the event of an iteration
        precedes that of its state. A failure with States.Runtime records nothing.
        """
        self.inner |= {index: branch.unfinished() for index, branch in self.branches.items()}
        if self.scheduler.current is not None:
            self.scheduler.cancel_children(self.scheduler.current)
        if failure.error != RUNTIME:
            for branch in self.branches.values():
                branch.record_cut(self.previous)
        self.branches.clear()

    def record_cut(self, previous: int) -> None:
        """Record that the event `previous` aborted this frame and its branches."""
        if self.iteration is not None:
            self.note("MapIterationAborted", self.iteration, previous)
        if self.kind in ABORTABLE:
            self.note(f"{self.kind}StateAborted", {}, previous)
        for branch in self.branches.values():
            branch.record_cut(previous)

    def record(self, event_type: str, details: dict[str, JSON]) -> int:
        """Record an event that follows from the last one of this frame, and return its id."""
        # This takes half the time of a state, so it skips the named tuple's constructor and calls only near the limit.
        event = _new_event(Event, (event_type, self.scheduler.now, self.previous, details))
        history = self.history
        events = history.events
        if len(events) >= history.limit - 1:
            history.check_room(event_type)
        events.append(event)
        self.previous = number = len(events)
        return number

    def note(self, event_type: str, details: dict[str, JSON], previous: int) -> int:
        """Record an event that the next event of this frame does not follow from, and return its id."""
        return self.history.add(Event(event_type, self.scheduler.now, previous, details))

    def end(self, status: str, output: JSON, error: str | None, cause: str | None) -> None:
        """Record the event that ends the execution.

        As measured on AWS, the event of a timeout has no previous event, and has an error that the execution lacks.
        """
        if status == "SUCCEEDED":
            self.record("ExecutionSucceeded", {"output": output})
        elif status == "TIMED_OUT":
            self.note("ExecutionTimedOut", {"error": TIMEOUT}, 0)
        else:
            details = {"error": error, "cause": cause}
            self.record(_END_EVENTS[status], {key: value for key, value in details.items() if value is not None})

    def enter(self, state: Enterable, data: JSON) -> None:
        """Enter a state and record it."""
        self.state = state.name
        self.kind = state.kind
        self.entered_at = self.scheduler.now
        self.retry_count = None
        self.task_token = None
        self.entered = self.record(state.entered, {"name": state.name, "input": data})
        if self.run.observe is not None:
            self.run.observe("state", state.name, 0)

    def resume(self, state: Enterable, stopped: Unfinished) -> None:
        """Continue in the state in which a redriven thread of control stopped."""
        self.state, self.kind, self.entered = state.name, state.kind, stopped.entered
        self.entered_at = self.scheduler.now
        self.variables, self.resumed = stopped.variables, stopped

    def take_resumed(self) -> Unfinished | None:
        """What the current attempt continues. Further attempts start again."""
        resumed, self.resumed = self.resumed, None
        if resumed is not None and resumed.entered != self.entered:
            resumed = None  # that state has been left
        self.inner, self.map_run = {}, None
        return resumed

    def unfinished(self) -> Unfinished:
        """Where the frame is now, with its branches and iterations."""
        data = self.history.events[self.entered - 1].details["input"] if self.entered else None
        inner, map_run = dict[int, Part](), None
        if self.kind in {"Map", "Parallel"}:
            running = {index: branch.unfinished() for index, branch in self.branches.items()}
            inner, map_run = {**self.inner, **running}, self.map_run
        return Unfinished(self.state, self.entered, data, self.variables, inner, map_run)

    def redrive(self) -> None:
        """Record that the execution was redriven."""
        run = self.run
        run.redrives += 1
        run.finished = None
        run.execution |= {"RedriveCount": run.redrives, "RedriveTime": iso_time(run.start, self.scheduler.now)}
        self.record("ExecutionRedriven", {"redriveCount": run.redrives})

    def observe(self, kind: str, place: int) -> None:
        """Report to the run's observer that a part of the current state was used."""
        if self.run.observe is not None:
            self.run.observe(kind, self.state, place)

    def explain(self, cause: str) -> str:
        """The cause with the introduction that the service adds to errors inside a state."""
        if self.trial is not None:
            return cause
        return (
            f"An error occurred while executing the state '{self.state}' "
            f"(entered at the event id #{self.entered}). {cause}"
        )

    def runtime_failure(self, cause: str) -> StateFailure:
        """The failure of a state whose definition can't process its input."""
        return StateFailure("States.Runtime", self.explain(cause))

    def query_failure(self, cause: str, location: str | None) -> StateFailure:
        """Record and return the failure of a field of a JSONata state."""
        cause = self.explain(cause)
        details = {"error": QUERY_ERROR, "cause": cause, "location": location, "state": self.state}
        if location is None:
            del details["location"]
        self.record("EvaluationFailed", details)
        return StateFailure(QUERY_ERROR, cause)

    def context(self) -> dict[str, JSON]:
        """The current context object (developer guide, "Accessing execution data from the Context object")."""
        if self.trial is not None and self.trial.context is not None:
            given = self.trial.context
            return given if self.item is None else {**given, "Map": {"Item": self.item}}
        state: dict[str, JSON] = {"Name": self.state, "EnteredTime": iso_time(self.run.start, self.entered_at)}
        if self.retry_count is not None:
            state["RetryCount"] = self.retry_count
        context: dict[str, JSON] = {
            "Execution": self.run.execution,
            "StateMachine": self.run.state_machine,
            "State": state,
        }
        if self.task_token is not None:
            context["Task"] = {"Token": self.task_token}
        if self.item is not None:
            context["Map"] = {"Item": self.item}
        return context
