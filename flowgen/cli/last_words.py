"""A forked process that watches handlers: it shows what they write past Python, and which one ended the process.

Handlers run in the same process, so that debuggers, coverage and the handlers' own state work as usual. After native
code has crashed, nothing in that process can run, and it does not see what native code and other processes write to
file descriptors 1 and 2. So these lead to a forked process, which makes what it reads harmless, and reports the
running handlers if its parent ends early. Systems without fork, such as Windows, show only their own report, and
programs print to the same streams as flowgen.
"""

from __future__ import annotations

import codecs
import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from mmap import mmap
from typing import NoReturn, TextIO

from flowgen.diagnostics.render.display import HarmlessStream, visible

_SIZE = 4096
_CHUNK = 65_536
_POLL = 0.5
"""Seconds between checks for the parent, in case a process started by a handler keeps the pipe open."""
_DONE = b"."


@dataclass(frozen=True, slots=True)
class Watched:
    """`around` surrounds each call of a step's handler; `result` and `errors` are streams for flowgen's own output."""

    around: Callable[[str], AbstractContextManager[None]] | None
    result: TextIO
    errors: TextIO


@contextmanager
def watched_handlers(result: TextIO, errors: TextIO) -> Iterator[Watched]:
    """Watches handlers while they may run. `around` is None where nobody could report the end of one."""
    if not hasattr(os, "fork") or not _is_descriptor(errors, 2) or not _is_descriptor(result, 1):
        yield Watched(None, result, errors)
        return
    board = mmap(-1, _SIZE)
    reading, writing = os.pipe()
    printed, printing = os.pipe()
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        os.close(printing)
        _wait(parent, reading, writing, board, printed)
    os.close(reading)
    os.close(printed)
    own = _own(result), _own(errors)
    try:
        os.dup2(printing, 1)
        os.dup2(printing, 2)
        os.close(printing)
        yield Watched(_Running(board).call, *own)
    finally:
        unusable = [name for name, stream in (("stdout", result), ("stderr", errors)) if not _flushed(stream)]
        os.dup2(own[0].fileno(), 1)
        os.dup2(own[1].fileno(), 2)
        os.write(writing, _DONE)
        os.close(writing)
        with suppress(ChildProcessError):  # a handler has waited for all of its children
            os.waitpid(child, 0)
        for name, stream in zip(("stdout", "stderr"), own, strict=True):
            if name in unusable:
                setattr(sys, name, stream)
            else:
                stream.close()


def _is_descriptor(stream: TextIO, number: int) -> bool:
    try:
        return stream.fileno() == number and stream.writable()  # `>&-` leaves a stream that is not
    except (OSError, ValueError):
        return False


def _flushed(stream: TextIO) -> bool:
    """Writes what a handler has left in the stream; false where the handler has closed or detached it."""
    try:
        stream.flush()
    except ValueError:
        return False
    return True


def _own(stream: TextIO) -> TextIO:
    """A stream to where `stream` leads, whatever happens to `stream`."""
    stream.flush()
    copy = os.dup(stream.fileno())
    return os.fdopen(copy, "w", 1 if stream.line_buffering else -1, stream.encoding, "backslashreplace", "\n")


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


def _wait(parent: int, reading: int, writing: int, board: mmap, printed: int) -> NoReturn:
    """In the forked process: shows what was printed, waits for the end of `parent`, and reports what was running."""
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            signal.signal(number, signal.SIG_IGN)
        os.close(writing)
        for inherited in (0, 1):
            os.close(inherited)
        shown = HarmlessStream(open(2, "w", encoding="utf-8", errors="backslashreplace", newline="\n", closefd=False))  # noqa: SIM115 - until the end
        decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        sources, done = [reading, printed], False
        # The end of `reading` without `_DONE`: the parent has ended, or a handler has closed its side.
        while not done and os.getppid() == parent:
            ready = select.select(sources, [], [], _POLL)[0]
            if printed in ready and not _pass_on(printed, decoder, shown):
                sources.remove(printed)
            elif reading in ready:
                done = os.read(reading, 1) == _DONE
                sources.remove(reading)
        while printed in sources and select.select([printed], [], [], 0)[0]:
            if not _pass_on(printed, decoder, shown):
                sources.remove(printed)
        steps = b"" if done else board[:].rstrip(b"\0")
        if steps:
            os.write(
                2,
                b"error: the process ended while the handler of " + steps + b" was running\n"
                b"  = note: in Lambda, the step would fail with Runtime.ExitError, and the execution would continue\n",
            )
    finally:
        os._exit(0)


def _pass_on(printed: int, decoder: codecs.IncrementalDecoder, shown: HarmlessStream) -> bool:
    """Shows what was printed since; false at its end."""
    data = os.read(printed, _CHUNK)
    with suppress(OSError):  # nobody reads it any more; the handler must not be held up
        shown.write(decoder.decode(data, final=not data))
        shown.flush()
    return bool(data)
