"""Runs executions in the event loop's thread, a slice at a time, so that none keeps the others waiting.

Waits are skipped, unless `real_time` is set. While a task waits for a client (a task token, a worker of an activity),
the clock of its execution runs in real time, so that timeouts and heartbeats mean what they say.
"""

from __future__ import annotations

import asyncio
import math
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flowgen.local.execution import Execution
from flowgen.local.frame import Run
from flowgen.local.history import Event
from flowgen.local.live import LiveExecution
from flowgen.local.map_runs import MapRun
from flowgen.local.scheduler import Pause
from flowgen.serving.journal import Journal, encoded
from flowgen.serving.state_machines import StateMachine

STEPS = 200
"""Steps of one slice: some milliseconds."""


TURN = 0.005
"""Seconds for which executions run before requests have their turn."""


@dataclass(eq=False, slots=True)
class Record:
    """An execution that a client started. `live` is None once nothing of it runs any more.

    `failed` is the execution if it can be redriven. `redrive_tokens` are the client tokens of redrives, by date.
    `past_events` reads the events of an execution that ended in an earlier process. A `child` was started by a task or
    a Map run; `items` is how many items of the Map run it has. `base` is the time from which the times of events count.
    `anchor` is a moment of the real clock and the virtual time at that moment, while virtual time follows the real one.
    """

    arn: str
    name: str
    machine: StateMachine
    input: str
    start: datetime
    live: LiveExecution | None = None
    finished: Execution | None = None
    waiting: asyncio.Event | None = None
    pause: Pause = Pause.BUSY
    anchor: tuple[float, float] | None = None
    timer: asyncio.TimerHandle | None = None
    trace_header: str | None = None
    version: str | None = None
    alias: str | None = None
    tokens: set[str] = field(default_factory=set)
    map_runs: list[MapRun[Run]] = field(default_factory=list)
    failed: LiveExecution | None = None
    past_redrives: int = 0
    past_events: Callable[[], list[Event]] | None = None
    case: str | None = None
    seed: int = 0
    child: bool = False
    map_run_arn: str | None = None
    label: str | None = None
    items: int | None = None
    base: datetime | None = None
    journal: Journal | None = None
    redrive_date: datetime | None = None
    redrive_tokens: dict[str, datetime] = field(default_factory=dict)

    @property
    def ended(self) -> asyncio.Event:
        """An event that is set once the execution has ended. Few executions need one."""
        if self.waiting is None:
            self.waiting = asyncio.Event()
            self.announce()
        return self.waiting

    def announce(self) -> None:
        """Report the end to whoever waits for it."""
        if self.waiting is not None and self.finished is not None:
            self.waiting.set()

    @property
    def status(self) -> str:
        return "RUNNING" if self.finished is None else self.finished.status

    @property
    def stop(self) -> datetime | None:
        return None if self.finished is None else self.start + timedelta(seconds=self.finished.elapsed)

    @property
    def epoch(self) -> datetime:
        """The time from which the times of the events count."""
        return self.base or self.start

    @property
    def root_machine(self) -> StateMachine:
        """The state machine of which the execution runs a part, or all of it."""
        return self.machine

    @property
    def redrives(self) -> int:
        """How often the execution was redriven."""
        live = self.live or self.failed
        return self.past_redrives if live is None else live.run.redrives

    @property
    def events(self) -> Any:
        if self.past_events is not None:
            return self.past_events()
        if self.finished is not None:
            return self.finished.events
        return () if self.live is None else self.live.run.history.events


@dataclass(eq=False, kw_only=True, slots=True)
class ChildRecord(Record):
    """An execution that a task or a Map run started. It runs inside the execution of `parent`, in its time."""

    parent: Record
    run: Run

    def __post_init__(self) -> None:
        self.child, self.base, self.map_runs = True, self.parent.epoch, self.run.map_runs
        of = self.run.map_run
        if of is not None:
            self.map_run_arn, self.label = of.arn, of.label
            self.items = next((of.sizes[index] for index, child in of.children.items() if child is self.run), 1)

    @property
    def root_machine(self) -> StateMachine:
        return self.parent.machine if self.map_run_arn is not None else self.machine

    @property
    def events(self) -> Any:
        return self.run.history.events

    @property
    def redrives(self) -> int:
        return self.run.redrives

    def end(self) -> None:
        """Record how the execution ended."""
        child = self.run.finished
        if child is not None:
            took = child.stopped - child.started
            self.finished = Execution(child.status, child.output, child.error, child.cause, took, self.start, ())
            self.announce()

    def restart(self) -> None:
        """Record that the execution's Map run was redriven."""
        self.finished = self.waiting = None


