"""Single states under test."""

from __future__ import annotations

from typing import Any

import pytest

from flowgen.local import test_state
from flowgen.local.failures import InvalidDefinition

TASK = {
    "Type": "Task",
    "QueryLanguage": "JSONata",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Arguments": {"FunctionName": "f"},
    "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 3, "MaxAttempts": 2}],
    "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Handle"}],
    "Next": "After",
}


def error(name: str) -> dict[str, Any]:
    return {"error_output": {"error": name, "cause": "c"}}


def test_a_mocked_result_flows_through_the_fields() -> None:
    """The mock stands for the call's result."""
    result = test_state(
        {**TASK, "Output": "{% $states.result.n + $v %}"}, {}, mock={"result": {"n": 1}}, variables={"v": 2}
    )
    assert (result.status, result.output, result.next_state) == ("SUCCEEDED", 3, "After")
    assert result.inspection == {"input": {}, "afterArguments": {"FunctionName": "f"}, "result": {"n": 1}}


@pytest.mark.parametrize(
    ("name", "used", "status", "details"),
    [
        ("Busy", 0, "RETRIABLE", {"retryIndex": 0, "retryBackoffIntervalSeconds": 3}),
        ("Busy", 1, "RETRIABLE", {"retryIndex": 0, "retryBackoffIntervalSeconds": 6}),
        ("Busy", 2, "CAUGHT_ERROR", {"retryIndex": 0, "catchIndex": 0}),
        ("Other", 0, "CAUGHT_ERROR", {"catchIndex": 0}),
    ],
)
def test_what_would_be_retried_is_told(name: str, used: int, status: str, details: dict[str, Any]) -> None:
    """Nothing is retried; the retrier, its wait, or the catcher are told."""
    result = test_state(TASK, {}, mock=error(name), configuration={"retrierRetryCount": used})
    assert (result.status, result.error) == (status, name)
    assert result.inspection["errorDetails"] == details


def test_a_state_is_found_in_its_machine() -> None:
    """Also inside of Map and Parallel states."""
    inner = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}
    machine = {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": inner, "End": True}}}
    assert test_state(machine, 1, state_name="I").output == 1
    with pytest.raises(InvalidDefinition):
        test_state(machine, 1, state_name="X")


def test_tasks_are_called_without_a_mock() -> None:
    """A state under test may call what stands for its function."""
    result = test_state(TASK, {}, tasks={"f": lambda _: 5})
    assert result.output["Payload"] == 5
