"""Executions through boto3: start, describe, list, stop, history."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from flowgen.local import Task
from flowgen.running import Options
from tests.unit.serving.conftest import Client, until

DAY = {"StartAt": "Day", "States": {"Day": {"Type": "Wait", "Seconds": 86_400, "End": True}}}
PASS: dict[str, Any] = {"StartAt": "Pass", "States": {"Pass": {"Type": "Pass", "End": True}}}
CALL = {
    "StartAt": "Call",
    "States": {"Call": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f", "End": True}},
}
TOKEN: dict[str, Any] = {
    "StartAt": "Ask",
    "States": {
        "Ask": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": {"QueueUrl": "q", "MessageBody": "m", "Token.$": "$$.Task.Token"},
            "End": True,
        }
    },
}


def code(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    """The code and the message of AWS's error."""
    found = error.value.response["Error"]
    return found["Code"], found["Message"]


def test_waits_are_skipped(client: Client) -> None:
    ended = client.ended(client.start(client.create(DAY), {"x": 1}))
    assert (ended["status"], ended["output"]) == ("SUCCEEDED", '{"x": 1}'.replace(" ", ""))
    assert (ended["stopDate"] - ended["startDate"]).total_seconds() == 86_400


def test_real_time(server: Callable[..., Client]) -> None:
    """With real time, a wait takes as long as it says."""
    client = server(real_time=True)
    wait = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 1, "End": True}}}
    execution = client.start(client.create(wait))
    assert client.api.describe_execution(executionArn=execution)["status"] == "RUNNING"
    ended = client.ended(execution)
    assert ended["status"] == "SUCCEEDED"
    assert (ended["stopDate"] - ended["startDate"]).total_seconds() >= 1
    day = client.start(client.create(DAY, "day"))
    client.api.stop_execution(executionArn=day)
    assert client.ended(day)["status"] == "ABORTED"


