"""Callables that hang, that overlap, and whose real time counts."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from flowgen.local import Task, execute
from flowgen.local.call_limits import Caller, InPlace, Workers, caller_for

JSON = Any

ARN = "arn:aws:lambda:us-east-1:111111111111:function:"


def call(name: str, **fields: JSON) -> JSON:
    return {"Type": "Task", "Resource": ARN + name, "End": True, **fields}


ONE = {"StartAt": "A", "States": {"A": call("f")}}


def both(left: JSON, right: JSON) -> JSON:
    branches = [{"StartAt": name, "States": {name: state}} for name, state in (("L", left), ("R", right))]
    return {"StartAt": "Both", "States": {"Both": {"Type": "Parallel", "Branches": branches, "End": True}}}


@pytest.fixture(params=["in place", "threads"])
def caller(request: pytest.FixtureRequest) -> Iterator[Caller]:
    if request.param == "in place":
        yield InPlace()
    else:
        with Workers(2) as workers:
            yield workers


def busy(_event: JSON) -> JSON:
    while True:
        pass


def sleepy(_event: JSON) -> JSON:
    time.sleep(60)


@pytest.mark.parametrize("function", [busy, sleepy])
def test_what_hangs_is_ended_as_lambda_would(caller: Caller, function: Any) -> None:
    """Lambda's timeout has the error Sandbox.Timedout, and takes its whole time; the runner goes on."""
    execution = execute(ONE, {}, tasks={"f": Task(function, limit=0.05)}, caller=caller)
    assert (execution.status, execution.error) == ("FAILED", "Sandbox.Timedout")
    assert "Error: Task timed out after 0.05 seconds" in (execution.cause or "")
    assert execution.elapsed == 0.05
    assert execute(ONE, 1, tasks={"f": Task(lambda event: event, limit=5)}, caller=caller).output == 1


def test_what_hangs_can_be_caught(caller: Caller) -> None:
    """A catcher takes the timeout of a function as any other of its errors."""
    state = {**call("f"), "Catch": [{"ErrorEquals": ["Sandbox.Timedout"], "Next": "B"}]}
    definition = {"StartAt": "A", "States": {"A": state, "B": {"Type": "Pass", "Result": "caught", "End": True}}}
    execution = execute(definition, {}, tasks={"f": Task(sleepy, limit=0.05)}, caller=caller)
    assert execution.output == "caught"


@pytest.mark.parametrize(
    ("function", "error"),
    [
        (lambda _: sys.exit(3), "Runtime.ExitError"),
        (lambda _: {1, 2}, "Runtime.MarshalError"),
        (lambda _: 1 / 0, "ZeroDivisionError"),
    ],
)
def test_what_goes_wrong_ends_the_step(caller: Caller, function: Any, error: str) -> None:
    """A callable that exits, gives no JSON or raises fails its task wherever it runs."""
    assert execute(ONE, {}, tasks={"f": Task(function, limit=5)}, caller=caller).error == error


def test_prints_go_to_standard_error(caller: Caller, capsys: pytest.CaptureFixture[str]) -> None:
    """What handlers print is not a result."""
    execute(both(call("f"), call("f")), {}, tasks={"f": lambda _: sys.stdout.write("hello\n")}, caller=caller)
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "hello\nhello\n")


def test_independent_branches_run_at_the_same_time() -> None:
    """Each waits for the other one here, which only ends when both are running."""
    barrier = threading.Barrier(2)

    def meet(event: JSON) -> JSON:
        barrier.wait(timeout=10)
        return event

    with Workers(2) as workers:
        assert execute(both(call("f"), call("f")), 1, tasks={"f": meet}, caller=workers).output == [1, 1]


@pytest.mark.parametrize("first", ["left", "right"])
def test_history_does_not_depend_on_who_is_done_first(first: str) -> None:
    """The same events in the same order, whichever of two callables is faster."""
    done = threading.Event()

    def function(name: str) -> Any:
        def run(_event: JSON) -> JSON:
            if name != first:
                done.wait(timeout=10)
            else:
                done.set()
            return name

        return run

    with Workers(2) as workers:
        tasks = {"left": function("left"), "right": function("right")}
        execution = execute(both(call("left"), call("right")), {}, tasks=tasks, caller=workers)
    exited = [event.details["name"] for event in execution.events if event.type == "TaskStateExited"]
    assert exited == ["L", "R"]
    assert execution.output == ["left", "right"]


def test_a_branch_that_failed_does_not_wait_for_the_other() -> None:
    """The execution fails with the first failure; what still runs next to it is left to itself."""

    def fail(_event: JSON) -> JSON:
        raise ValueError

    with Workers(2) as workers:
        tasks = {"left": Task(fail), "right": Task(sleepy, limit=30)}
        assert execute(both(call("left"), call("right")), {}, tasks=tasks, caller=workers).error == "ValueError"


def test_real_time_counts_where_it_is_measured() -> None:
    """The seconds between two looks at the stopwatch are the virtual seconds of the call."""
    looks = iter([10.0, 12.5])
    execution = execute(ONE, {}, tasks={"f": lambda event: event}, caller=InPlace(), stopwatch=lambda: next(looks))
    assert execution.elapsed == 2.5


def test_one_call_at_a_time_is_made_in_place() -> None:
    """Handlers run in the main thread unless more of them are to overlap."""
    assert isinstance(caller_for(1), InPlace)
    assert isinstance(caller_for(2), Workers)
