"""Evaluates large expressions in a separate process with limits on memory and time.

The library bounds each array and each string, but not their sum, and looks at the clock only every few hundred steps:
`$map([1..800000], function($x) { [1..800000] })` takes gigabytes within seconds. Nothing else in a process can stop
native code. So expressions that are small are evaluated in place (`evaluate.SMALL`), and the others here, in a process
that exits when it exceeds a limit, and otherwise waits for the next expression.

In: the text of an expression, its variables, and its environment. Out: its value or its failure.
"""

from __future__ import annotations

import atexit
import os
import pickle
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any, NoReturn

from flowgen.jsonata.aws_functions import Environment
from flowgen.jsonata.failures import EvaluationFailure, memory_exceeded, time_exceeded
from flowgen.jsonata.long_integers import LongIntegers

MEMORY = 192 * 2**20
"""Bytes that an evaluation may use. AWS allows about 7 MB, counted in an unpublished way."""

GRACE = 2.0
"""Seconds beyond the time limit after which an evaluation is killed, because the library rarely checks its clock."""

_TOO_LARGE, _TOO_SLOW = 3, 4
_POLL = 0.005


class _Process:
    """The evaluating process, started on first use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def ask(self, question: tuple[Any, ...]) -> tuple[Any, ...]:
        """The answer to a request. Raises EvaluationFailure if the process exited, OSError if there is no process."""
        with self._lock:
            if self._running is None or self._owner != os.getpid() or self._running.poll() is not None:
                self._running, self._owner = self._start(), os.getpid()
            process = self._running
            assert process.stdin is not None  # noqa: S101 - piped
            assert process.stdout is not None  # noqa: S101 - piped
            try:
                pickle.dump(question, process.stdin)
                process.stdin.flush()
                answer: tuple[Any, ...] = pickle.load(process.stdout)  # noqa: S301 - from our own process
            except (EOFError, BrokenPipeError, pickle.UnpicklingError):
                self._running = None
                raise time_exceeded() if _ended(process) == _TOO_SLOW else memory_exceeded() from None
            except BaseException:  # an interruption: the next request must not get this answer
                self.close()
                raise
            return answer

    def close(self) -> None:
        """Ends the process, if there is one."""
        process, self._running = self._running, None
        if process is not None and self._owner == os.getpid():
            process.kill()
            _ended(process)

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - this Python, with a module of flowgen
            [sys.executable, "-P", "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )


def _ended(process: subprocess.Popen[bytes]) -> int:
    """The exit status of a process that ends."""
    with suppress(OSError):
        process.communicate()
    return process.returncode


_process = _Process()
atexit.register(_process.close)


def evaluate(
    source: str, limits: dict[str, Any], bindings: dict[str, Any], shared: dict[str, Any] | None, world: Environment
) -> Any:
    """The value of an expression. `shared` are the values of an `evaluate.Shared`.

    Raises `EvaluationFailure`, also where no process can be started.
    """
    state = world.random.getstate()
    try:
        kind, value, state = _process.ask((source, limits, bindings, shared, state, world.millis()))
    except (RecursionError, OSError):  # nested too deeply to be sent, or no process can be started
        raise memory_exceeded() from None
    world.random.setstate(state)
    if kind == "failure":
        raise EvaluationFailure(value)
    return value


def _serve() -> None:
    """Answers requests until the input ends."""
    from flowgen.jsonata.evaluate import Expression, Shared

    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    while True:
        try:
            source, limits, bindings, shared, state, millis = pickle.load(questions)  # noqa: S301 - from our parent
        except EOFError:
            return
        random = Random()  # noqa: S311 - reproducible on purpose
        random.setstate(state)
        world = Environment(random, lambda now=millis: now, LongIntegers())  # type: ignore[misc]  # a default
        done = threading.Event()
        ends = time.monotonic() + limits["timeout"] + GRACE
        threading.Thread(target=_watch, args=(done, ends, _resident() + MEMORY), daemon=True).start()
        try:
            expression = Expression(source, limits, lets_others_run=True)
            value = expression.evaluate(bindings, world, None if shared is None else Shared(shared, world))
            answer = ("value", value, random.getstate())
        except EvaluationFailure as failure:
            answer = ("failure", failure.reason, random.getstate())
        pickle.dump(answer, answers)
        done.set()
        answers.flush()
        del source, bindings, shared, answer


def _watch(done: threading.Event, ends: float, most: int) -> None:
    """Ends this process if an evaluation exceeds a limit."""
    while not done.wait(_POLL):
        if _resident() > most:
            _end(_TOO_LARGE)
        if time.monotonic() > ends:
            _end(_TOO_SLOW)


def _end(status: int) -> NoReturn:
    # Not `sys.exit`, which only ends this thread.
    os._exit(status)


if sys.platform == "linux":

    def _resident() -> int:
        """The memory of this process in bytes."""
        return int(Path("/proc/self/statm").read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")

elif sys.platform == "win32":

    def _resident() -> int:
        """The memory of this process in bytes."""
        import ctypes

        class Counters(ctypes.Structure):
            """`PROCESS_MEMORY_COUNTERS` of psapi.h."""

            _fields_ = (
                ("cb", ctypes.c_uint32),
                ("PageFaultCount", ctypes.c_uint32),
                *((name, ctypes.c_size_t) for name in ("PeakWorkingSetSize", "WorkingSetSize", "a", "b", "c", "d")),
                ("PagefileUsage", ctypes.c_size_t),
                ("PeakPagefileUsage", ctypes.c_size_t),
            )

        counters = Counters(cb=ctypes.sizeof(Counters))
        kernel = ctypes.windll.kernel32
        kernel.GetCurrentProcess.restype = ctypes.c_void_p
        kernel.K32GetProcessMemoryInfo(ctypes.c_void_p(kernel.GetCurrentProcess()), ctypes.byref(counters), counters.cb)
        return int(counters.WorkingSetSize)

else:

    def _resident() -> int:
        """The peak memory of this process in bytes, as macOS and the BSDs count it."""
        import resource

        size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return size if sys.platform == "darwin" else size * 1024


if __name__ == "__main__":
    _serve()
