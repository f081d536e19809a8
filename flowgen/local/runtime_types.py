"""The types that the runner's modules share: tasks, requests to them, their answers, and child executions.

Never: a `Frame` or a `Run`. Those use these types.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from flowgen.local.history import iso_time
from flowgen.local.values import JSON, encode

if TYPE_CHECKING:
    from flowgen.local.failures import StateFailure
    from flowgen.local.scheduler import Process

Function: TypeAlias = "Callable[..., Any]"


class TaskError(Exception):
    """Raised by a callable to fail its task with exactly this error name and cause. Either may be None."""

    def __init__(self, error: str | None, cause: str | None = "") -> None:
        super().__init__(error, cause)
        self.error = error
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Task:
    """A callable, and the virtual seconds that a call takes (`math.inf`: it never answers).

    With `context` the callable is a Lambda handler, `function(event, context)`. A call that takes more than `limit`
    real seconds fails as a Lambda function that times out. If `returns` is set, a mock of `lambda:invoke` returns the
    function's value, otherwise the whole response.
    """

    function: Function
    seconds: float = 0.0
    context: bool = False
    limit: float | None = None
    returns: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """One attempt at a task, as a mock sees it.

    `arguments` are the arguments of the service's call, and `time` is virtual seconds since the start of the run.
    """

    state: str
    resource: str
    attempt: int
    arguments: JSON
    token: str | None
    time: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """The value or failure of a call, and the virtual seconds that it takes. `text` is the value as JSON."""

    seconds: float
    value: JSON = None
    text: str = "null"
    failure: StateFailure | None = None


class TaskTable:
    """The callables of a run by their names in the definition."""

    __slots__ = ("_by_key", "_by_name")

    def __init__(self, tasks: Mapping[str, Task | Function]) -> None:
        self._by_key = {key: task if isinstance(task, Task) else Task(task) for key, task in tasks.items()}
        self._by_name = {function_name(key): task for key, task in self._by_key.items() if _may_be_function(key)}

    def function(self, name_or_arn: str) -> Task | None:
        """The callable of a Lambda function by its ARN or bare name, with or without a qualifier."""
        return self._by_key.get(name_or_arn) or self._by_name.get(function_name(name_or_arn))

    def resource(self, candidates: Iterable[str]) -> Task | None:
        """The callable of the first candidate that has one."""
        return next((self._by_key[key] for key in candidates if key in self._by_key), None)


def _may_be_function(key: str) -> bool:
    return not key.startswith("arn:") or ":function:" in key


def function_name(name_or_arn: str) -> str:
    """The bare name of a Lambda function: `name` of `arn:aws:lambda:us-east-1:111111111111:function:name:live`."""
    _, is_arn, rest = name_or_arn.partition(":function:")
    name = rest if is_arn else name_or_arn
    return name.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Child:
    """A finished child execution. `status` is SUCCEEDED, FAILED or TIMED_OUT."""

    arn: str
    name: str
    machine_arn: str
    input: JSON
    status: str
    output: JSON
    error: str | None
    cause: str | None
    started: float
    stopped: float

    @property
    def succeeded(self) -> bool:
        """Whether the execution succeeded."""
        return self.status == "SUCCEEDED"

    def described(self, start: datetime, *, parsed: bool) -> dict[str, JSON]:
        """The response of DescribeExecution. If `parsed`, input and output are values, otherwise JSON strings."""
        input, output = (self.input, self.output) if parsed else (encode(self.input), encode(self.output))  # noqa: A001 - the API's name
        dates = {"StartDate": _millis(start, self.started), "StopDate": _millis(start, self.stopped)}
        return dict(sorted({**self._ending(input, output), **dates, **self.redrive()}.items()))

    def answered(self, start: datetime) -> dict[str, JSON]:
        """The response of StartSyncExecution, whether the execution succeeded or not."""
        dates = {"StartDate": self.started_at(start), "StopDate": self.stopped_at(start)}
        # AWS bills in steps of 100 ms and 64 MB (AWS Step Functions pricing).
        steps = max(1, math.ceil((self.stopped - self.started) * 10))
        billing = {"BilledDurationInMilliseconds": steps * 100, "BilledMemoryUsedInMB": 64}
        ending = self._ending(encode(self.input), encode(self.output))
        return dict(sorted({**ending, **dates, "BillingDetails": billing}.items()))

    def _ending(self, input: JSON, output: JSON) -> dict[str, JSON]:  # noqa: A002 - the API's name
        ending: dict[str, JSON] = {
            "ExecutionArn": self.arn,
            "Input": input,
            "InputDetails": {"Included": True},
            "Name": self.name,
            "StateMachineArn": self.machine_arn,
            "Status": self.status,
        }
        if self.succeeded:
            return {**ending, "Output": output, "OutputDetails": {"Included": True}}
        failure = {"Error": self.error, "Cause": self.cause}
        return ending | {name: text for name, text in failure.items() if text is not None}

    def redrive(self) -> dict[str, JSON]:
        """Whether the execution can be redriven (developer guide, "Restarting state machine executions")."""
        if not self.succeeded:
            return {"RedriveCount": 0, "RedriveStatus": "REDRIVABLE"}
        return {
            "RedriveCount": 0,
            "RedriveStatus": "NOT_REDRIVABLE",
            "RedriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
        }

    def started_at(self, start: datetime) -> str:
        """The start of the execution in ISO 8601. `start` is the time at which the virtual clock started."""
        return iso_time(start, self.started)

    def stopped_at(self, start: datetime) -> str:
        """The end of the execution in ISO 8601."""
        return iso_time(start, self.stopped)


@dataclass(slots=True)
class StartedExecution:
    """An execution that a task started.

    `input` is JSON, `answer` the response of the API, `waiting` the keys of messages to send when it ends, and `child`
    the finished execution.
    """

    input: str
    answer: dict[str, JSON]
    waiting: list[str] = field(default_factory=list)
    process: Process | None = None
    child: Child | None = None


def _millis(start: datetime, seconds: float) -> int:
    return int((start + timedelta(seconds=seconds)).timestamp() * 1000)
