"""Handlers that end the process, fail in strange ways or return what JSON cannot hold: the step fails as on Lambda."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, Never

import pytest

from flowgen.local import Task, execute
from flowgen.local.calling import InPlace

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


def test_an_interruption_is_the_persons() -> None:
    with pytest.raises(KeyboardInterrupt):
        execute(MACHINE, {}, tasks={"f": Task(lambda _event: throw(KeyboardInterrupt()))}, caller=InPlace())


def test_a_test_can_end_itself_inside_of_a_call() -> None:
    with pytest.raises(pytest.fail.Exception):
        execute(MACHINE, {}, tasks={"f": Task(lambda _event: pytest.fail("this must not be called"))})
