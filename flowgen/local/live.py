"""An execution that runs in pieces, so that one thread can run thousands of them.

`proceed` runs as far as the execution gets without waiting. Whoever calls it decides when time passes, and delivers
messages under task tokens in between.
"""

from __future__ import annotations

from collections.abc import Iterator

from flowgen.asl.reserved_errors import RUNTIME
from flowgen.local.execution import ENDINGS, INPUT_TOO_LARGE, Execution, aborted, begin, concluded, succeeded
from flowgen.local.failures import StateFailure
from flowgen.local.frame import Frame, Run
from flowgen.local.machine import Machine
from flowgen.local.map_runs import MapRun
from flowgen.local.scheduler import DeadlineReached, Deadlock, Pause
from flowgen.local.values import encode, is_too_large


def _map_runs(run: Run) -> Iterator[MapRun[Run]]:
    for one in run.map_runs:
        yield one
        for child in one.children.values():
            yield from _map_runs(child)


class LiveExecution:
    """A running execution of a machine. `finished` is set when it has ended.

    Executions that it started without waiting for them run on afterwards: `proceed` returns `Pause.ENDED` only when
    they have ended, too.
    """

    def __init__(self, machine: Machine, run: Run) -> None:
        self.run = run
        self._machine = machine
        self.scheduler = run.scheduler
        self.finished: Execution | None = None
        self._frame = begin(run)
        self._root = run.scheduler.spawn(machine.run(self._frame, run.input))
        if is_too_large(encode(run.input)):
            self._conclude(INPUT_TOO_LARGE)

    def proceed(self, steps: int) -> Pause:
        """Run at most `steps` steps, or until the execution must wait. Returns why it paused."""
        last = self.scheduler.steps + steps
        if self.finished is None:
            pause = self._until_root_ends(steps)
            if self.finished is None:
                return pause
        for process in self.scheduler.detached:
            try:
                pause = self.scheduler.proceed(process, last - self.scheduler.steps)
            except ENDINGS:
                continue
            if pause is not Pause.ENDED:
                return pause
        return Pause.ENDED

    def _until_root_ends(self, steps: int) -> Pause:
        try:
            pause = self.scheduler.proceed(self._root, steps)
        except ENDINGS as ending:
            self._conclude(ending)
            return Pause.ENDED
        if pause is Pause.ENDED and self._root.failure is not None:
            self._conclude(self._root.failure)
        elif pause is Pause.ENDED:
            self.finished = succeeded(self._frame, self._root.value)
            self._end()
        return pause

    def pass_time(self, until: float) -> bool:
        """Let time pass up to the next event, but not beyond `until`. Returns whether the event happened."""
        try:
            return self.scheduler.pass_time(until)
        except (DeadlineReached, Deadlock) as ending:
            if self.finished is None:
                self._conclude(ending)
            for process in list(self.scheduler.detached):
                self.scheduler.cancel(process)
            return True

    def map_runs(self) -> Iterator[MapRun[Run]]:
        """The Map runs of the execution and of its children."""
        yield from _map_runs(self.run)

    def waits_for_client(self) -> bool:
        """Whether a task waits for a message under its token."""
        return self.scheduler.expects(self.run.tokens)

    def waits_for(self, token: str) -> bool:
        """Whether a task waits for a message under this token."""
        return token in self.run.tokens and self.scheduler.expects((token,))

    def stop(self, error: str | None, cause: str | None) -> None:
        """Abort the execution (`StopExecution`)."""
        self.run.unfinished = self._frame.unfinished()
        self.finished = aborted(self._frame, error, cause)
        self._end()

    def redrive(self, now: float) -> None:
        """Continue an execution that did not succeed where it stopped (`RedriveExecution`)."""
        run = self.run
        self.scheduler.restart(now)
        self._frame = Frame(run, {}, len(run.history.events), None)
        self._frame.redrive()
        self._root = self.scheduler.spawn(self._machine.run(self._frame, run.input, run.unfinished))
        run.unfinished = self.finished = None

    def fail(self, cause: str) -> None:
        """End the execution with States.Runtime, because the runner itself failed."""
        if self.finished is None:
            self._conclude(StateFailure(RUNTIME, cause))
        for process in list(self.scheduler.detached):
            self.scheduler.cancel(process)

    def abandon(self) -> None:
        """Give the execution up without an end: another process will continue it."""
        for process in (self._root, *self.scheduler.detached):
            self.scheduler.cancel(process)
        self.scheduler.abandon_work()

    def _conclude(self, ending: BaseException) -> None:
        self.run.unfinished = self._frame.unfinished()
        self.finished = concluded(self._frame, ending)
        self._end()

    def _end(self) -> None:
        self.scheduler.ended_at = self.scheduler.now
        self.scheduler.cancel(self._root)
        self.scheduler.abandon_work()
