"""Processes over a virtual clock: generators that yield what they wait for, and a heap of times to wake them.

Nothing sleeps: if no process is ready, the clock jumps to the next time in the heap. Processes that are ready at the
same time continue in the order in which they became ready, so a run is deterministic.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from collections.abc import Callable, Container, Generator, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, TypeAlias

from flowgen.local.failures import StateFailure

if TYPE_CHECKING:
    from flowgen.local.call_limits import Pending


@dataclass(frozen=True, slots=True)
class Sleep:
    """Wait for some seconds of virtual time."""

    seconds: float


@dataclass(frozen=True, slots=True)
class NextChild:
    """Wait until a child of this process has ended. Its value is that `Process`."""


@dataclass(frozen=True, slots=True)
class Receive:
    """Wait for a message under a key. Its value is `(message,)`, or None after `seconds`."""

    key: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Await:
    """Wait for work outside virtual time. The virtual clock does not advance meanwhile."""

    pending: Pending


Effect: TypeAlias = Sleep | NextChild | Receive | Await
Routine: TypeAlias = Generator[Effect, Any, Any]

NEXT_CHILD = NextChild()

_LIMIT = -1
"""Marks an entry of the heap that is the time limit of a process, instead of the number of its wait."""


class Pause(Enum):
    """Why `Scheduler.proceed` returned."""

    ENDED = auto()
    """The process has ended."""
    WORKING = auto()
    """Work outside virtual time is not finished."""
    IDLE = auto()
    """Nothing can happen before time passes or a message arrives."""
    BUSY = auto()
    """The number of steps is used up."""


class Process:
    """One thread of control. Once it is `done`, it has a `value` or a `failure`."""

    __slots__ = (
        "children",
        "done",
        "ended",
        "failure",
        "on_cancel",
        "parent",
        "reports",
        "routine",
        "tag",
        "value",
        "waits",
        "wake",
    )

    def __init__(self, routine: Routine, parent: Process | None, tag: Any) -> None:
        self.routine = routine
        self.parent = parent
        self.tag = tag
        self.reports = True
        self.on_cancel: Callable[[], None] | None = None
        self.children: dict[Process, None] = {}
        self.ended: deque[Process] = deque()
        self.waits: Effect | None = None
        self.wake = 0
        self.done = False
        self.value: Any = None
        self.failure: StateFailure | None = None


class Deadlock(Exception):  # noqa: N818 - an end of the run, which the execution reports
    """Every process waits for a message that no process will send."""


class TimeOver(Exception):  # noqa: N818 - likewise
    """Raised inside a process that reached its own time limit."""


class DeadlineReached(Exception):  # noqa: N818 - likewise
    """The clock would pass the deadline of the run."""


class Scheduler:
    """Runs processes. `now` is virtual seconds since the start. `pace` is called before each wait is skipped.

    `steps` counts the steps that `proceed` has run.
    """

    def __init__(self, deadline: float | None = None, pace: Callable[[float], None] | None = None) -> None:
        self.now = 0.0
        self.steps = 0
        self.current: Process | None = None
        self._limit = deadline
        self._deadline = deadline
        self._pace = pace
        self._ready: deque[tuple[Process, Any]] = deque()
        self._working: deque[tuple[Process, Pending]] = deque()
        self._heap: list[tuple[float, int, Process, int]] = []
        self._sequence = 0
        self._receivers: dict[str, tuple[Process, int]] = {}
        self._messages: dict[str, Any] = {}
        self._detached: list[Process] = []
        self.ended_at: float | None = None

    def run(self, routine: Routine) -> Any:
        """Run a routine and return its value. Raises its `StateFailure`, `Deadlock`, or `DeadlineReached`."""
        root = self.spawn(routine)
        self._run_until_done(root)
        self.ended_at = self.now
        for process in self._detached:
            try:
                self._run_until_done(process)
            except (Deadlock, DeadlineReached):
                break
        if root.failure is not None:
            raise root.failure
        return root.value

    def spawn(self, routine: Routine, tag: Any = None, limit: float = math.inf) -> Process:
        """Start a child of the current process. `tag` identifies it to its parent.

        After `limit` seconds `TimeOver` is raised in its routine.
        """
        parent = self.current
        process = Process(routine, parent, tag)
        if parent is not None:
            parent.children[process] = None
        self._start(process, limit)
        return process

    def start(self, routine: Routine, limit: float, on_cancel: Callable[[], None]) -> Process:
        """Start a child whose end is not reported to its parent (`NextChild`).

        `on_cancel` is called if the child is cancelled.
        """
        process = self.spawn(routine, None, limit)
        process.reports = False
        process.on_cancel = on_cancel
        return process

    def detach(self, routine: Routine, limit: float) -> None:
        """Start a process that no other waits for. It continues after the process that started it has ended."""
        process = Process(routine, None, None)
        self._detached.append(process)
        self._start(process, limit)

    def _start(self, process: Process, limit: float) -> None:
        self._ready.append((process, None))
        if limit != math.inf:
            self._sequence += 1
            heapq.heappush(self._heap, (self.now + limit, self._sequence, process, _LIMIT))

    def _run_until_done(self, root: Process) -> None:
        while not root.done:
            if self._ready:
                process, value = self._ready.popleft()
                if not process.done:
                    self._advance(process, value)
            elif self._working:
                self._await_first()
            else:
                self._pass_time()

    def proceed(self, root: Process, steps: int) -> Pause:
        """Run a spawned process without waiting or passing time: at most `steps` steps, or until it must wait.

        Raises what `run` raises while it waits.
        """
        for _ in range(steps):
            if root.done:
                return Pause.ENDED
            self.steps += 1
            if self._ready:
                process, value = self._ready.popleft()
                if not process.done:
                    self._advance(process, value)
            elif self._working:
                process, pending = self._working[0]
                if not process.done and not pending.ready:
                    self.steps -= 1
                    return Pause.WORKING
                self._await_first()
            else:
                self.steps -= 1
                return Pause.IDLE
        return Pause.ENDED if root.done else Pause.BUSY

    @property
    def detached(self) -> Iterator[Process]:
        """The processes that run on after the one that started them, as far as they have not ended."""
        return (process for process in self._detached if not process.done)

    def expects(self, keys: Container[str]) -> bool:
        """Whether a process waits for a message under one of these keys."""
        return any(key in keys and self._receiver(key) is not None for key in self._receivers)

    def next_time(self) -> float | None:
        """The virtual time of the next event: a wait ends, or the deadline is reached. None without an event."""
        while self._heap and self._is_over(self._heap[0]):
            heapq.heappop(self._heap)
        if not self._heap:
            return self._deadline
        time = self._heap[0][0]
        return time if self._deadline is None else min(time, self._deadline)

    def pass_time(self, until: float) -> bool:
        """Let time pass up to the next event, but not beyond `until`. Returns whether the event happened.

        Raises `DeadlineReached` or `Deadlock`.
        """
        time = self.next_time()
        if until < math.inf and (time is None or time > until):
            self.now = max(self.now, until)
            return False
        self._pass_time()
        return True

    def restart(self, now: float) -> None:
        """Set the time at which an execution continues that had ended. Its deadline counts from then."""
        self.now = max(self.now, now)
        self.ended_at = None
        self._deadline = None if self._limit is None else self.now + self._limit

    def prompt(self, process: Process) -> None:
        """Continue a process that waits for a child, without a child: it looks at its settings again."""
        if process.waits is NEXT_CHILD:
            process.waits = None
            self._ready.append((process, None))

    def abandon_work(self) -> None:
        """Give up the work of processes that were cancelled."""
        for process, pending in self._working:
            if process.done:
                pending.abandon()
        self._working = deque((process, pending) for process, pending in self._working if not process.done)

    @staticmethod
    def _is_over(entry: tuple[float, int, Process, int]) -> bool:
        _, _, process, wake = entry
        return process.done or wake not in {process.wake, _LIMIT}

    def _receiver(self, key: str) -> Process | None:
        """The process that waits for a message under a key. Receivers whose wait timed out do not count."""
        process, wake = self._receivers[key]
        return process if process.wake == wake and not process.done else None

    def _await_first(self) -> None:
        """Continue the process whose work was started first, even if other work finishes earlier."""
        process, pending = self._working.popleft()
        if process.done:
            pending.abandon()
        else:
            self._advance(process, None)

    def cancel_children(self, process: Process) -> None:
        """Cancel all descendants of a process, the youngest generation first."""
        for child in list(process.children):
            self.cancel(child)
        process.children.clear()
        process.ended.clear()

    def cancel(self, process: Process) -> None:
        """Cancel a process after its children."""
        self.cancel_children(process)
        if not process.done:
            process.done = True
            process.routine.close()
            if process.on_cancel is not None:
                process.on_cancel()

    def send(self, key: str, message: Any) -> bool:
        """Deliver a message under a key, now or to a later receiver. Returns false if one is waiting already."""
        receiver = self._receiver(key) if key in self._receivers else None
        self._receivers.pop(key, None)
        if receiver is not None:
            receiver.wake += 1
            self._ready.append((receiver, (message,)))
            return True
        if key in self._messages:
            return False
        self._messages[key] = message
        return True

    def _advance(self, process: Process, value: Any, error: TimeOver | None = None) -> None:
        self.current = process
        try:
            effect = process.routine.send(value) if error is None else process.routine.throw(error)
        except StopIteration as stop:
            self._end(process, stop.value, None)
            return
        except StateFailure as failure:
            self._end(process, None, failure)
            return
        finally:
            self.current = None
        if type(effect) is Sleep:
            self._wake_in(process, effect.seconds)
        elif type(effect) is NextChild:
            if process.ended:
                self._ready.append((process, process.ended.popleft()))
            else:
                process.waits = effect
        elif type(effect) is Receive:
            if effect.key in self._messages:
                self._ready.append((process, (self._messages.pop(effect.key),)))
            else:
                if effect.seconds == math.inf:
                    process.wake += 1
                else:
                    self._wake_in(process, effect.seconds)
                self._receivers[effect.key] = (process, process.wake)
        elif type(effect) is Await:
            self._working.append((process, effect.pending))

    def _wake_in(self, process: Process, seconds: float) -> None:
        process.wake += 1
        self._sequence += 1
        heapq.heappush(self._heap, (self.now + max(seconds, 0.0), self._sequence, process, process.wake))

    def _end(self, process: Process, value: Any, failure: StateFailure | None) -> None:
        process.done = True
        process.value = value
        process.failure = None if failure is None else failure.with_traceback(None)
        parent = process.parent
        if parent is None:
            return
        parent.children.pop(process, None)
        if not process.reports:
            return
        if parent.waits is NEXT_CHILD:
            parent.waits = None
            self._ready.append((parent, process))
        else:
            parent.ended.append(process)

    def _pass_time(self) -> None:
        while self._heap:
            time, _, process, wake = self._heap[0]
            if self._is_over(self._heap[0]):
                heapq.heappop(self._heap)
                continue
            if self._deadline is not None and time > self._deadline:
                self.now = self._deadline
                raise DeadlineReached
            heapq.heappop(self._heap)
            if self._pace is not None and time > self.now:
                self._pace(time - self.now)
            self.now = time
            if wake == _LIMIT:
                self.cancel_children(process)
                self._advance(process, None, TimeOver())
            else:
                process.wake += 1
                self._ready.append((process, None))
            return
        if self._deadline is not None:
            self.now = self._deadline
            raise DeadlineReached
        raise Deadlock
