"""Reads a recorded history of an execution, and plays its task results back.

In: the output of `aws stepfunctions get-execution-history` or `flowgen run --history`. Out: a `Recording`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flowgen.asl.json_text import parse
from flowgen.asl.reserved_errors import TIMEOUT
from flowgen.local import Task, TaskError
from flowgen.local.history import Event
from flowgen.local.runtime_types import Request
from flowgen.local.values import JSON
from flowgen.local.visits import build_tree

_ENDED = {"Succeeded", "Failed", "TimedOut", "Aborted"}
_ENDS = {"ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted"}
_KINDS = ("LambdaFunction", "Activity", "Task")


class BadHistory(Exception):  # noqa: N818 - reported as wrong usage
    """The text is not a valid history; the message says why."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One recorded attempt at a task: its arguments, its value or error, and its duration in seconds."""

    state: str
    arguments: JSON
    seconds: float
    value: JSON = None
    error: str | None = None
    cause: str | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Recording:
    """A recorded execution. `events` are those of the history, with decoded details and times since its start.

    `map_runs` are the distributed Map states, which a replay can't run: their children have separate histories.
    """

    start: datetime
    input: JSON
    status: str
    output: JSON
    error: str | None
    cause: str | None
    events: tuple[Event, ...]
    attempts: tuple[Attempt, ...]
    map_runs: frozenset[str] = field(default_factory=frozenset)


def read_history(text: str) -> Recording:
    """Read the recording from a history in JSON. Raises `BadHistory`."""
    try:
        document = parse(text)
    except ValueError as error:
        raise BadHistory(f"invalid JSON: {error}") from None
    listed = document.get("events") or document.get("history") if isinstance(document, Mapping) else document
    if not isinstance(listed, list) or not listed or not all(isinstance(event, Mapping) for event in listed):
        raise BadHistory("no events found; `aws stepfunctions get-execution-history` prints them")
    try:
        return _recording(sorted(listed, key=lambda event: event["id"]))
    except (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError) as error:
        raise BadHistory(f"an event has an unexpected format: {error!r}") from None


def read_events(listed: Sequence[Mapping[str, Any]]) -> tuple[datetime, tuple[Event, ...]]:
    """The start of an execution, and its events so far, from those of GetExecutionHistory. Raises `BadHistory`."""
    if not listed:
        raise BadHistory("it has no events")
    try:
        return _events(sorted(listed, key=lambda event: event["id"]))
    except (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError) as error:
        raise BadHistory(f"an event has an unexpected format: {error!r}") from None


def _events(listed: Sequence[Mapping[str, Any]]) -> tuple[datetime, tuple[Event, ...]]:
    start = _moment(listed[0]["timestamp"])
    events = tuple(_event(event, start) for event in listed)
    if events[0].type != "ExecutionStarted":
        raise BadHistory(f"expected the start of the execution as the first event, found {events[0].type}")
    if [event["id"] for event in listed] != list(range(1, len(listed) + 1)):
        raise BadHistory("events are missing: is this only one page of the history?")
    if any(event.type.endswith("StateEntered") and "input" not in event.details for event in events):
        raise BadHistory("inputs and outputs are missing: use --include-execution-data")
    build_tree(events)
    return start, events


def _recording(listed: list[Mapping[str, JSON]]) -> Recording:
    start, events = _events(listed)
    first, last = events[0], events[-1]
    if last.type not in _ENDS:
        raise BadHistory(f"the execution has not ended: its last event is {last.type}")
    status = {"ExecutionTimedOut": "TIMED_OUT"}.get(last.type, last.type.removeprefix("Execution").upper())
    return Recording(
        start,
        first.details.get("input"),
        status,
        last.details.get("output"),
        # The event of a timeout has an error, but the execution itself has none.
        None if status == "TIMED_OUT" else last.details.get("error"),
        last.details.get("cause"),
        events,
        *_attempts(events),
    )


