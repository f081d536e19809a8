"""Faults that are put into a run."""

from __future__ import annotations

from typing import Any

import pytest

from flowgen.local import execute
from flowgen.local.faults import Fault, Faults

JSON = Any

ARN = "arn:aws:lambda:us-east-1:111111111111:function:f"
RETRY = [{"ErrorEquals": ["Busy"], "IntervalSeconds": 2, "MaxAttempts": 3, "BackoffRate": 1}]


def machine(**fields: JSON) -> JSON:
    return {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": ARN, "End": True, **fields}}}


def run(definition: JSON, faults: Faults) -> Any:
    return execute(definition, {}, tasks={"f": lambda event: event}, faults=faults)


def test_a_fault_strikes_so_many_attempts() -> None:
    """Two attempts fail, the third one calls the function."""
    execution = run(machine(Retry=RETRY), Faults({"A": [Fault("Busy", 2)]}))
    assert (execution.status, execution.elapsed) == ("SUCCEEDED", 4)


def test_a_fault_without_a_number_strikes_always() -> None:
    """The retries are used up, and the execution fails with the fault's error and cause."""
    execution = run(machine(Retry=RETRY), Faults({"A": [Fault("Busy", None, "too much")]}))
    assert (execution.status, execution.error, execution.cause, execution.elapsed) == ("FAILED", "Busy", "too much", 6)


def test_faults_of_a_state_come_one_after_the_other() -> None:
    """The second fault strikes when the first one is used up."""
    execution = run(machine(Retry=RETRY), Faults({"A": [Fault("Busy", 1), Fault("Broken")]}))
    assert (execution.error, execution.elapsed) == ("Broken", 2)


def test_a_timeout_comes_when_the_time_is_over() -> None:
    """States.Timeout takes the state's own time, and is recorded as AWS records a timeout."""
    execution = run(machine(TimeoutSeconds=30), Faults({"A": [Fault("States.Timeout")]}))
    assert (execution.error, execution.cause, execution.elapsed) == ("States.Timeout", None, 30)
    assert "LambdaFunctionTimedOut" in [event.type for event in execution.events]


@pytest.mark.parametrize(("limit", "status"), [(60, "SUCCEEDED"), (59, "FAILED")])
def test_a_delay_takes_virtual_time(limit: int, status: str) -> None:
    """A call that takes a minute longer is in time for a limit of a minute, and not for less."""
    execution = run(machine(TimeoutSeconds=limit), Faults({}, {"A": 60}))
    assert (execution.status, execution.elapsed) == (status, limit)


@pytest.mark.parametrize("kind", ["Parallel", "Map"])
def test_states_with_states_inside_fail_as_a_whole(kind: str) -> None:
    """A Parallel or Map state is delayed and fails before what is inside of it starts; its retriers apply."""
    inner = {"StartAt": "B", "States": {"B": {"Type": "Pass", "End": True}}}
    fields = {"Branches": [inner]} if kind == "Parallel" else {"ItemProcessor": inner, "ItemsPath": "$.list"}
    definition = {"StartAt": "A", "States": {"A": {"Type": kind, **fields, "Retry": RETRY, "End": True}}}
    execution = execute(definition, {"list": [1]}, faults=Faults({"A": [Fault("Busy", 1)]}, {"A": 10}))
    assert (execution.status, execution.elapsed) == ("SUCCEEDED", 22)


def test_faults_reach_the_executions_that_are_started() -> None:
    """A state of a nested workflow fails as one of the machine's own."""
    start = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": True}
    outer = {"StartAt": "S", "States": {"S": {**start, "Parameters": {"StateMachineArn": "inner", "Input": {}}}}}
    execution = execute(
        outer,
        {},
        tasks={"f": lambda event: event},
        machines={"inner": machine()},
        faults=Faults({"A": [Fault("Busy")]}),
    )
    assert execution.status == "FAILED"
    assert '"Error":"Busy"' in (execution.cause or "")
