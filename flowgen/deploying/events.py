"""The events of a stack and its nested stacks as they happen, and which of them caused a failure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flowgen.deploying.cloud import Cloud
from flowgen.deploying.package import STACK
from flowgen.deploying.stack import EMPTY, look_up

POLL: Final = 3.0
"""Seconds between two requests for events."""

_CASCADE: Final = re.compile(r"(?i)^resource \w+ cancel+ed")
_ENDED: Final = ("_COMPLETE", "_FAILED")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a resource, or to a stack itself."""

    id: str
    stack: str
    stack_id: str
    logical_id: str
    physical_id: str
    type: str
    status: str
    reason: str
    at: datetime

    @property
    def is_of_stack(self) -> bool:
        """Whether it is about the stack itself rather than a resource in it."""
        return self.physical_id == self.stack_id

    @property
    def failed(self) -> bool:
        return self.status.endswith("_FAILED")

    @property
    def ended(self) -> bool:
        return self.status.endswith(_ENDED)

    @property
    def resource(self) -> tuple[str, str]:
        """The resource: its stack and logical id."""
        return self.stack_id, self.logical_id


def boundary(cloud: Cloud, stack_id: str) -> str:
    """The last event before the current operation of a stack, or before the next one; "" if there is none."""
    for event in _newest_first(cloud, stack_id):
        if event.is_of_stack and (event.ended or event.status == EMPTY):
            return event.id
    return ""


def follow(cloud: Cloud, stack_id: str, after: str) -> Iterator[tuple[Event, ...]]:
    """The events of a stack that follow the event `after`, in batches, until the operation ends."""
    seen: dict[str, set[str]] = {stack_id: set()}
    since: datetime | None = None
    while True:
        stack = look_up(cloud, stack_id)
        new: list[Event] = []
        waiting = list(seen)
        while waiting:
            current = waiting.pop(0)
            found = _new(
                cloud,
                current,
                seen[current],
                after if current == stack_id else "",
                None if current == stack_id else since,
            )
            if current == stack_id and since is None and found:
                since = found[0].at
            for event in found:
                nested = event.type == STACK and not event.is_of_stack and event.physical_id.startswith("arn:")
                if nested and event.physical_id not in seen:
                    seen[event.physical_id] = set()
                    waiting.append(event.physical_id)
            new += found
        yield tuple(sorted(new, key=lambda event: event.at))
        if stack is None or not stack.in_progress:
            return
        cloud.sleep(POLL)


def causes(events: Sequence[Event]) -> tuple[Event, ...]:
    """The failures that caused a rollback, in order: without consequences, and without failures of the rollback."""
    before = _before_rollback(events)
    failed = [event for event in before if event.failed and not event.is_of_stack and not _CASCADE.match(event.reason)]
    blamed = {event.stack_id for event in failed}
    own = [event for event in failed if not (event.type == STACK and event.physical_id in blamed)]
    if own:
        return tuple(own)
    return tuple(event for event in events if event.is_of_stack and event.reason and _undone(event))[:1]


def not_undone(events: Sequence[Event]) -> tuple[Event, ...]:
    """The failures of the rollback itself."""
    after = events[len(_before_rollback(events)) :]
    return tuple(event for event in after if event.failed and not event.is_of_stack)


def _before_rollback(events: Sequence[Event]) -> Sequence[Event]:
    """The events before the deployed stack, which has the first event, starts to roll back."""
    root = events[0].stack_id if events else ""
    for number, event in enumerate(events):
        if event.stack_id == root and event.is_of_stack and _undone(event):
            return events[:number]
    return events


def _undone(event: Event) -> bool:
    return "ROLLBACK" in event.status or event.failed


def _new(cloud: Cloud, stack_id: str, seen: set[str], after: str, since: datetime | None) -> list[Event]:
    """The unseen events, oldest first."""
    found = []
    for event in _newest_first(cloud, stack_id):
        if event.id == after or event.id in seen or (since is not None and event.at < since):
            break
        found.append(event)
    seen.update(event.id for event in found)
    return found[::-1]


def _newest_first(cloud: Cloud, stack_id: str) -> Iterable[Event]:
    pages = cloud.cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack_id)
    return (_event(entry) for page in pages for entry in page["StackEvents"])


def _event(entry: Any) -> Event:
    return Event(
        entry["EventId"],
        entry["StackName"],
        entry["StackId"],
        entry.get("LogicalResourceId", ""),
        entry.get("PhysicalResourceId", ""),
        entry.get("ResourceType", ""),
        entry.get("ResourceStatus", ""),
        entry.get("ResourceStatusReason", ""),
        entry["Timestamp"],
    )
