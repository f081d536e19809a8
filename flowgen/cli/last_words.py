"""Reports which handler was running when native code crashed, or the system ended the process.

Handlers run in this very process, so that debuggers, coverage and handlers' own state work as usual; nothing in it can
run after such an end. So a forked process waits for the end, says what was running, and does nothing else. Where there
is no fork, as on Windows, the system's own report has to do.
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
"""Seconds between looks for the parent, for when a process that a handler left holds the pipe open."""
_DONE = b"."


@contextmanager
def last_words(errors: TextIO) -> Iterator[Callable[[str], AbstractContextManager[None]] | None]:
    """Yields what surrounds each call of a step's handler; None where nobody could report its end."""
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
    """The steps whose handlers are running, on a board that both processes see."""

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
                b"  = note: on Lambda, this fails the step with Runtime.ExitError, and the execution goes on\n",
            )
    finally:
        os._exit(0)
