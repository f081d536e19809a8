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
    assert execution.output["BillingDetails"] == {"BilledDurationInMilliseconds": 100, "BilledMemoryUsedInMB": 64}
    assert execution.output["StopDate"] == "2026-01-01T00:00:00.000Z"
    assert "RedriveStatus" not in execution.output


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


def test_a_workflow_that_does_not_exist_is_reported() -> None:
    """As AWS tells it."""
    execution = run("arn:aws:states:::states:startExecution", {"other": DOUBLE})
    assert execution.error == "StepFunctions.StateMachineDoesNotExistException"
    assert (execution.cause or "").startswith(f"State Machine Does Not Exist: '{ARN}'")


CALL = "arn:aws:states:::states:startExecution"


def twice(resource: str, first: JSON, second: JSON, **fields: JSON) -> JSON:
    """Two tasks that start the same workflow under the same name."""
    states = {
        "A": {"Type": "Task", "Resource": resource, "Parameters": first, "Next": "B"},
        "B": {"Type": "Task", "Resource": resource, "Parameters": second, "End": True, **fields},
        "C": {"Type": "Pass", "End": True},
    }
    return {"StartAt": "A", "States": states}


def test_the_name_of_a_standard_execution_is_taken_once() -> None:
    """Another input under the same name is rejected; so is the same input once the execution has ended."""
    named = {"StateMachineArn": ARN, "Name": "n", "Input": {"n": 1}}
    for resource, prefix in ((CALL, "StepFunctions"), ("arn:aws:states:::aws-sdk:sfn:startExecution", "Sfn")):
        execution = execute(twice(resource, named, {**named, "Input": {"n": 2}}), {}, machines={ARN: DOUBLE})
        assert execution.error == f"{prefix}.ExecutionAlreadyExistsException"
        assert ":execution:child:n'" in (execution.cause or "")
    ended = execute(twice(f"{CALL}.sync:2", named, named), {}, machines={ARN: DOUBLE})
    assert ended.error == "StepFunctions.ExecutionAlreadyExistsException"


@pytest.mark.parametrize(
    ("resource", "name", "error"),
    [
        (CALL, "two words", "StepFunctions.InvalidNameException"),
        (CALL, "2026-01-01T10:00:00Z", "StepFunctions.InvalidNameException"),
        (f"{CALL}.sync:2", "a/b", "StepFunctions.InvalidNameException"),
        ("arn:aws:states:::aws-sdk:sfn:startSyncExecution", "a*", "Sfn.InvalidNameException"),
        (CALL, "", "StepFunctions.AWSStepFunctionsException"),
        (CALL, "n" * 81, "StepFunctions.AWSStepFunctionsException"),
        ("arn:aws:states:::aws-sdk:sfn:startExecution", "n" * 81, "Sfn.SfnException"),
    ],
)
def test_names_that_the_api_rejects(resource: str, name: str, error: str) -> None:
    """API reference, StartExecution: 1 to 80 characters, without those listed there."""
    named = {"StateMachineArn": ARN, "Name": name, "Input": {"n": 1}}
    assert execute(twice(resource, named, named), {}, machines={ARN: DOUBLE}).error == error


@pytest.mark.parametrize("name", ["a", "n" * 80, "A-1_b.c@d(e)=+!'é"])
def test_names_that_the_api_accepts(name: str) -> None:
    named = {"StateMachineArn": ARN, "Name": name, "Input": {"n": 1}}
    assert execute(twice(CALL, named, named), {}, machines={ARN: DOUBLE}).status == "SUCCEEDED"


def test_a_start_with_the_same_input_is_idempotent() -> None:
    """While the execution runs, its name and input give the same answer and no other execution."""
    named = {"StateMachineArn": ARN, "Name": "n", "Input": {"n": 1}}
    calls: list[JSON] = []
    task = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111111111111:function:f", "End": True}
    execution = execute(
        twice(CALL, named, named),
        {},
        machines={ARN: {"StartAt": "F", "States": {"F": task}}},
        tasks={"f": calls.append},
    )
    assert (execution.status, len(calls)) == ("SUCCEEDED", 1)
    waiting = execute(twice(CALL, named, named, Resource=f"{CALL}.sync:2"), {}, machines={ARN: DOUBLE})
    assert (waiting.output["Output"], waiting.elapsed) == (2, 10)


def test_a_name_is_free_in_another_workflow_and_for_express_ones() -> None:
    """The ARN of a standard execution has the workflow's name; express executions are reported apart by AWS."""
    named = {"StateMachineArn": ARN, "Name": "n"}
    other = {"StateMachineArn": f"{ARN}-2", "Name": "n"}
    machines = {ARN: FAILING, f"{ARN}-2": FAILING}
    assert execute(twice(CALL, named, other), {}, machines=machines).status == "SUCCEEDED"
    sync = "arn:aws:states:::aws-sdk:sfn:startSyncExecution"
    assert execute(twice(sync, named, named), {}, machines=machines).status == "SUCCEEDED"


@pytest.mark.parametrize("pattern", [".sync", ".sync:2"])
def test_the_timeout_of_a_workflow_counts_when_a_task_runs_it(pattern: str) -> None:
    """The cause of the task has neither an error nor a cause of the workflow, as DescribeExecution shows it."""
    execution = run(f"{CALL}{pattern}", {ARN: {**DOUBLE, "TimeoutSeconds": 3}})
    described = json.loads(execution.cause or "")
    assert (execution.error, execution.elapsed) == ("States.TaskFailed", 3)
    assert (described["Status"], described["RedriveStatus"]) == ("TIMED_OUT", "REDRIVABLE")
    assert "Error" not in described
    assert "Cause" not in described


def test_an_express_workflow_lasts_five_minutes() -> None:
    """The quota of express executions holds for those that a task or a Map run starts."""
    slow = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 301, "End": True}}}
    execution = run("arn:aws:states:::aws-sdk:sfn:startSyncExecution", {ARN: slow})
    assert (execution.output["Status"], execution.elapsed) == ("TIMED_OUT", 300)
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}
    state = {"Type": "Map", "ItemProcessor": {**slow, "ProcessorConfig": config}, "End": True}
    mapped = execute({"StartAt": "M", "States": {"M": state}}, [1])
    assert (mapped.error, mapped.elapsed) == ("States.ExceedToleratedFailureThreshold", 300)


def test_a_nested_timeout_cuts_what_runs_below_it() -> None:
    """Branches of the workflow that timed out do nothing more."""
    calls: list[JSON] = []
    task = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111111111111:function:f", "End": True}
    late = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 9, "Next": "F"}, "F": task}}
    branches = {"Type": "Parallel", "Branches": [late, late], "End": True}
    child = {"TimeoutSeconds": 5, "StartAt": "P", "States": {"P": branches}}
    states = {
        "A": {
            "Type": "Task",
            "Resource": f"{CALL}.sync",
            "Parameters": {"StateMachineArn": ARN},
            "Next": "B",
            "Catch": [{"ErrorEquals": ["States.TaskFailed"], "Next": "B"}],
        },
        "B": {"Type": "Wait", "Seconds": 60, "End": True},
    }
    execution = execute({"StartAt": "A", "States": states}, {}, machines={ARN: child}, tasks={"f": calls.append})
    assert (execution.status, execution.elapsed, calls) == ("SUCCEEDED", 65, [])
