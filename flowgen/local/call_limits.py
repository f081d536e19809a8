"""Calls callables within limits on real time: in the current thread, with an alarm, or in several threads.

A *caller* starts a piece of work and returns a `Pending`, whose `result` waits for the value. Virtual time does not
advance meanwhile. The runner collects values in the order in which it started the work, so a run with overlapping
calls always has the same history.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Protocol, Self

if TYPE_CHECKING:
    from types import FrameType

Work = Callable[[], Any]


class Hung(Exception):  # noqa: N818 - the state of the work, not an error of the runner
    """The work did not finish within its limit."""


class Ended(BaseException):
    """Raised inside work that must stop. A handler's `except Exception` does not catch it."""


class Pending(Protocol):
    """Work that has been started."""

    @property
    def ready(self) -> bool:
        """Whether the value is available without waiting."""

    def result(self) -> Any:
        """Wait for the value. Raises `Hung`, and whatever the work raised."""

    def abandon(self) -> None:
        """Give the work up: its value is not needed any more."""


class Caller(Protocol):
    """Starts work. `limit` is in real seconds, None for no limit."""

    def start(self, work: Work, limit: float | None) -> Pending: ...


class _Done:
    """Work that finished when it was started."""

    __slots__ = ("_hung", "_value", "ready")

    def __init__(self, value: Any, *, hung: bool = False) -> None:
        self.ready = True
        self._value = value
        self._hung = hung

    def result(self) -> Any:
        if self._hung:
            raise Hung
        return self._value

    def abandon(self) -> None:
        """Do nothing: the work is finished."""


class InPlace:
    """Calls in the current thread. The alarm signal enforces the limit; only the main thread receives it."""

    def start(self, work: Work, limit: float | None) -> Pending:
        if limit is None:
            return _Done(work())

        over = False

        def ring(_number: int, _frame: FrameType | None) -> None:
            if not over:
                raise Ended

        before = signal.signal(signal.SIGALRM, ring)
        # It rings again in case a handler swallowed the first alarm.
        signal.setitimer(signal.ITIMER_REAL, limit, 1.0)
        try:
            try:
                value = work()
            finally:
                # The alarm may also ring here, while a deep stack unwinds; `except Ended` below catches it.
                over = True
        except Ended:
            over = True
            return _Done(None, hung=True)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        return _Done(value)


class _Job:
    """Work in a thread."""

    __slots__ = (
        "_abandoned",
        "_done",
        "_error",
        "_limit",
        "_on_end",
        "_replace",
        "_started",
        "_thread",
        "_value",
        "_work",
    )

    ready = False

    def __init__(
        self, work: Work, limit: float | None, replace: Callable[[], None], on_end: Callable[[], None] | None
    ) -> None:
        self._work = work
        self._limit = limit
        self._replace = replace
        self._on_end = on_end
        self._started = threading.Event()
        self._done = threading.Event()
        self._abandoned = False
        self._thread = 0
        self._value: Any = None
        self._error: BaseException | None = None

    def run(self) -> bool:
        """Do the work. Returns false if its thread was abandoned meanwhile."""
        self._thread = threading.get_ident()
        self._started.set()
        try:
            self._value = self._work()
        except BaseException as error:  # noqa: BLE001 - `result` raises it in the thread that waits
            self._error = error
        self._done.set()
        if self._on_end is not None:
            self._on_end()
        return not self._abandoned

    def result(self) -> Any:
        self._started.wait()
        if not self._done.wait(self._limit):
            self.abandon()
            raise Hung
        if self._error is not None:
            raise self._error
        return self._value

    def abandon(self) -> None:
        if self._done.is_set() or self._abandoned:
            return
        self._abandoned = True
        if self._started.is_set():
            import ctypes

            # This ends work that runs Python code; work that blocks in native code continues.
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), ctypes.py_object(Ended))
            self._replace()


class Workers:
    """Calls in up to `count` threads. Use it in a `with` statement, which ends the threads."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._threads = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for _number in range(self._threads):
            self._jobs.put(None)

    def start(self, work: Work, limit: float | None, on_end: Callable[[], None] | None = None) -> Pending:
        """Start work in a thread. `on_end` is called in that thread when the work has ended."""
        job = _Job(work, limit, self._add_thread, on_end)
        self._jobs.put(job)
        if self._threads < self.count:
            self._threads += 1
            self._add_thread()
        return job

    def _add_thread(self) -> None:
        # A daemon: a handler that never returns must not keep the program alive.
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            if not job.run():
                return


def caller_for(workers: int) -> InPlace | Workers:
    """The caller for this many simultaneous calls. A single call runs in the main thread where alarms are available."""
    if workers == 1 and hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread():
        return InPlace()
    return Workers(workers)
