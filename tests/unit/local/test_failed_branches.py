"""What a history shows of Parallel and Map states that fail, as measured on AWS in 2026 (floci issues 2868, 2782)."""

from __future__ import annotations

import math
from typing import Any

import pytest

from flowgen.local import Execution, Task, TaskError, execute

JSON = Any
ARN = "arn:aws:states:us-east-1:111111111111:stateMachine:child"
PASS = {"Type": "Pass", "End": True}
FAIL = {"Type": "Fail", "Error": "Boom", "Cause": "why"}
LONG = {"Type": "Wait", "Seconds": 20, "End": True}
QUEUE = "arn:aws:states:::sqs:sendMessage"
SEND = {"Type": "Task", "Resource": QUEUE, "Parameters": {"QueueUrl": "q"}, "End": True}
NEVER_A_PATH = {"Type": "Pass", "Parameters": {"m.$": "$.nope"}, "End": True}


def alone(state: JSON) -> JSON:
    return {"StartAt": "S", "States": {"S": state}}


def soon(state: JSON) -> JSON:
    """A machine that reaches a state after a second."""
    return {"StartAt": "Pause", "States": {"Pause": {"Type": "Wait", "Seconds": 1, "Next": "S"}, "S": state}}


def parallel(*branches: JSON, **fields: JSON) -> JSON:
    state = {"Type": "Parallel", "Branches": list(branches), "End": True, **fields}
    return {"StartAt": "P", "States": {"P": state, "Handled": PASS}}


def inline(inner: JSON, **fields: JSON) -> JSON:
    state = {"Type": "Map", "ItemProcessor": inner, "End": True, **fields}
    return {"StartAt": "M", "States": {"M": state, "Handled": PASS}}


def failing(_arguments: JSON) -> JSON:
    raise TaskError("Refused", "no")


def shape(execution: Execution) -> list[tuple[str, int]]:
    return [(event.type, event.previous) for event in execution.events]


def test_a_task_that_ends_its_branch_is_recorded_as_aborted() -> None:
    """After TaskFailed; the Parallel state's failure follows from TaskFailed too."""
    caught = [{"ErrorEquals": ["States.ALL"], "Next": "Handled"}]
    execution = execute(parallel(alone(SEND), Catch=caught), {}, tasks={QUEUE: failing})
    assert shape(execution)[3:] == [
        ("TaskStateEntered", 3),
        ("TaskScheduled", 4),
        ("TaskStarted", 5),
        ("TaskFailed", 6),
        ("TaskStateAborted", 7),
        ("ParallelStateFailed", 7),
        ("ParallelStateExited", 9),
        ("PassStateEntered", 10),
        ("PassStateExited", 11),
        ("ExecutionSucceeded", 12),
    ]


def test_a_task_that_is_caught_in_its_branch_is_not() -> None:
    """It exits, and its branch goes on."""
    caught = {**SEND, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Handled"}]}
    branch = {"StartAt": "S", "States": {"S": caught, "Handled": PASS}}
    execution = execute(parallel(branch), {}, tasks={QUEUE: failing})
    assert execution.status == "SUCCEEDED"
    assert not any("Aborted" in event.type for event in execution.events)


@pytest.mark.parametrize(
    "state",
    [NEVER_A_PATH, {**SEND, "Parameters": {"QueueUrl.$": "$.nope"}}, {**LONG, "Seconds": 1, "OutputPath": "$.nope"}],
)
def test_a_runtime_failure_records_only_the_end(state: JSON) -> None:
    """States.Runtime leaves no event of the kind *Failed or *Aborted behind, in branches and iterations."""
    for definition in (parallel(alone(state), alone(LONG)), inline(alone(state))):
        events = execute(definition, [{}]).events
        assert [event.type for event in events if event.type.endswith(("Failed", "Aborted"))] == ["ExecutionFailed"]


def test_a_retried_parallel_state_fails_once() -> None:
    """ParallelStateFailed is recorded when its retries are used up."""
    retry = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}]
    assert shape(execute(parallel(alone(FAIL), Retry=retry), {}))[2:] == [
        ("ParallelStateStarted", 2),
        ("FailStateEntered", 3),
        ("ParallelStateStarted", 4),
        ("FailStateEntered", 5),
        ("ParallelStateFailed", 6),
        ("ExecutionFailed", 7),
    ]


def test_a_catcher_that_fails_fails_its_state_again() -> None:
    """The catcher's event follows from where the state stood before its first failure."""
    clause = {"ErrorEquals": ["States.ALL"], "Output": "{% $states.input.missing %}", "Next": "Handled"}
    other = {"ErrorEquals": ["Other"], "Next": "Handled"}
    definition = {"QueryLanguage": "JSONata", **parallel(alone(FAIL), Catch=[other, clause])}
    execution = execute(definition, {})
    assert shape(execution)[3:] == [
        ("FailStateEntered", 3),
        ("ParallelStateFailed", 4),
        ("EvaluationFailed", 4),
        ("ParallelStateFailed", 6),
        ("ExecutionFailed", 7),
    ]
    assert execution.events[5].details["location"] == "Catch[1]/Output"
    assert "(entered at the event id #2)" in (execution.cause or "")


def test_an_empty_map_exits_from_its_start() -> None:
    """No iteration precedes the exit."""
    assert shape(execute(inline(alone(PASS)), []))[2:] == [
        ("MapStateStarted", 2),
        ("MapStateSucceeded", 3),
        ("MapStateExited", 3),
        ("ExecutionSucceeded", 5),
    ]


