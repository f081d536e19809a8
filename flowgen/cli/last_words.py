"""Reports which handler was running when native code crashed, or the system ended the process.

Handlers run in the same process, so that debuggers, coverage and the handlers' own state work as usual. After a crash,
no code in it can run. A forked process therefore waits for the end, and reports the running handlers. Systems without
fork, such as Windows, show only their own report.
"""

from __future__ import annotations

import os
import select
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from mmap import mmap
from typing import NoReturn, TextIO

from flowgen.diagnostics.render.display import visible

_SIZE = 4096
_POLL = 0.5
"""Seconds between checks for the parent, in case a process started by a handler keeps the pipe open."""
_DONE = b"."


@contextmanager
def last_words(errors: TextIO) -> Iterator[Callable[[str], AbstractContextManager[None]] | None]:
    """Yields a context manager for each call of a handler; None if a crash cannot be reported."""
    try:
        stderr = errors.fileno()
    except (OSError, ValueError):
        stderr = -1
    if stderr < 0 or not hasattr(os, "fork"):
        yield None
        return
    board = mmap(-1, _SIZE)
    reading, writing = os.pipe()
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        _wait(parent, reading, writing, board, stderr)
    os.close(reading)
    try:
        yield _Running(board).call
    finally:
        os.write(writing, _DONE)
        os.close(writing)
        with suppress(ChildProcessError):  # a handler has waited for all of its children
            os.waitpid(child, 0)


class _Running:
    """The steps whose handlers are running, in memory that both processes share."""

    def __init__(self, board: mmap) -> None:
        self._board = board
        self._lock = threading.Lock()
        self._steps: list[str] = []

    @contextmanager
    def call(self, step: str) -> Iterator[None]:
        with self._lock:
            self._steps.append(step)
            self._write()
        try:
            yield
        finally:
            with self._lock:
                self._steps.remove(step)
                self._write()

    def _write(self) -> None:
        names = ", ".join(f"`{visible(step)}`" for step in self._steps)
        self._board[:] = names.encode("utf-8", "replace")[:_SIZE].ljust(_SIZE, b"\0")


def _wait(parent: int, reading: int, writing: int, board: mmap, stderr: int) -> NoReturn:
    """In the forked process: waits for the end of `parent`, and reports what was running."""
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            signal.signal(number, signal.SIG_IGN)
        os.close(writing)
        for inherited in {0, 1} - {stderr, reading}:
            with suppress(OSError):
                os.close(inherited)
        while not select.select([reading], [], [], _POLL)[0] and os.getppid() == parent:
            pass
        ended = os.getppid() == parent and os.read(reading, 1) == _DONE
        steps = b"" if ended else board[:].rstrip(b"\0")
        if steps:
            os.write(
                stderr,
                b"error: the process ended while the handler of " + steps + b" was running\n"
                b"  = note: in Lambda, the step would fail with Runtime.ExitError, and the execution would continue\n",
            )
    finally:
        os._exit(0)
