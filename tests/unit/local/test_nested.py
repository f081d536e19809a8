"""Workflows that a task starts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowgen.local import Execution, execute

JSON = Any
ARN = "arn:aws:states:us-east-1:111111111111:stateMachine:child"
DOUBLE = {
    "QueryLanguage": "JSONata",
    "StartAt": "W",
    "States": {
        "W": {"Type": "Wait", "Seconds": 10, "Next": "P"},
        "P": {"Type": "Pass", "Output": "{% $states.input.n * 2 %}", "End": True},
    },
}
FAILING = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Broken", "Cause": "why"}}}


def run(resource: str, machines: JSON, **fields: JSON) -> Execution:
    arguments = {"StateMachineArn": ARN, "Input": {"n": 4}}
    state = {"Type": "Task", "Resource": resource, "Arguments": arguments, "End": True, **fields}
    definition = {"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": state}}
    return execute(definition, {}, machines=machines)


@pytest.mark.parametrize(("pattern", "output"), [(".sync:2", 8), (".sync", "8")])
def test_a_task_waits_for_its_workflow(pattern: str, output: JSON) -> None:
    """The result describes the execution; the second form has its output as a value."""
    execution = run(f"arn:aws:states:::states:startExecution{pattern}", {"child": DOUBLE})
    assert (execution.output["Status"], execution.output["Output"], execution.elapsed) == ("SUCCEEDED", output, 10)


def test_a_workflow_that_fails_fails_its_task() -> None:
    """The cause describes the execution."""
    execution = run("arn:aws:states:::states:startExecution.sync:2", {ARN: FAILING})
    described = json.loads(execution.cause or "")
    assert execution.error == "States.TaskFailed"
    assert (described["Status"], described["Error"], described["Cause"]) == ("FAILED", "Broken", "why")


def test_an_express_workflow_tells_its_failure() -> None:
    """StartSyncExecution succeeds, whatever the execution does."""
    execution = run("arn:aws:states:::aws-sdk:sfn:startSyncExecution", {"child": FAILING})
    assert (execution.status, execution.output["Status"], execution.output["Error"]) == (
        "SUCCEEDED",
        "FAILED",
        "Broken",
    )


def test_a_detached_workflow_goes_on() -> None:
    """The task does not wait; the workflow runs to its end nevertheless."""
    calls: list[JSON] = []
    child = {
        "QueryLanguage": "JSONata",
        "StartAt": "W",
        "States": {
            "W": {"Type": "Wait", "Seconds": 10, "Next": "T"},
            "T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111111111111:function:f", "End": True},
        },
    }
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution",
        "Arguments": {"StateMachineArn": ARN, "Input": {"n": 1}},
        "End": True,
    }
    definition = {"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": state}}
    execution = execute(definition, {}, machines={"child": child}, tasks={"f": calls.append})
    assert (execution.status, execution.elapsed, calls) == ("SUCCEEDED", 0, [{"n": 1}])


def test_waiting_for_a_workflow_times_out() -> None:
    """The task's limit holds for its workflow."""
    execution = run("arn:aws:states:::states:startExecution.sync", {"child": DOUBLE}, TimeoutSeconds=3)
    assert (execution.error, execution.elapsed) == ("States.Timeout", 3)


def test_a_workflow_that_does_not_exist_is_told() -> None:
    """As AWS tells it."""
    execution = run("arn:aws:states:::states:startExecution", {"other": DOUBLE})
    assert execution.error == "StepFunctions.StateMachineDoesNotExistException"
    assert (execution.cause or "").startswith(f"State Machine Does Not Exist: '{ARN}'")
