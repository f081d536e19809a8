"""What one run of a machine shares (`Run`), and what each line of control in it has for itself (`Frame`)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

from flowgen.asl.reserved_errors import RUNTIME, TIMEOUT
from flowgen.jsonata.aws_functions import Environment
from flowgen.jsonata.evaluate import Shared
from flowgen.local.failures import StateFailure
from flowgen.local.history import Event, History, iso_time
from flowgen.local.values import JSON

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping, MutableMapping
    from contextlib import AbstractContextManager

    from flowgen.local.calling import Caller
    from flowgen.local.faults import Faults
    from flowgen.local.integrations import Request
    from flowgen.local.machine import Machine
    from flowgen.local.nested import StartedExecution
    from flowgen.local.scheduler import Scheduler
    from flowgen.local.states.base import State
    from flowgen.local.tasks import Function, Task, TaskTable

START = datetime(2026, 1, 1, tzinfo=UTC)
"""The default start of the virtual clock, fixed so that the same run gives the same bytes."""

Observe: TypeAlias = "Callable[[str, str, int], None]"
"""Is told which parts of a definition were used: a kind, a state, and the place of that part in the state.

The kinds are "state" (place 0), "rule" of a Choice (-1: its default), "retrier" and "catcher".
"""

REMEMBERED = 16
"""Sets of large values that are kept in converted form."""

QUERY_ERROR = "States.QueryEvaluationError"

ABORTABLE = frozenset({"Map", "Parallel", "Task", "Wait"})
"""Kinds of states that take time, and so can be cut (API reference, `HistoryEvent`: the types `*StateAborted`)."""

_END_EVENTS = {"FAILED": "ExecutionFailed", "ABORTED": "ExecutionAborted"}

_new_event = tuple.__new__


@dataclass(frozen=True, slots=True)
class Identity:
    """The names of an execution, as its context object and events tell them."""

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
        return f"arn:aws:iam::{self.account}:role/{self.role}"


@dataclass(slots=True)
class Run:
    """One execution as it runs: what its states share.

    `executions` are the standard executions that tasks started, by their ARN.
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
    machines: Mapping[str, Machine] = field(default_factory=dict)
    observe: Observe | None = None
    faults: Faults | None = None
    caller: Caller | None = None
    stopwatch: Callable[[], float] | None = None
    around: Callable[[str], AbstractContextManager[None]] | None = None
    inside: dict[str, list[Event]] | None = None
    started_at: float = 0.0
    assigned: int = 0
    tokens: set[str] = field(default_factory=set)
    executions: dict[str, StartedExecution] = field(default_factory=dict)
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
        """Large values in the form that evaluations share; None when they are seen for the first time.

        The last few sets of values are remembered, by identity: what is used once is not worth the conversion.
        """
        key = tuple((slot, id(value)) for slot, value in values.items())
        known = self._shared.get(key)
        if known is None:
            while len(self._shared) >= REMEMBERED:
                del self._shared[next(iter(self._shared))]
            # The values are kept, so that no other object takes their identity.
            self._shared[key] = (values, None)
            return None
        if known[1] is None:
            known = self._shared[key] = (values, Shared(values, self.environment))
        return known[1]

    def new_token(self) -> str:
        """A fresh task token."""
        token = self.unique()
        self.tokens.add(token)
        return token

    def unique(self) -> str:
        """A fresh id in the form of a UUID, the same in the same run."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))


@dataclass(slots=True)
class Trial:
    """A single state under test: what stands for its sub-workflows, and the data between its fields as they are met.

    `context` is put in place of the context object. Causes are told without their opening words.
    """

    result: JSON = None
    failure: StateFailure | None = None
    context: dict[str, JSON] | None = None
    items: list[JSON] | None = None
    failed_iterations: int = 0
    inspection: dict[str, JSON] = field(default_factory=dict)

    def outcome(self) -> JSON:
        """The result of the sub-workflows. Raises their failure."""
        if self.failure is not None:
            raise self.failure
        return self.result


class Frame:
    """One line of control: a machine's own states, a branch's, or one iteration's.

    `variables` is replaced, never changed: lines that were forked from this one keep what they saw. `light` is the last
    value that was seen to be small. `branches` are the lines below this one that have not ended, by their place;
    `iteration` has the details of the Map iteration that this one is, once it has started.
    """

    __slots__ = (
        "branches",
        "entered",
        "entered_at",
        "history",
        "is_branch",
        "item",
        "iteration",
        "kind",
        "light",
        "previous",
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

    def fork(self, index: int, item: dict[str, JSON] | None) -> Frame:
        """A line of control that starts here, as a branch or an iteration does; `index` is its place among them."""
        branch = Frame(self.run, self.variables, self.previous, item)
        branch.is_branch = True
        self.branches[index] = branch
        return branch

    def join(self, index: int) -> Frame:
        """Takes back a branch that has ended; this line of control goes on from its last event."""
        branch = self.branches.pop(index)
        self.previous = branch.previous
        return branch

    def cut(self, failure: StateFailure) -> None:
        """Ends the branches that still run because of a failure, and records where they stood.

        As measured on AWS: all follow from the last event of the branch that failed; an iteration's event is followed
        by that of its state. A failure with States.Runtime records nothing.
        """
        if self.scheduler.current is not None:
            self.scheduler.cancel_children(self.scheduler.current)
        if failure.error != RUNTIME:
            for branch in self.branches.values():
                branch.record_cut(self.previous)
        self.branches.clear()

    def record_cut(self, previous: int) -> None:
        """Records that this line of control was cut by the event `previous`, and the branches below it."""
        if self.iteration is not None:
            self.note("MapIterationAborted", self.iteration, previous)
        if self.kind in ABORTABLE:
            self.note(f"{self.kind}StateAborted", {}, previous)
        for branch in self.branches.values():
            branch.record_cut(previous)

    def record(self, event_type: str, details: dict[str, JSON]) -> int:
        """Records an event that follows from the last one of this line, and gives its id."""
        # Half of what a state takes: so without the constructor of the named tuple, and a call only near the limit.
        event = _new_event(Event, (event_type, self.scheduler.now, self.previous, details))
        history = self.history
        events = history.events
        if len(events) >= history.limit - 1:
            history.check_room(event_type)
        events.append(event)
        self.previous = number = len(events)
        return number

    def note(self, event_type: str, details: dict[str, JSON], previous: int) -> int:
        """Records an event that the next one of this line does not follow from."""
        return self.history.add(Event(event_type, self.scheduler.now, previous, details))

    def end(self, status: str, output: JSON, error: str | None, cause: str | None) -> None:
        """Records the event that ends the execution.

        Measured on AWS: the event of a timeout follows from none, and has an error that the execution itself lacks.
        """
        if status == "SUCCEEDED":
            self.record("ExecutionSucceeded", {"output": output})
        elif status == "TIMED_OUT":
            self.note("ExecutionTimedOut", {"error": TIMEOUT}, 0)
        else:
            told = {"error": error, "cause": cause}
            self.record(_END_EVENTS[status], {key: value for key, value in told.items() if value is not None})

    def enter(self, state: State, data: JSON) -> None:
        """Enters a state."""
        self.state = state.name
        self.kind = state.kind
        self.entered_at = self.scheduler.now
        self.retry_count = None
        self.task_token = None
        self.entered = self.record(state.entered, {"name": state.name, "input": data})
        if self.run.observe is not None:
            self.run.observe("state", state.name, 0)

    def observe(self, kind: str, place: int) -> None:
        """Tells whoever observes the run that a part of the current state was used."""
        if self.run.observe is not None:
            self.run.observe(kind, self.state, place)

    def explain(self, cause: str) -> str:
        """The cause with the opening words that the service gives to what goes wrong inside a state."""
        if self.trial is not None:
            return cause
        return (
            f"An error occurred while executing the state '{self.state}' "
            f"(entered at the event id #{self.entered}). {cause}"
        )

    def runtime_failure(self, cause: str) -> StateFailure:
        """The failure of a state whose definition can't work on its input."""
        return StateFailure("States.Runtime", self.explain(cause))

    def query_failure(self, cause: str, location: str | None) -> StateFailure:
        """The failure of a JSONata state's field, recorded as an event."""
        cause = self.explain(cause)
        details = {"error": QUERY_ERROR, "cause": cause, "location": location, "state": self.state}
        if location is None:
            del details["location"]
        self.record("EvaluationFailed", details)
        return StateFailure(QUERY_ERROR, cause)

    def context(self) -> dict[str, JSON]:
        """The context object as it is now (developer guide, "Accessing execution data from the Context object")."""
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
