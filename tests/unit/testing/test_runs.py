"""What a run says of itself, and its assertions: when they hold, and what they say when they don't."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flowgen.testing import Call, Run, Workflow, in_turn, raises


@pytest.fixture(scope="module")
def run(foreign: Workflow) -> Run:
    """`Ask` once in vain, then both branches and two items."""
    return foreign.run(
        {"n": 7},
        mocks={"Ask": in_turn(raises("Busy"), {"go": {"on": True}}), "one": [3, 4], "item": lambda item: item + 1},
        start=datetime(2026, 5, 1, tzinfo=UTC),
    )


@pytest.fixture(scope="module")
def failed(foreign: Workflow) -> Run:
    """The second branch is aborted, since the first fails."""
    return foreign.run({"n": 7}, mocks={"Ask": {}, "one": raises("Broken", "it fell")})


def test_its_clock(run: Run) -> None:
    """Five seconds before the retry, ten in the second branch."""
    assert run.elapsed == timedelta(seconds=15)
    assert (run.started, run.ended) == (datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 5, 1, 0, 0, 15, tzinfo=UTC))


def test_its_path(run: Run) -> None:
    """Every state that was entered, in order."""
    assert run.path == ["Ask", "Both", "One", "Two", "Each", "Item", "Item"]
    run.took_path("Ask", "Two", "Item").took_path(*run.path, exactly=True).skipped("Late")


def test_its_calls(run: Run) -> None:
    """Each attempt is one; a function's has its name."""
    assert [call.step for call in run.calls] == ["Ask", "Ask", "One", "Item", "Item"]
    assert run.calls[3:] == [Call("Item", "item", 3), Call("Item", "item", 4)]
    run.called("item").called("item", times=2).called("Item", times=1, with_=4).called("Late", times=0)
    run.called("One", with_={"go": {"on": True}}).called("One", with_={"go": {}}).called(
        "One", with_={"go": 1}, times=0
    )


def test_its_retries(run: Run) -> None:
    """Attempts after the first; two iterations are not a retry."""
    run.retried("Ask").retried("Ask", 1).retried("Item", 0).retried("Both", 0)


def test_its_output(run: Run) -> None:
    """As JSON values, or as a type."""
    assert run.output == [4, 5]
    assert run.output_as(tuple[int, int]) == (4, 5)
    assert run.history[-1]["type"] == "ExecutionSucceeded"


def test_a_failure(failed: Run) -> None:
    """Status, error and a part of the cause."""
    assert failed.failed("Broken", "it fell").status == "FAILED"
    with pytest.raises(AssertionError, match="expected the run to succeed, but the run failed with Broken"):
        _ = failed.output


@pytest.mark.parametrize(
    ("check", "said"),
    [
        (lambda run: run.failed(), "expected the run to fail, but the run succeeded"),
        (lambda run: run.failed("Broken"), "expected the run to fail with Broken, but the run succeeded"),
        (lambda run: run.took_path("Two", "Ask"), "expected the steps Two → Ask, but `Ask` did not follow; the path"),
        (lambda run: run.took_path("Ask", exactly=True), "expected exactly the steps Ask, but the path was Ask → Both"),
        (lambda run: run.skipped("Two"), "expected `Two` not to be entered, but it was"),
        (
            lambda run: run.called("item", times=3),
            "expected `item` to be called 3 times, but it was called twice:\n  3",
        ),
        (lambda run: run.called("Late"), "expected `Late` to be called, but it was never called"),
        (lambda run: run.called("item", with_=True), "expected `item` to be called with true, but"),
        (lambda run: run.retried("Ask", 2), "expected `Ask` to be retried twice, but it was retried once"),
        (lambda run: run.retried("One"), "expected `One` to be retried, but it was never retried"),
    ],
)
def test_what_an_assertion_says(run: Run, check: Any, said: str) -> None:
    """First what was expected and what was, then the trace."""
    with pytest.raises(AssertionError) as raised:
        check(run)

    message = str(raised.value)
    assert message.startswith(said)
    assert message.endswith(run.trace)


def test_where_it_failed_is_in_the_message(failed: Run) -> None:
    """The state that failed, in the branch that did, with its line in the file."""
    with pytest.raises(AssertionError) as raised:
        failed.failed("Other")

    assert "but the run failed with Broken: it fell\n" in str(raised.value)
    assert "\nat `One` (machine.asl.json:7)" in str(raised.value)