class Engine:
    """The executions that can continue, in the order in which they became ready. `clock` returns real seconds.

    With `real_time`, virtual time passes `scale` times as fast as real time.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        clock: Callable[[], float],
        on_end: Callable[[Record], None],
        *,
        real_time: bool,
        scale: float = 1.0,
    ) -> None:
        self._loop = loop
        self._clock = clock
        self._on_end = on_end
        self._real_time = real_time
        self._scale = scale
        self._ready: deque[Record] = deque()
        self._queued: set[Record] = set()
        self._scheduled = False

    def settle(self, record: Record, live: LiveExecution) -> None:
        """Take over an execution that was run again: it continues, or it has ended."""
        if live.finished is not None:
            self._end(record, live)
            if next(live.scheduler.detached, None) is None:
                record.live = None

    def wake(self, record: Record) -> None:
        """Continue an execution in its turn."""
        if record.live is None or record in self._queued:
            return
        if record.timer is not None:
            record.timer.cancel()
            record.timer = None
        self._queued.add(record)
        self._ready.append(record)
        self._schedule()

    def send(self, record: Record, token: str, message: object) -> None:
        """Deliver a message to the task that waits for it, and continue its execution."""
        if record.live is not None:
            self._catch_up(record, record.live)
            self._note(record, "send", token, encoded(message))
            record.live.scheduler.send(token, message)
            self.wake(record)

    def stop(self, record: Record, error: str | None, cause: str | None) -> None:
        """Abort an execution."""
        if record.live is not None:
            self._catch_up(record, record.live)
            self._note(record, "stop", error, cause)
            record.live.stop(error, cause)
            self._end(record, record.live)
            self.wake(record)

    def redrive(self, record: Record, live: LiveExecution, now: float) -> None:
        """Continue an execution that did not succeed. `now` is in seconds since its start."""
        if record.journal is not None:
            record.journal.note("redrive", live.scheduler.steps, now)
        live.redrive(now)
        record.live, record.failed, record.finished, record.waiting = live, None, None, None
        record.anchor = None
        self.wake(record)

    def update(self, record: Record, run: MapRun[Run], limits: list[Any]) -> None:
        """Change the limits of a Map run of an execution."""
        if record.live is not None:
            self._catch_up(record, record.live)
            self._note(record, "limits", run.arn, limits)
            run.update(*limits)
            if run.process is not None:
                record.live.scheduler.prompt(run.process)
            self.wake(record)

    def _note(self, record: Record, kind: str, *data: Any) -> None:
        if record.journal is not None and record.live is not None:
            record.journal.note(kind, record.live.scheduler.steps, *data)

    def _schedule(self) -> None:
        if self._ready and not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._turn)

    def _turn(self) -> None:
        """Run executions for a moment, then let requests in: starts must not outrun the executions that they start."""
        self._scheduled = False
        until = self._clock() + TURN
        try:
            while self._ready:
                record = self._ready.popleft()
                self._queued.discard(record)
                if record.live is not None:
                    self._run(record, record.live)
                if self._clock() >= until:
                    break
        finally:
            self._schedule()

    def _run(self, record: Record, live: LiveExecution) -> None:
        self._catch_up(record, live)
        try:
            record.pause = live.proceed(STEPS)
        except Exception:  # noqa: BLE001 - a bug of the runner must not leave the execution running for ever
            traceback.print_exc()
            live.fail("flowgen serve failed; its error output has the details")
            record.pause = Pause.ENDED
        if live.finished is not None:
            self._end(record, live)
        match record.pause:
            case Pause.ENDED:
                record.live = None
            case Pause.BUSY:
                self.wake(record)
            case Pause.IDLE:
                self._pass_time(record, live)
            case Pause.WORKING if self._real_time and record.anchor is None:
                record.anchor = (self._clock(), live.scheduler.now)

    def _end(self, record: Record, live: LiveExecution) -> None:
        if record.finished is None:
            record.finished = live.finished
            record.past_redrives = live.run.redrives
            record.failed = None if record.status == "SUCCEEDED" else live
            record.announce()
            self._on_end(record)

    def _pass_time(self, record: Record, live: LiveExecution) -> None:
        if not self._real_time and not live.waits_for_client():
            record.anchor = None
            live.pass_time(math.inf)
            self.wake(record)
            return
        if record.anchor is None:
            record.anchor = (self._clock(), live.scheduler.now)
        step = live.scheduler.steps
        if live.pass_time(self._now(record.anchor)):
            if record.journal is not None:
                record.journal.note("passed", step)
            self.wake(record)
            return
        time = live.scheduler.next_time()
        if time is not None:
            seconds = min((time - self._now(record.anchor)) / self._scale, _LONGEST_TIMER)
            record.timer = self._loop.call_later(max(seconds, 0.0), self._ring, record)

    def _ring(self, record: Record) -> None:
        record.timer = None
        self.wake(record)

    def _now(self, anchor: tuple[float, float]) -> float:
        moment, time = anchor
        return time + (self._clock() - moment) * self._scale

    def _catch_up(self, record: Record, live: LiveExecution) -> None:
        """Set the virtual clock to the real one where it follows it, but not beyond the next event."""
        if record.anchor is None:
            return
        until, following = self._now(record.anchor), live.scheduler.next_time()
        live.scheduler.now = max(live.scheduler.now, until if following is None else min(until, following))
        if record.journal is not None:
            record.journal.note_clock(live.scheduler.steps, live.scheduler.now)
        if not self._real_time:
            record.anchor = None


_LONGEST_TIMER = 86_400.0
"""Event loops reject timers of years; an execution that waits longer is looked at once a day."""
