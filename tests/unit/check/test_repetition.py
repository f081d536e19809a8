"""FG219: retries that repeat a child workflow, or a question."""

from __future__ import annotations

import pytest

from flowgen.pipeline import check_text

TEXT = """\
flowgen: 1
name: payout
functions:
  pay: {{}}
  ask: {{{function}}}
steps:
  - id: step
    {step}
"""

ASKS = "call: ask\n    callback: any\n    timeout: 1 day"


def found(step: str, function: str = "") -> list[tuple[int, str]]:
    report = check_text(TEXT.format(step=step, function=function))
    return [(one.span.start.line, one.message) for one in report if one.code == "FG219" and one.span]


@pytest.mark.parametrize(
    "retry",
    ["2", "{attempts: 1}", "{errors: [any]}", "{errors: [States.ALL]}", "[{errors: [States.Timeout]}, {attempts: 2}]"],
)
def test_a_retry_for_any_error_asks_again(retry: str) -> None:
    assert found(f"{ASKS}\n    retry: {retry}") == [
        (11, "after any error, this retry asks again, with a new task token, and the first answer is lost")
    ]


def test_the_retry_of_a_function_asks_again() -> None:
    """The finding is at the step; the retry itself is right for other calls of the function."""
    assert [line for line, _ in found(ASKS, "retry: 2")] == [8]


@pytest.mark.parametrize(
    "step",
    [
        f"{ASKS}\n    retry: 0",
        f"{ASKS}\n    retry: {{errors: [States.Timeout]}}",
        ASKS,
        "call: pay\n    retry: 2",
        "aws: s3:listBuckets\n    retry: 2",
    ],
)
def test_retries_that_repeat_one_request(step: str) -> None:
    assert found(step) == []


@pytest.mark.parametrize("names", ["any", "States.TaskFailed"])
def test_a_child_runs_again(names: str) -> None:
    """What a child raises arrives as `States.TaskFailed`, so this name matches every error of the child."""
    [(line, message)] = found(f"workflow: payout\n    retry: {{errors: [{names}]}}")
    assert (line, message) == (9, "after any error, this retry runs `payout` again from its first step")


def test_a_detached_child_starts_once() -> None:
    assert found("workflow: payout\n    detached: true\n    retry: 2") == []


def test_a_name_is_taken_after_the_first_attempt() -> None:
    [(line, message)] = found("workflow: payout\n    retry: 2\n    name: ${ $input.id }")
    assert line == 9
    assert message.endswith("fails with `StepFunctions.ExecutionAlreadyExistsException`, because the name is taken")


def test_a_name_with_the_number_of_the_attempt() -> None:
    """The name differs with each attempt, so the child runs again."""
    [(_, message)] = found("workflow: payout\n    retry: 2\n    name: p-${ $context.State.RetryCount }")
    assert message.endswith("runs `payout` again from its first step")
