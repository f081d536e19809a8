"""Lines of control over virtual time: order, waiting, children, messages, deadlines."""

from __future__ import annotations

from typing import Any

import pytest

from flowgen.local.failures import StateFailure
from flowgen.local.scheduler import NEXT_CHILD, DeadlineReached, Deadlock, Receive, Routine, Scheduler, Sleep


def test_sleep_skips_time() -> None:
    """A year passes at once, and the clock shows it."""
    scheduler = Scheduler()

    def routine() -> Routine:
        yield Sleep(31_536_000)
        return "done"

    assert scheduler.run(routine()) == "done"
    assert scheduler.now == 31_536_000


def test_children_run_at_the_same_time() -> None:
    """Three children that sleep one, two and three seconds take three, and end in that order."""
    scheduler = Scheduler()
    ended: list[str] = []

    def child(seconds: float) -> Routine:
        yield Sleep(seconds)
        return seconds

    def parent() -> Routine:
        for seconds in (3, 1, 2):
            scheduler.spawn(child(seconds), f"after {seconds}")
        for _ in range(3):
            process = yield NEXT_CHILD
            ended.append(process.tag)

    scheduler.run(parent())
    assert ended == ["after 1", "after 2", "after 3"]
    assert scheduler.now == 3


def test_equal_times_wake_in_the_order_of_falling_asleep() -> None:
    """Processes that wake at the same moment go on in the order in which they went to sleep."""
    scheduler = Scheduler()
    order: list[int] = []

    def child(number: int) -> Routine:
        yield Sleep(5)
        order.append(number)

    def parent() -> Routine:
        for number in range(4):
            scheduler.spawn(child(number))
        for _ in range(4):
            yield NEXT_CHILD

    scheduler.run(parent())
    assert order == [0, 1, 2, 3]


def test_a_failure_reaches_the_parent_and_the_caller() -> None:
    """The parent sees its child's failure; its own leaves the run."""
    scheduler = Scheduler()

    def child() -> Routine:
        yield Sleep(1)
        raise StateFailure("Broken")

    def parent() -> Routine:
        scheduler.spawn(child())
        process = yield NEXT_CHILD
        assert process.failure is not None
        raise process.failure

    with pytest.raises(StateFailure) as failure:
        scheduler.run(parent())
    assert failure.value.error == "Broken"


def test_cancelled_children_and_theirs_never_go_on() -> None:
    """Cancelling closes all generations where they are."""
    scheduler = Scheduler()
    closed: list[str] = []

    def leaf(name: str) -> Routine:
        try:
            yield Sleep(10)
        finally:
            closed.append(name)

    def middle() -> Routine:
        scheduler.spawn(leaf("leaf"))
        try:
            yield NEXT_CHILD
        finally:
            closed.append("middle")

    def root() -> Routine:
        scheduler.spawn(middle())
        yield Sleep(1)
        assert scheduler.current is not None
        scheduler.cancel_children(scheduler.current)
        yield Sleep(100)

    scheduler.run(root())
    assert closed == ["leaf", "middle"]


def test_messages_wake_or_wait() -> None:
    """A message wakes its receiver, or waits for one; a receiver waits no longer than it said."""
    scheduler = Scheduler()
    got: list[Any] = []

    def receiver() -> Routine:
        got.append((yield Receive("early", 5)))
        got.append((yield Receive("late", 5)))
        got.append((yield Receive("never", 5)))

    def sender() -> Routine:
        scheduler.spawn(receiver())
        assert scheduler.send("early", 1)
        assert not scheduler.send("early", 2)
        yield Sleep(3)
        assert scheduler.send("late", 3)
        yield NEXT_CHILD

    scheduler.run(sender())
    assert got == [(1,), (3,), None]
    assert scheduler.now == 8


def test_waiting_for_nothing_is_a_deadlock() -> None:
    """If nothing can continue, the run reports it."""

    def routine() -> Routine:
        yield Receive("never", float("inf"))

    with pytest.raises(Deadlock):
        Scheduler().run(routine())


def test_the_deadline_stops_the_clock() -> None:
    """The clock does not pass the deadline."""
    scheduler = Scheduler(deadline=60)

    def routine() -> Routine:
        yield Sleep(60)
        yield Sleep(0.5)

    with pytest.raises(DeadlineReached):
        scheduler.run(routine())
    assert scheduler.now == 60


def test_the_pace_is_reported_of_each_wait() -> None:
    """In real time, each wait is announced before it starts."""
    waits: list[float] = []

    def routine() -> Routine:
        yield Sleep(2)
        yield Sleep(0)
        yield Sleep(3)

    Scheduler(pace=waits.append).run(routine())
    assert waits == [2, 3]
