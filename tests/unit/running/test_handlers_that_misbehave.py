"""Handlers that end the process, fail in strange ways or return what JSON cannot hold: the step fails as on Lambda."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any, Never

import pytest

from flowgen.local import Task, execute
from flowgen.local.call_limits import InPlace

MACHINE = {
    "StartAt": "A",
    "States": {"A": {"Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:f", "End": True}},
}


def throw(error: BaseException) -> Never:
    raise error


class Unprintable(Exception):  # noqa: N818 - the name is of no matter
    def __str__(self) -> str:
        raise RuntimeError("no text")


class Base(BaseException):
    pass


class EndsInText(Exception):  # noqa: N818 - likewise
    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __str__(self) -> str:
        raise self.error


class NoItems(dict[str, int]):
    def items(self) -> Never:
        raise KeyError("no items")


def cycle() -> list[Any]:
    made: list[Any] = []
    made.append(made)
    return made


EXIT = "Runtime.ExitError"


@pytest.mark.parametrize(
    ("work", "error"),
    [
        (lambda: os._exit(0), EXIT),
        (lambda: os._exit(3), EXIT),
        (lambda: sys.exit(0), EXIT),
        (lambda: sys.exit("bye"), EXIT),
        (lambda: throw(Base("x")), EXIT),
        (lambda: throw(GeneratorExit()), EXIT),
        (lambda: throw(Unprintable()), EXIT),
        (lambda: throw(EndsInText(SystemExit(3))), EXIT),
        (lambda: throw(EndsInText(GeneratorExit())), EXIT),
        (lambda: NoItems(a=1), "Runtime.MarshalError"),
        (lambda: throw(StopIteration(1)), "StopIteration"),
        (lambda: throw(MemoryError()), "MemoryError"),
        (lambda: throw(RecursionError()), "RecursionError"),
        (lambda: throw(ExceptionGroup("g", [ValueError(1)])), "ExceptionGroup"),
        (lambda: {1, 2}, "Runtime.MarshalError"),
        (lambda: float("nan"), "Runtime.MarshalError"),
        (cycle, "Runtime.MarshalError"),
        (lambda: b"bytes", "Runtime.MarshalError"),
    ],
)
def test_the_step_fails(work: Callable[[], Any], error: str) -> None:
    execution = execute(MACHINE, {}, tasks={"f": Task(lambda _event: work())}, caller=InPlace())
    assert (execution.status, execution.error) == ("FAILED", error)
    assert os._exit.__module__ in {"posix", "nt", None}


@pytest.mark.parametrize(
    ("work", "end"),
    [
        (lambda: os.kill(os.getpid(), signal.SIGTERM), "terminated"),
        (lambda: signal.raise_signal(signal.SIGTERM), "terminated"),
        (lambda: signal.raise_signal(signal.SIGSEGV), "segmentation fault"),
        (lambda: os.abort(), "aborted"),  # noqa: PLW0108 - `os.abort` itself would end the tests
        pytest.param(
            lambda: os.kill(os.getpid(), 9),
            "killed",
            marks=pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL"),
        ),
    ],
)
def test_a_handler_that_kills_its_process_fails_its_step(work: Callable[[], Any], end: str) -> None:
    before = os.abort, os.kill, signal.raise_signal
    execution = execute(MACHINE, {}, tasks={"f": Task(lambda _event: work())}, caller=InPlace())
    assert (execution.status, execution.error) == ("FAILED", EXIT)
    assert f"Runtime exited with error: signal: {end}" in (execution.cause or "")
    assert (os.abort, os.kill, signal.raise_signal) == before


@pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")
def test_a_signal_that_the_handler_handles_ends_nothing() -> None:
    got: list[int] = []

    def work(_event: object) -> int:
        before = signal.signal(signal.SIGTERM, lambda number, _frame: got.append(number))
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), 0)
        signal.signal(signal.SIGTERM, before)
        return len(got)

    execution = execute(MACHINE, {}, tasks={"f": Task(work)}, caller=InPlace())
    assert (execution.status, execution.output) == ("SUCCEEDED", 1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_processes_that_a_handler_forks_may_end_as_they_like() -> None:
    def work(_event: object) -> int:
        child = os.fork()
        if child == 0:
            os._exit(7)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    execution = execute(MACHINE, {}, tasks={"f": Task(work)}, caller=InPlace())
    assert execution.output == 7


def test_an_interruption_is_the_persons() -> None:
    with pytest.raises(KeyboardInterrupt):
        execute(MACHINE, {}, tasks={"f": Task(lambda _event: throw(KeyboardInterrupt()))}, caller=InPlace())


def test_a_test_can_end_itself_inside_of_a_call() -> None:
    with pytest.raises(pytest.fail.Exception):
        execute(MACHINE, {}, tasks={"f": Task(lambda _event: pytest.fail("this must not be called"))})


def test_a_long_message_is_cut_to_what_a_history_holds() -> None:
    def work(_event: object) -> Never:
        raise type("E" * 1000, (Exception,), {})("x" * 10_000_000)

    execution = execute(MACHINE, {}, tasks={"f": Task(work)}, caller=InPlace())
    assert execution.error == "E" * 256
    assert json.loads(execution.cause or "")["errorMessage"] == "x" * 32_768
