"""The events of an execution: recorded cheaply, and rendered as GetExecutionHistory on request.

An event's id is its position, from 1. Its details are plain values; only `render` turns them into JSON strings.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from flowgen.local.failures import ExecutionStopped
from flowgen.local.values import JSON, encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

EVENT_LIMIT = 25_000
"""Events in the history of one standard execution (developer guide, "Service quotas")."""

_TEXTS = ("input", "output", "parameters")
_WITHOUT_DETAILS = frozenset({"LambdaFunctionStarted", "TaskStateAborted", "MapRunSucceeded", "ChoiceStateAborted"})


class Event(NamedTuple):
    """One event. `time` is in seconds since the start, `previous` the id of the event that it follows from."""

    type: str
    time: float
    previous: int
    details: dict[str, JSON]


class History:
    """The events so far."""

    __slots__ = ("events", "limit")

    def __init__(self, limit: int = EVENT_LIMIT, events: list[Event] | None = None) -> None:
        self.events: list[Event] = [] if events is None else events
        self.limit = limit

    def add(self, event: Event) -> int:
        """Record an event and return its id. Stops an execution whose history has room only for its end."""
        if len(self.events) >= self.limit - 1:
            self.check_room(event.type)
        self.events.append(event)
        return len(self.events)

    def check_room(self, event_type: str) -> None:
        """Stop an execution whose history has room only for its end. Raises `ExecutionStopped`."""
        if not event_type.startswith("Execution"):
            raise ExecutionStopped(
                "FAILED",
                "States.Runtime",
                f"The execution reached the maximum number of history events ({self.limit}).",
            )


def iso_time(start: datetime, seconds: float) -> str:
    """The time `seconds` after `start` in the service's format: `2026-01-01T00:00:00.000Z`."""
    moment = start + timedelta(seconds=seconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def render(events: Iterable[Event], start: datetime, first: int = 1) -> Iterator[dict[str, JSON]]:
    """The events as GetExecutionHistory returns them, with timestamps in ISO 8601. `first` is the id of the first."""
    time, timestamp = -1.0, ""
    for number, event in enumerate(events, first):
        if event.time != time:
            time, timestamp = event.time, iso_time(start, event.time)
        rendered: dict[str, JSON] = {
            "timestamp": timestamp,
            "type": event.type,
            "id": number,
            "previousEventId": event.previous,
        }
        if event.details or event.type not in _WITHOUT_DETAILS:
            details = _details(event.details)
            if details or event.type.startswith("Execution"):
                rendered[_details_key(event.type)] = details
        yield rendered


def _details(plain: dict[str, JSON]) -> dict[str, JSON]:
    details = dict(plain)
    for key in _TEXTS:
        if key in plain:
            details[key] = encode(plain[key])
            if key != "parameters":
                details[f"{key}Details"] = {"truncated": False}
    if "assignedVariables" in plain:
        details["assignedVariables"] = {name: encode(value) for name, value in plain["assignedVariables"].items()}
        details["assignedVariablesDetails"] = {"truncated": False}
    return details


@cache
def _details_key(event_type: str) -> str:
    if event_type.endswith("StateEntered"):
        return "stateEnteredEventDetails"
    if event_type.endswith("StateExited"):
        return "stateExitedEventDetails"
    return f"{event_type[0].lower()}{event_type[1:]}EventDetails"