def test_states_within_cut_states_are_recorded_after_them() -> None:
    """All follow from the event of the failure, the outer states first."""
    nested = alone({"Type": "Map", "ItemProcessor": alone(LONG), "ItemsPath": "$.items", "End": True})
    execution = execute(parallel(nested, soon(FAIL)), {"items": [1, 2]})
    types = [event.type for event in execution.events]
    failed = types.index("FailStateEntered")
    assert types[failed + 1 :] == [
        "MapStateAborted",
        *["MapIterationAborted", "WaitStateAborted"] * 2,
        "ParallelStateFailed",
        "ExecutionFailed",
    ]
    assert {event.previous for event in execution.events[failed + 1 : -1]} == {failed + 1}


def test_a_selector_that_fails_cuts_the_iterations_that_run() -> None:
    """A caught failure leaves none of them running behind the state."""
    definition = {
        "QueryLanguage": "JSONata",
        **inline(
            alone(LONG),
            ItemSelector={"v": "{% $states.context.Map.Item.Value.v %}"},
            Catch=[{"ErrorEquals": ["States.QueryEvaluationError"], "Next": "Handled"}],
            MaxConcurrency=1,
        ),
    }
    # The first iteration ends in time; while the second runs, the third's selector is not asked yet.
    execution = execute(definition, [{"v": 1}, {"v": 2}, {}])
    types = [event.type for event in execution.events]
    assert (execution.status, execution.elapsed) == ("SUCCEEDED", 40)
    assert "MapIterationFailed" not in types
    together = {**definition, "States": {**definition["States"]}}
    together["States"]["M"] = {**definition["States"]["M"], "MaxConcurrency": 0}
    execution = execute(together, [{"v": 1}, {}])
    assert (execution.status, execution.elapsed) == ("SUCCEEDED", 0)


def test_tolerated_failures_of_inline_iterations() -> None:
    """Up to the threshold the state succeeds with the other items, above it fails with the error of the threshold."""
    choice = {"Type": "Choice", "Choices": [{"Variable": "$", "NumericGreaterThan": 1, "Next": "F"}], "Default": "P"}
    inner = {"StartAt": "S", "States": {"S": choice, "F": FAIL, "P": PASS}}
    assert execute(inline(inner, ToleratedFailureCount=1), [0, 1, 2]).output == [0, 1]
    assert execute(inline(inner, ToleratedFailureCount=1), [0, 2, 3]).error == "States.ExceedToleratedFailureThreshold"
    assert execute(inline(inner), [0, 2]).error == "Boom"


@pytest.mark.parametrize("names", [["States.ALL"], ["States.TaskFailed"], ["States.DataLimitExceeded"]])
def test_data_over_the_limit(names: list[str]) -> None:
    """States.ALL takes an oversized result of a task, as recorded, but no other data over the limit."""
    caught = [{"ErrorEquals": names, "Next": "Handled"}]
    task = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111111111111:function:f"}
    states = {"S": {**task, "Catch": caught, "End": True}, "Handled": PASS}
    large = {"f": lambda _event: "a" * 300_000}
    assert execute({"StartAt": "S", "States": states}, {}, tasks=large).status == "SUCCEEDED"
    doubled = {"Type": "Pass", "Parameters": {"a.$": "$", "b.$": "$"}, "End": True}
    execution = execute(parallel(alone(doubled), Catch=caught), "a" * 200_000)
    assert execution.status == ("FAILED" if names == ["States.ALL"] else "SUCCEEDED")


def test_a_workflow_that_outlives_its_task_is_aborted() -> None:
    """By the task's own timeout, or when a sibling's failure cuts the task; the cause names the execution."""
    start = {**SEND, "Resource": "arn:aws:states:::states:startExecution.sync", "Parameters": {"StateMachineArn": ARN}}
    for definition in (alone({**start, "TimeoutSeconds": 5}), parallel(alone(start), soon(FAIL))):
        inside: dict[str, list[Any]] = {}
        execution = execute(definition, {}, machines={ARN: alone(LONG)}, inside=inside)
        (events,) = inside.values()
        assert execution.status == "FAILED"
        assert (events[-1].type, events[-1].previous) == ("ExecutionAborted", 0)
        assert events[-1].details["cause"] == (
            "The Task state in AWS Step Functions execution "
            "[arn:aws:states:us-east-1:111111111111:execution:StateMachine:execution] "
            "which was managing this resource was aborted"
        )


def test_an_activity_that_times_out_is_not_a_missed_heartbeat() -> None:
    """States.HeartbeatTimeout takes a missed heartbeat only; both are reported as States.Timeout."""
    activity = "arn:aws:states:us-east-1:111111111111:activity:a"
    for seconds, caught in ((1, True), (20, False)):
        state = {
            "Type": "Task",
            "Resource": activity,
            "TimeoutSeconds": 10,
            "HeartbeatSeconds": seconds,
            "Catch": [{"ErrorEquals": ["States.HeartbeatTimeout"], "Next": "Handled"}],
            "End": True,
        }
        silent = Task(lambda event: event, seconds=math.inf)
        definition = {"StartAt": "S", "States": {"S": state, "Handled": PASS}}
        execution = execute(definition, {}, tasks={activity: silent})
        assert (execution.status == "SUCCEEDED") is caught
