"""Evaluates large expressions in a separate process with limits on memory and time.

The library bounds each array and each string, but not their sum, and looks at the clock only every few hundred steps:
`$map([1..800000], function($x) { [1..800000] })` takes gigabytes within seconds. Nothing else in a process can stop
native code. So expressions that are small are evaluated in place (`evaluate.SMALL`), and the others in a process that
exits when it exceeds a limit (`evaluating_process`), and otherwise waits for the next expression.

In: the text of an expression, its variables, and its environment. Out: its value or its failure.
"""

from __future__ import annotations

import atexit
import os
import pickle
import subprocess
import sys
import threading
from contextlib import suppress
from typing import Any

from flowgen.jsonata.aws_functions import Environment
from flowgen.jsonata.failures import EvaluationFailure, memory_exceeded, time_exceeded

TOO_LARGE, TOO_SLOW = 3, 4
"""Exit statuses of the evaluating process after it exceeded a limit."""


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
                raise time_exceeded() if _ended(process) == TOO_SLOW else memory_exceeded() from None
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
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "flowgen.jsonata.evaluating_process"],
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
