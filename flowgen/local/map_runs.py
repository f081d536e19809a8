"""The progress of a Map run: its settings, which a client may change, and its child executions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from flowgen.local.values import JSON

if TYPE_CHECKING:
    from flowgen.local.runtime_types import Child
    from flowgen.local.scheduler import Process

CONCURRENCY = 10_000
"""Most child executions of a Map run that run at the same time."""


class Started(Protocol):
    """A child execution. `finished` is how it ended."""

    finished: Child | None


ChildRun = TypeVar("ChildRun", bound=Started)


@dataclass(slots=True, eq=False)
class MapRun(Generic[ChildRun]):
    """A Map run. `inputs` are those of the children, `sizes` how many items each has. Times are in virtual seconds.

    `concurrency` 0 means no limit. `children` are the children that have started, by index, and `process` runs them.
    """

    arn: str
    label: str
    started: float
    inputs: list[JSON]
    sizes: list[int]
    concurrency: int
    tolerated_count: float | None
    tolerated_percentage: float | None
    status: str = "RUNNING"
    stopped: float | None = None
    redrives: int = 0
    redriven: float | None = None
    written: int = 0
    children: dict[int, ChildRun] = field(default_factory=dict)
    process: Process | None = None
    past_counts: tuple[dict[str, int], dict[str, int]] | None = None
    """The counts of items and children, if the children themselves are not known any more."""

    @property
    def limit(self) -> int:
        """How many children may run at the same time."""
        return min(self.concurrency or CONCURRENCY, CONCURRENCY)

    def status_of(self, index: int) -> str:
        """The status of a child, or PENDING if it has not started."""
        child = self.children.get(index)
        if child is None:
            return "PENDING"
        return "RUNNING" if child.finished is None else child.finished.status

    def counts(self, *, items: bool) -> dict[str, int]:
        """How many children, or items, have each status."""
        if self.past_counts is not None:
            return self.past_counts[0 if items else 1]
        found = dict.fromkeys(("PENDING", "RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"), 0)
        for index, size in enumerate(self.sizes):
            found[self.status_of(index)] += size if items else 1
        return found

    def update(self, concurrency: int | None, count: float | None, percentage: float | None) -> None:
        """Change the limits that are given."""
        self.concurrency = self.concurrency if concurrency is None else concurrency
        self.tolerated_count = self.tolerated_count if count is None else count
        self.tolerated_percentage = self.tolerated_percentage if percentage is None else percentage

    def end(self, status: str, now: float) -> None:
        """Record how the run ended."""
        self.status, self.stopped, self.process = status, now, None

    def restart(self, now: float) -> None:
        """Record that the run was redriven."""
        self.status, self.stopped, self.redriven = "RUNNING", None, now
        self.redrives += 1
