"""How callables are really called: in place, with an alarm that ends what hangs, or several at the same time.

A *caller* starts a piece of work and gives a `Pending`, which has its value when it is asked for. Virtual time stands
still meanwhile, and values are asked for in the order in which the work was started, so that a run in which callables
overlap has the same history each time.
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


class Hung(Exception):  # noqa: N818 - what happened to the work, not an error of ours
    """The work was not done within its limit."""


class Ended(BaseException):
    """Raised inside of work that is to end. No `except Exception` of a user's takes it."""


class Pending(Protocol):
    """Work that was started."""

    ready: bool
    """Whether the value is there already, with no need to wait for it."""

    def result(self) -> Any:
        """The value, waited for. Raises `Hung`, and what the work raised."""

    def abandon(self) -> None:
        """Tells that nobody will ask for the value."""


class Caller(Protocol):
    """Starts work. `limit` is in real seconds, None for no end."""

    def start(self, work: Work, limit: float | None) -> Pending: ...


class _Done:
    """Work that was done at once."""

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
        """Nothing is left to be done."""


class InPlace:
    """Calls in the thread that asks. A limit is held by the alarm signal, which only the main thread gets."""

    def start(self, work: Work, limit: float | None) -> Pending:
        if limit is None:
            return _Done(work())

        over = False

        def ring(_number: int, _frame: FrameType | None) -> None:
            if not over:
                raise Ended

        before = signal.signal(signal.SIGALRM, ring)
        # It rings again in case that the first one was swallowed.
        signal.setitimer(signal.ITIMER_REAL, limit, 1.0)
        try:
            try:
                value = work()
            finally:
                # It may ring here, too, while a deep stack unwinds; that is caught below.
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

    __slots__ = ("_abandoned", "_done", "_error", "_limit", "_replace", "_started", "_thread", "_value", "_work")

    ready = False

    def __init__(self, work: Work, limit: float | None, replace: Callable[[], None]) -> None:
        self._work = work
        self._limit = limit
        self._replace = replace
        self._started = threading.Event()
        self._done = threading.Event()
        self._abandoned = False
        self._thread = 0
        self._value: Any = None
        self._error: BaseException | None = None

    def run(self) -> bool:
        """Does the work; false when its thread was given up meanwhile."""
        self._thread = threading.get_ident()
        self._started.set()
        try:
            self._value = self._work()
        except BaseException as error:  # noqa: BLE001 - told to the thread that asks
            self._error = error
        self._done.set()
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

            # Ends what runs Python code; what is blocked elsewhere is left to itself.
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), ctypes.py_object(Ended))
            self._replace()


class Workers:
    """Calls in threads, at most `count` at the same time. Used in a `with` statement, which ends them."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._threads = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for _number in range(self._threads):
            self._jobs.put(None)

    def start(self, work: Work, limit: float | None) -> Pending:
        job = _Job(work, limit, self._add_thread)
        self._jobs.put(job)
        if self._threads < self.count:
            self._threads += 1
            self._add_thread()
        return job

    def _add_thread(self) -> None:
        # A daemon: a handler that never ends must not keep the program from ending.
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            if not job.run():
                return


def caller_for(workers: int) -> InPlace | Workers:
    """The caller for so many calls at the same time; one is made in place where the alarm signal can reach it."""
    if workers == 1 and hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread():
        return InPlace()
    return Workers(workers)
