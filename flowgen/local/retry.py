"""Retriers and catchers: what happens when a Task, Parallel or Map state fails (States Language, "Errors")."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from flowgen.asl.errors import QueryFailure
from flowgen.local.failures import StateFailure
from flowgen.local.fields import as_error_names, as_number, entries
from flowgen.local.scheduler import Effect, Sleep
from flowgen.local.values import JSON

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

    from flowgen.local.faults import Faults
    from flowgen.local.frame import Frame

RUNTIME = "States.Runtime"
"""The error that no retrier and no catcher ever matches (developer guide, "Handling errors")."""

_TIMEOUTS = frozenset({"States.Timeout", "States.HeartbeatTimeout"})


class Step(NamedTuple):
    """What a state came to: its output, the state to go to (None at the end), and the variables that it assigns."""

    output: JSON
    next: str | None
    assigned: dict[str, JSON] | None


Attempt: TypeAlias = "Callable[[Frame, JSON], Generator[Effect, Any, Step]]"
CaughtFlow: TypeAlias = "Callable[[Frame, JSON, JSON], tuple[JSON, dict[str, JSON] | None]]"


@dataclass(frozen=True, slots=True)
class Retrier:
    """One entry of Retry. Times in seconds; `attempts` counts retries after the first try."""

    errors: frozenset[str]
    interval: float = 1
    attempts: int = 3
    backoff: float = 2.0
    longest: float | None = None
    jitter: bool = False

    def backoff_interval(self, used: int) -> float:
        """The seconds before the next try when so many retries have been used, without jitter."""
        try:
            seconds = self.interval * self.backoff**used
        except OverflowError:
            seconds = float(2**31)
        return seconds if self.longest is None else min(seconds, self.longest)

    def wait(self, used: int, source: random.Random) -> float:
        """The seconds before the next try; with full jitter anything up to them."""
        seconds = self.backoff_interval(used)
        return source.uniform(0, seconds) if self.jitter else seconds


@dataclass(frozen=True, slots=True)
class Catcher:
    """One entry of Catch: where to go, and what to hand on from the state's input and the error output."""

    errors: frozenset[str]
    next: str
    flow: CaughtFlow


def compile_retriers(state: Mapping[str, JSON], pointer: str) -> tuple[Retrier, ...]:
    """The retriers of a state, in order."""
    return tuple(
        Retrier(
            as_error_names(entry, place),
            as_number(entry.get("IntervalSeconds", 1), f"{place}/IntervalSeconds"),
            int(as_number(entry.get("MaxAttempts", 3), f"{place}/MaxAttempts")),
            as_number(entry.get("BackoffRate", 2.0), f"{place}/BackoffRate", 1),
            as_number(entry["MaxDelaySeconds"], f"{place}/MaxDelaySeconds") if "MaxDelaySeconds" in entry else None,
            entry.get("JitterStrategy", "NONE") == "FULL",
        )
        for entry, place in entries(state, "Retry", pointer)
    )


def matches(errors: frozenset[str], error: str | None) -> bool:
    """Whether a retrier or catcher for these names applies to an error."""
    if error == RUNTIME:
        return False
    if error in errors or "States.ALL" in errors:
        return True
    if error in _TIMEOUTS:
        # A missed heartbeat is reported as States.Timeout; both names are documented for it.
        return not errors.isdisjoint(_TIMEOUTS) and error == "States.Timeout" and "States.HeartbeatTimeout" in errors
    return "States.TaskFailed" in errors


def find_retrier(retriers: Sequence[Retrier], error: str | None) -> int | None:
    """The index of the first retrier that matches; when it has no retries left, no other is asked."""
    return next((index for index, retrier in enumerate(retriers) if matches(retrier.errors, error)), None)


@dataclass(frozen=True, slots=True)
class Recovery:
    """An attempt at a state's work, and what happens when it fails.

    `given_up` is told of a failure that is not retried, before a catcher takes it.
    """

    attempt: Attempt
    retriers: tuple[Retrier, ...]
    catchers: tuple[Catcher, ...]
    given_up: Callable[[Frame, StateFailure], None] | None = None

    def routine(self, frame: Frame, raw: JSON) -> Generator[Effect, Any, Step]:
        """The step that the state comes to, after retries and by a catcher if need be. Raises what neither takes."""
        used = [0] * len(self.retriers)
        frame.retry_count = 0
        while True:
            try:
                if frame.run.faults is not None and frame.kind != "Task":
                    yield from _strike(frame, frame.run.faults)
                return (yield from self.attempt(frame, raw))
            except QueryFailure as query_failure:
                failure = StateFailure(query_failure.error, frame.explain(query_failure.cause))
            except StateFailure as state_failure:
                # Without what would keep all that the attempt knew, and itself, in a circle.
                failure = state_failure.with_traceback(None)
                failure.__context__ = None
            index = find_retrier(self.retriers, failure.error)
            if index is None or used[index] >= self.retriers[index].attempts:
                break
            seconds = self.retriers[index].wait(used[index], frame.run.random)
            used[index] += 1
            frame.retry_count += 1
            frame.observe("retrier", index)
            yield Sleep(seconds)
        if self.given_up is not None:
            self.given_up(frame, failure)
        caught = self.catch(frame, raw, failure)
        if caught is None:
            raise failure
        frame.observe("catcher", caught[0])
        return caught[1]

    def catch(self, frame: Frame, raw: JSON, failure: StateFailure) -> tuple[int, Step] | None:
        """The index of the first catcher that matches, and the step that it makes of the failure."""
        for index, catcher in enumerate(self.catchers):
            if matches(catcher.errors, failure.error):
                output, assigned = catcher.flow(frame, raw, failure.output())
                return index, Step(output, catcher.next, assigned)
        return None


def _strike(frame: Frame, faults: Faults) -> Generator[Effect, Any, None]:
    """Delays or fails a Parallel or Map state as a whole; a Task's faults take the place of its call."""
    delay, fault = faults.delay(frame.state), faults.strike(frame.state)
    if delay:
        yield Sleep(delay)
    if fault is not None:
        raise StateFailure(fault.error, fault.cause)
