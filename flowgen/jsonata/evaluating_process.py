"""The process that evaluates large expressions for `bounded`, and exits when one exceeds a limit.

In: requests on stdin, pickled. Out: an answer to each on stdout; exit status 3 or 4 after too much memory or time.
"""

from __future__ import annotations

import os
import pickle
import sys
import threading
import time
from pathlib import Path
from random import Random
from typing import NoReturn

from flowgen.jsonata.aws_functions import Environment
from flowgen.jsonata.bounded import TOO_LARGE, TOO_SLOW
from flowgen.jsonata.evaluate import Expression, Shared
from flowgen.jsonata.failures import EvaluationFailure
from flowgen.jsonata.long_integers import LongIntegers

MEMORY = 192 * 2**20
"""Bytes that an evaluation may use. AWS allows about 7 MB, counted in an unpublished way."""

GRACE = 2.0
"""Seconds beyond the time limit after which an evaluation is killed, because the library rarely checks its clock."""

_POLL = 0.005


def _serve() -> None:
    """Answers requests until the input ends."""
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
            _end(TOO_LARGE)
        if time.monotonic() > ends:
            _end(TOO_SLOW)


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