def test_a_bug_of_the_runner_ends_the_execution(
    server: Callable[..., Client], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    client = server()
    machine = client.create(PASS)

    def fails(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("flowgen.local.scheduler.Scheduler.proceed", fails)
    ended = client.ended(client.start(machine))
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Runtime")
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_a_name_starts_one_execution(client: Client) -> None:
    """StartExecution is idempotent while the execution runs with the same input, and fails otherwise."""
    machine = client.create(TOKEN)
    first = client.start(machine, 1, name="one")
    assert client.start(machine, 1, name="one") == first
    with pytest.raises(ClientError) as other_input:
        client.start(machine, 2, name="one")
    assert code(other_input) == ("ExecutionAlreadyExists", f"Execution Already Exists: '{first}'")
    client.api.stop_execution(executionArn=first)
    with pytest.raises(ClientError) as ended:
        client.start(machine, 1, name="one")
    assert code(ended)[0] == "ExecutionAlreadyExists"


def test_stop(client: Client) -> None:
    execution = client.start(client.create(TOKEN))
    client.token(execution)
    client.api.stop_execution(executionArn=execution, error="Mine", cause="because")
    ended = client.ended(execution)
    assert (ended["status"], ended["error"], ended["cause"]) == ("ABORTED", "Mine", "because")
    last = client.api.get_execution_history(executionArn=execution, reverseOrder=True)["events"][0]
    assert last["executionAbortedEventDetails"] == {"error": "Mine", "cause": "because"}
    client.api.stop_execution(executionArn=execution)
    assert client.ended(execution)["stopDate"] == ended["stopDate"]


def test_history_in_pages_and_both_directions(client: Client) -> None:
    states = {f"S{n}": {"Type": "Pass", "Next": f"S{n + 1}"} for n in range(60)} | {"S60": {"Type": "Succeed"}}
    execution = client.start(client.create({"StartAt": "S0", "States": states}))
    client.ended(execution)

    def ids(**more: Any) -> list[int]:
        pages = client.api.get_paginator("get_execution_history").paginate(executionArn=execution, **more)
        return [event["id"] for page in pages for event in page["events"]]

    assert ids() == list(range(1, 125))
    assert ids(reverseOrder=True, PaginationConfig={"PageSize": 7}) == list(range(124, 0, -1))
    first = client.api.get_execution_history(executionArn=execution, includeExecutionData=False, maxResults=2)
    assert first["events"][1]["stateEnteredEventDetails"] == {"name": "S0"}
    with pytest.raises(ClientError) as foreign:
        client.api.get_execution_history(executionArn=execution, nextToken=first["nextToken"], reverseOrder=True)
    assert code(foreign) == ("InvalidToken", f"Invalid Token: '{first['nextToken']}'")


def test_lists(client: Client) -> None:
    machine = client.create(PASS)
    executions = [client.start(machine, name=f"e{n}") for n in range(3)]
    for execution in executions:
        client.ended(execution)
    listed = client.api.list_executions(stateMachineArn=machine, statusFilter="SUCCEEDED", maxResults=2)
    assert [one["name"] for one in listed["executions"]] == ["e2", "e1"]
    rest = client.api.list_executions(stateMachineArn=machine, statusFilter="SUCCEEDED", nextToken=listed["nextToken"])
    assert [one["name"] for one in rest["executions"]] == ["e0"]
    assert client.api.list_executions(stateMachineArn=machine, statusFilter="FAILED")["executions"] == []


def test_express_executions_are_synchronous(client: Client) -> None:
    machine = client.create(
        {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E", "Cause": "c"}}}, kind="EXPRESS"
    )
    found = client.api.start_sync_execution(stateMachineArn=machine, input="{}")
    assert (found["status"], found["error"], found["cause"]) == ("FAILED", "E", "c")
    assert found["executionArn"].startswith("arn:aws:states:us-east-1:123456789012:express:machine:")
    with pytest.raises(ClientError) as standard:
        client.api.start_sync_execution(stateMachineArn=client.create(PASS, "standard"))
    assert code(standard)[0] == "StateMachineTypeNotSupported"


def test_a_stuck_handler_stops_no_other_execution(server: Callable[..., Client]) -> None:
    released = threading.Event()
    stuck = Task(lambda event: released.wait(30) and event)
    client = server(options_for=lambda _program: Options(tasks={"f": stuck}))
    first = client.start(client.create(CALL, "calls"), 1)
    assert client.ended(client.start(client.create(PASS, "passes"), 2))["output"] == "2"
    assert client.api.describe_execution(executionArn=first)["status"] == "RUNNING"
    released.set()
    assert client.ended(first)["output"] == "1"


def test_a_handler_over_its_limit_fails_as_in_lambda(server: Callable[..., Client]) -> None:
    released = threading.Event()
    client = server(
        options_for=lambda _program: Options(tasks={"f": Task(lambda _event: released.wait(30), limit=0.1)})
    )
    ended = client.ended(client.start(client.create(CALL)))
    released.set()
    assert (ended["status"], ended["error"]) == ("FAILED", "Sandbox.Timedout")


def test_a_thousand_executions_wait_without_a_thread_each(client: Client) -> None:
    before = threading.active_count()
    machine = client.create(TOKEN)
    executions = [client.start(machine, n) for n in range(1_000)]
    token = client.token(executions[-1])
    assert threading.active_count() - before < 50
    client.api.send_task_success(taskToken=token, output='"yes"')
    assert client.ended(executions[-1])["output"] == '"yes"'


def test_calls_that_nothing_answers_fail(client: Client) -> None:
    """A missing function fails as on AWS; for any other service, the cause says what to do."""
    ended = client.ended(client.start(client.create(CALL, "calls")))
    assert (ended["status"], ended["error"]) == ("FAILED", "Lambda.ResourceNotFoundException")
    send = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {}, "End": True}
    ended = client.ended(client.start(client.create({"StartAt": "S", "States": {"S": send}}, "sends")))
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Runtime")
    assert "Nothing answers the resource 'arn:aws:states:::sqs:sendMessage'. Restart the server with" in ended["cause"]


def test_executions_that_tasks_start(client: Client) -> None:
    """They are listed and described, with their own times, whether the task waits for them or not."""
    child = client.create(DAY, "child")
    states = {
        "Hour": {"Type": "Wait", "Seconds": 3_600, "Next": "Sync"},
        "Sync": {
            "Type": "Task",
            "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Parameters": {"StateMachineArn": child, "Name": "sync", "Input": {"n": 1}},
            "Next": "Detached",
        },
        "Detached": {
            "Type": "Task",
            "Resource": "arn:aws:states:::states:startExecution",
            "Parameters": {"StateMachineArn": child, "Name": "detached", "Input": {"n": 2}},
            "End": True,
        },
    }
    parent = client.ended(client.start(client.create({"StartAt": "Hour", "States": states}, "parent")))
    assert parent["status"] == "SUCCEEDED"
    for name, value in (("sync", 1), ("detached", 2)):
        found = client.ended(f"arn:aws:states:us-east-1:123456789012:execution:child:{name}")
        assert (found["status"], json.loads(found["output"])) == ("SUCCEEDED", {"n": value})
        assert (found["stopDate"] - found["startDate"]).total_seconds() == 86_400
        events = client.api.get_execution_history(executionArn=found["executionArn"])["events"]
        assert events[-1]["type"] == "ExecutionSucceeded"
        # Timestamps of events have milliseconds.
        assert abs((events[-1]["timestamp"] - found["stopDate"]).total_seconds()) < 0.001
    assert {one["name"] for one in client.api.list_executions(stateMachineArn=child)["executions"]} == {
        "sync",
        "detached",
    }


def test_children_end_with_their_parent(client: Client) -> None:
    child = client.create(TOKEN, "child")
    sync = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync",
        "Parameters": {"StateMachineArn": child, "Name": "one"},
        "End": True,
    }
    parent = client.start(client.create({"StartAt": "Sync", "States": {"Sync": sync}}, "parent"))
    started = "arn:aws:states:us-east-1:123456789012:execution:child:one"
    until(lambda: client.api.list_executions(stateMachineArn=child)["executions"], bool)
    client.token(started)
    with pytest.raises(ClientError) as refused:
        client.api.stop_execution(executionArn=started)
    assert code(refused)[0] == "ValidationException"
    client.api.stop_execution(executionArn=parent)
    assert client.ended(started)["status"] == "ABORTED"


def test_old_executions_are_forgotten(server: Callable[..., Client]) -> None:
    client = server(keep=2)
    machine = client.create(PASS)
    executions = [client.start(machine) for _ in range(4)]
    until(lambda: client.api.list_executions(stateMachineArn=machine)["executions"], lambda found: len(found) == 2)
    with pytest.raises(ClientError) as forgotten:
        client.api.describe_execution(executionArn=executions[0])
    assert code(forgotten) == ("ExecutionDoesNotExist", f"Execution Does Not Exist: '{executions[0]}'")


def test_histories_of_deleted_machines_are_gone(client: Client) -> None:
    machine = client.create(PASS)
    execution = client.start(machine)
    client.ended(execution)
    client.api.delete_state_machine(stateMachineArn=machine)
    with pytest.raises(ClientError) as deleted:
        client.api.get_execution_history(executionArn=execution)
    assert code(deleted)[0] == "ExecutionDoesNotExist"
    with pytest.raises(ClientError) as missing:
        client.start(machine)
    assert code(missing) == ("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{machine}'")


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"input": "{"}, "InvalidExecutionInput"),
        ({"name": "a b"}, "InvalidName"),
        ({"stateMachineArn": "machine"}, "InvalidArn"),
        ({"stateMachineArn": "arn:aws:states:us-east-1:123456789012:execution:machine"}, "InvalidArn"),
        ({"stateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:other"}, "StateMachineDoesNotExist"),
        ({"input": json.dumps("x" * 300_000)}, "ValidationException"),
    ],
)
def test_bad_requests(client: Client, request_: dict[str, str], expected: str) -> None:
    machine = client.create(PASS)
    with pytest.raises(ClientError) as refused:
        client.api.start_execution(**{"stateMachineArn": machine, **request_})
    assert code(refused)[0] == expected
