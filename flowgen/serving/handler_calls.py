"""Calls handlers in threads, for executions that all run in one other thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from flowgen.local.call_limits import Hung, Pending, Work, Workers


class Call:
    """A call in a thread. It is `ready` once it has ended, or has taken more than its limit."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self.ready = False
        self.job: Pending | None = None
        self._wake = wake
        self._overdue = False

    def end(self, *, overdue: bool = False) -> None:
        """Report the end of the call, or of its time, to the execution that waits for it."""
        if not self.ready:
            self.ready, self._overdue = True, overdue
            self._wake()

    def result(self) -> Any:
        """The value. Raises `Hung`, and whatever the work raised."""
        if self.job is None or self._overdue:
            self.abandon()
            raise Hung
        return self.job.result()

    def abandon(self) -> None:
        """Give the call up: its value is not needed any more."""
        if self.job is not None:
            self.job.abandon()


class HandlerCalls:
    """The calls of one execution: a `Caller` whose calls report their end to the event loop."""

    def __init__(self, workers: Workers, loop: asyncio.AbstractEventLoop, wake: Callable[[], None]) -> None:
        self._workers = workers
        self._loop = loop
        self._wake = wake

    def start(self, work: Work, limit: float | None) -> Call:
        """Call `work` in a thread. The limit counts from the moment at which a thread takes it."""
        call, loop = Call(self._wake), self._loop

        def in_thread() -> Any:
            if limit is not None:
                report(lambda: loop.call_later(limit, lambda: call.end(overdue=True)))
            return work()

        def report(callback: Callable[[], object]) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(callback)

        call.job = self._workers.start(in_thread, None, on_end=lambda: report(call.end))
        return call
