"""Retriers and catchers of Task, Parallel and Map states (States Language, "Errors")."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from flowgen.asl.errors import QueryFailure
from flowgen.asl.reserved_errors import RUNTIME, matches
from flowgen.local.failures import StateFailure
from flowgen.local.fields import as_error_names, as_number, entries
from flowgen.local.scheduler import Effect, Sleep
from flowgen.local.values import JSON

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

    from flowgen.local.faults import Faults
    from flowgen.local.frame import Frame


class Step(NamedTuple):
    """The result of a state: its output, the next state (None at the end), and the variables that it assigns."""

    output: JSON
    next: str | None
    assigned: dict[str, JSON] | None


Attempt: TypeAlias = "Callable[[Frame, JSON], Generator[Effect, Any, Step]]"
CaughtFlow: TypeAlias = "Callable[[Frame, JSON, JSON], tuple[JSON, dict[str, JSON] | None]]"


@dataclass(frozen=True, slots=True)
class Retrier:
    """One entry of Retry. Times are in seconds; `attempts` is the number of retries after the first attempt."""

    errors: frozenset[str]
    interval: float = 1
    attempts: int = 3
    backoff: float = 2.0
    longest: float | None = None
    jitter: bool = False

    def backoff_interval(self, used: int) -> float:
        """The seconds before the next attempt after `used` retries, without jitter."""
        try:
            seconds = self.interval * self.backoff**used
        except OverflowError:
            seconds = float(2**31)
        return seconds if self.longest is None else min(seconds, self.longest)

    def wait(self, used: int, source: random.Random) -> float:
        """The seconds before the next attempt; with full jitter a random part of them."""
        seconds = self.backoff_interval(used)
        return source.uniform(0, seconds) if self.jitter else seconds


@dataclass(frozen=True, slots=True)
class Catcher:
    """One entry of Catch: the next state, and its input from the state's input and the error output."""

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


def find_retrier(retriers: Sequence[Retrier], error: str | None, alias: str | None = None) -> int | None:
    """The index of the first retrier that matches. Later ones don't count, even if it has no retries left."""
    return next((index for index, retrier in enumerate(retriers) if matches(retrier.errors, error, alias)), None)


@dataclass(frozen=True, slots=True)
class Recovery:
    """An attempt at a state's work, with its retriers and catchers.

    `failed_event` is recorded if no retrier handles a failure, before the catchers. Task states have none.
    """

    attempt: Attempt
    retriers: tuple[Retrier, ...]
    catchers: tuple[Catcher, ...]
    failed_event: str | None = None

    def routine(self, frame: Frame, raw: JSON) -> Generator[Effect, Any, Step]:
        """The state's step, after retries and catchers. Raises a failure that neither handles."""
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
                # The traceback and the context would keep the attempt's frames in a reference cycle.
                failure = state_failure.with_traceback(None)
                failure.__context__ = None
            index = find_retrier(self.retriers, failure.error, failure.alias)
            if index is None or used[index] >= self.retriers[index].attempts:
                break
            seconds = self.retriers[index].wait(used[index], frame.run.random)
            used[index] += 1
            frame.retry_count += 1
            frame.observe("retrier", index)
            yield Sleep(seconds)
        before = frame.previous
        self._record_failed(frame, failure)
        after, frame.previous = frame.previous, before
        try:
            caught = self.catch(frame, raw, failure)
        except StateFailure as clause_failure:
            # The clause's event follows from the last one before the failure; then the state fails again.
            self._record_failed(frame, clause_failure)
            raise
        frame.previous = after
        if caught is None:
            if frame.kind == "Task" and frame.is_branch and failure.error != RUNTIME:
                frame.note("TaskStateAborted", {}, frame.previous)
            raise failure
        frame.observe("catcher", caught[0])
        return caught[1]

    def _record_failed(self, frame: Frame, failure: StateFailure) -> None:
        """Record that the state failed after its retries. The service records nothing for States.Runtime."""
        if self.failed_event is not None and failure.error != RUNTIME:
            frame.record(self.failed_event, {})

    def catch(self, frame: Frame, raw: JSON, failure: StateFailure) -> tuple[int, Step] | None:
        """The index of the first catcher that matches, and its step."""
        for index, catcher in enumerate(self.catchers):
            if matches(catcher.errors, failure.error, failure.alias):
                output, assigned = catcher.flow(frame, raw, failure.output())
                return index, Step(output, catcher.next, assigned)
        return None


def _strike(frame: Frame, faults: Faults) -> Generator[Effect, Any, None]:
    """Delay or fail a whole Parallel or Map state. A Task's faults replace its call instead."""
    delay, fault = faults.delay(frame.state), faults.strike(frame.state)
    if delay:
        yield Sleep(delay)
    if fault is not None:
        raise StateFailure(fault.error, fault.cause)