def _moment(timestamp: JSON | datetime) -> datetime:
    if isinstance(timestamp, datetime):  # as boto3 returns it
        return timestamp
    if isinstance(timestamp, int | float):
        # Older versions of the AWS CLI print seconds, some programs milliseconds.
        seconds = timestamp / 1000 if timestamp > 1e11 else timestamp  # noqa: PLR2004 - the year 5138
        return datetime.fromtimestamp(seconds, UTC)
    moment = datetime.fromisoformat(timestamp)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _event(event: Mapping[str, JSON], start: datetime) -> Event:
    details: dict[str, JSON] = {}
    for key, value in event.items():
        if key.endswith("EventDetails") and isinstance(value, Mapping):
            details = {name: _decoded(name, inner) for name, inner in value.items() if not name.endswith("Details")}
    time = (_moment(event["timestamp"]) - start).total_seconds()
    return Event(event["type"], time, event.get("previousEventId", 0), details)


def _decoded(name: str, value: JSON) -> JSON:
    if name in {"input", "output", "parameters"} and isinstance(value, str):
        try:
            return parse(value)
        except ValueError:
            return value
    return value


def _attempts(events: tuple[Event, ...]) -> tuple[tuple[Attempt, ...], frozenset[str]]:
    """The attempts in the order of their schedule, and the states with Map runs."""
    state_of: list[str] = [""]
    scheduled: dict[int, tuple[int, Event]] = {}
    ends: dict[int, Event] = {}
    task_of: list[int] = [0]
    map_runs = set()
    for number, event in enumerate(events, 1):
        previous = min(event.previous, len(state_of) - 1)
        entered = event.type.endswith("StateEntered")
        state_of.append(event.details["name"] if entered else state_of[previous])
        task = task_of[previous]
        kind = next((kind for kind in _KINDS if event.type.startswith(kind)), None)
        if kind is not None and event.type == f"{kind}Scheduled":
            task = number
            scheduled[number] = (number, event)
        elif kind is not None and event.type.removeprefix(kind) in _ENDED and task:
            ends[task] = event
        elif entered:
            task = 0
        elif event.type == "MapRunStarted":
            map_runs.add(state_of[previous])
        task_of.append(task)
    return tuple(
        _attempt(state_of[number], event, ends[number])
        for number, (_, event) in scheduled.items()
        if number in ends and not ends[number].type.endswith("Aborted")
    ), frozenset(map_runs)


def _attempt(state: str, event: Event, end: Event) -> Attempt:
    arguments = event.details.get("parameters", event.details.get("input"))
    seconds = end.time - event.time
    if end.type.endswith("Succeeded"):
        return Attempt(state, arguments, seconds, end.details.get("output"))
    error = end.details.get("error", TIMEOUT if end.type.endswith("TimedOut") else None)
    return Attempt(state, arguments, seconds, error=error, cause=end.details.get("cause"), failed=True)


class Playback:
    """Plays recorded attempts back: the state's first unused one with the same arguments, or the first unused one."""

    def __init__(self, attempts: tuple[Attempt, ...]) -> None:
        self._left: dict[str, list[Attempt]] = {}
        for attempt in attempts:
            self._left.setdefault(attempt.state, []).append(attempt)
        self.changed: list[tuple[Request, Attempt]] = []
        self.unknown: list[Request] = []

    def __call__(self, request: Request) -> Task | None:
        """The recorded outcome of a request, or None if the recording has none."""
        left = self._left.get(request.state)
        if not left:
            self.unknown.append(request)
            return None
        expected = essence(request.arguments)
        same = next((attempt for attempt in left if essence(attempt.arguments) == expected), None)
        attempt = left[0] if same is None else same
        left.remove(attempt)
        if same is None:
            self.changed.append((request, attempt))
        return Task(_player(attempt), attempt.seconds)

    @property
    def unused(self) -> list[Attempt]:
        """The attempts that no call used."""
        return [attempt for left in self._left.values() for attempt in left]


def _player(attempt: Attempt) -> Any:
    def play(*_arguments: JSON) -> JSON:
        if attempt.failed:
            raise TaskError(attempt.error, attempt.cause)
        return attempt.value

    return play


def essence(arguments: JSON) -> JSON:
    """The part of a call's arguments that the workflow sets, without names of resources and of the execution."""
    if not isinstance(arguments, Mapping):
        return arguments
    if "FunctionName" in arguments:
        return essence(arguments.get("Payload"))
    if set(arguments) == {"input", "context"}:
        return {"input": arguments["input"]}
    return {name: value for name, value in arguments.items() if name not in {"StateMachineArn", "Name"}}
