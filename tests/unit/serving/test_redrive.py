"""RedriveExecution through boto3."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from flowgen.local import Task
from flowgen.running import Options
from tests.unit.serving.conftest import Client, until
from tests.unit.serving.test_executions import PASS, TOKEN, code


class Handlers:
    """Functions that fail while their name, or their input, is in `broken`. `calls` counts their calls."""

    def __init__(self) -> None:
        self.broken: set[Any] = set()
        self.calls = Counter[Any]()

    def task(self, name: str) -> Task:
        def handle(event: Any) -> Any:
            called = (name, event) if isinstance(event, int) else name
            self.calls[called] += 1
            if called in self.broken:
                raise ValueError(name)
            return event

        return Task(handle)

    def options(self, _program: Any) -> Options:
        return Options(tasks={name: self.task(name) for name in ("f", "g", "h")})


@pytest.fixture
def handlers() -> Handlers:
    return Handlers()


@pytest.fixture
def client(server: Callable[..., Client], handlers: Handlers) -> Client:
    return server(options_for=handlers.options)


def call(name: str, **more: Any) -> dict[str, Any]:
    """A state that calls a function."""
    where = {"End": True} if "Next" not in more else {}
    return {"Type": "Task", "Resource": f"arn:aws:lambda:us-east-1:123456789012:function:{name}", **where, **more}


def machine(first: str, **states: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": first, "States": states}


def redriven(client: Client, execution: str) -> dict[str, Any]:
    """The execution after a redrive."""
    client.api.redrive_execution(executionArn=execution)
    return client.ended(execution)


def failed(client: Client, definition: dict[str, Any], value: Any = None) -> str:
    """The ARN of an execution that has failed and can be redriven."""
    execution = client.start(client.create(definition), value)
    ended = client.ended(execution)
    assert (ended["status"], ended["redriveStatus"], ended["redriveCount"]) == ("FAILED", "REDRIVABLE", 0)
    return execution


def test_it_continues_at_the_failed_task(client: Client, handlers: Handlers) -> None:
    handlers.broken = {"g"}
    retry = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}]
    definition = machine("F", F=call("f", ResultPath="$.f", Next="G"), G=call("g", Retry=retry))
    execution = failed(client, definition, {"x": 1})
    before = client.types(execution)
    handlers.broken.clear()
    ended = redriven(client, execution)
    assert (ended["status"], ended["redriveCount"], ended["redriveStatus"]) == ("SUCCEEDED", 1, "NOT_REDRIVABLE")
    assert ended["redriveDate"] >= ended["startDate"]
    assert json.loads(ended["output"]) == {"x": 1, "f": {"x": 1}}
    assert handlers.calls == {"f": 1, "g": 3}
    events = client.api.get_execution_history(executionArn=execution)["events"]
    after = [event["type"] for event in events]
    assert after[: len(before)] == before
    assert after[len(before) :] == [
        "ExecutionRedriven",
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]
    assert events[len(before)]["executionRedrivenEventDetails"] == {"redriveCount": 1}
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    moments = [event["timestamp"] for event in events]
    assert moments == sorted(moments)


def test_retries_count_again_and_a_second_redrive(client: Client, handlers: Handlers) -> None:
    handlers.broken = {"f"}
    retry = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}]
    execution = failed(client, machine("F", F=call("f", Retry=retry)))
    assert redriven(client, execution)["status"] == "FAILED"
    assert handlers.calls == {"f": 6}
    handlers.broken.clear()
    assert (redriven(client, execution)["status"], handlers.calls["f"]) == ("SUCCEEDED", 7)
    assert client.api.describe_execution(executionArn=execution)["redriveCount"] == 2


def test_variables_and_the_context_object(client: Client, handlers: Handlers) -> None:
    handlers.broken = {"f"}
    states = {
        "A": {"Type": "Pass", "Assign": {"x": 7}, "Next": "F"},
        "F": call("f", Next="Z"),
        "Z": {"Type": "Pass", "Parameters": {"x.$": "$x", "n.$": "$$.Execution.RedriveCount"}, "End": True},
    }
    execution = failed(client, machine("A", **states))
    handlers.broken.clear()
    assert json.loads(redriven(client, execution)["output"]) == {"x": 7, "n": 1}


def test_only_branches_that_did_not_succeed_run_again(client: Client, handlers: Handlers) -> None:
    handlers.broken = {"g"}
    wait = {"Type": "Wait", "Seconds": 60, "Next": "H"}
    branches = [
        machine("F", F=call("f")),
        machine("Before", Before={"Type": "Pass", "Next": "G"}, G=call("g")),
        machine("Wait", Wait=wait, H=call("h")),
    ]
    execution = failed(client, machine("P", P={"Type": "Parallel", "Branches": branches, "End": True}), "in")
    assert handlers.calls == {"f": 1, "g": 1}
    handlers.broken.clear()
    ended = redriven(client, execution)
    assert (ended["status"], json.loads(ended["output"])) == ("SUCCEEDED", ["in", "in", "in"])
    assert handlers.calls == {"f": 1, "g": 2, "h": 1}
    counts = Counter(client.types(execution))
    assert (counts["ParallelStateStarted"], counts["ParallelStateExited"]) == (1, 1)
    assert (counts["PassStateEntered"], counts["WaitStateEntered"]) == (1, 1)


def test_only_iterations_that_did_not_succeed_run_again(client: Client, handlers: Handlers) -> None:
    handlers.broken = {("f", 2)}
    each = {"Type": "Map", "MaxConcurrency": 1, "ItemProcessor": machine("F", F=call("f")), "End": True}
    execution = failed(client, machine("Each", Each=each), [1, 2, 3])
    assert handlers.calls == {("f", 1): 1, ("f", 2): 1}
    handlers.broken.clear()
    ended = redriven(client, execution)
    assert (ended["status"], json.loads(ended["output"])) == ("SUCCEEDED", [1, 2, 3])
    assert handlers.calls == {("f", 1): 1, ("f", 2): 2, ("f", 3): 1}
    counts = Counter(client.types(execution))
    assert (counts["MapStateStarted"], counts["MapIterationStarted"], counts["MapIterationSucceeded"]) == (1, 3, 3)


def test_nested_states(client: Client, handlers: Handlers) -> None:
    """A Map in a Parallel in a Map: only the innermost item that failed runs again."""
    handlers.broken = {("f", 22)}
    inner = {"Type": "Map", "ItemProcessor": machine("F", F=call("f")), "End": True}
    both = {"Type": "Parallel", "Branches": [machine("Inner", Inner=inner)], "OutputPath": "$[0]", "End": True}
    outer = {"Type": "Map", "MaxConcurrency": 1, "ItemProcessor": machine("Both", Both=both), "End": True}
    execution = failed(client, machine("Outer", Outer=outer), [[11, 12], [21, 22, 23], [31]])
    first = handlers.calls.copy()
    handlers.broken.clear()
    assert json.loads(redriven(client, execution)["output"]) == [[11, 12], [21, 22, 23], [31]]
    assert first[("f", 22)] == 1
    assert handlers.calls[("f", 22)] == 2
    assert all(handlers.calls[("f", n)] == 1 for n in (11, 12, 31))


def test_a_state_that_was_left_starts_again_when_it_is_entered_again(client: Client, handlers: Handlers) -> None:
    """A loop back to a redriven Parallel state runs all its branches."""
    handlers.broken = {"g"}
    branches = [machine("F", F=call("f")), machine("G", G=call("g"))]
    states: dict[str, dict[str, Any]] = {
        "P": {"Type": "Parallel", "Branches": branches, "ResultPath": None, "Next": "Again?"},
        "Again?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.again", "BooleanEquals": True, "Next": "Once"}],
            "Default": "Done",
        },
        "Once": {"Type": "Pass", "Result": {"again": False}, "Next": "P"},
        "Done": {"Type": "Succeed"},
    }
    execution = failed(client, machine("P", **states), {"again": True})
    handlers.broken.clear()
    assert redriven(client, execution)["status"] == "SUCCEEDED"
    assert handlers.calls == {"f": 2, "g": 3}


def test_a_fail_state_fails_again(client: Client) -> None:
    execution = failed(client, machine("Fail", Fail={"Type": "Fail", "Error": "E"}))
    ended = redriven(client, execution)
    assert (ended["status"], ended["error"]) == ("FAILED", "E")
    assert client.types(execution)[-3:] == ["ExecutionRedriven", "FailStateEntered", "ExecutionFailed"]


def test_stopped_executions_wait_for_another_token(client: Client) -> None:
    execution = client.start(client.create(TOKEN))
    before = client.token(execution)
    client.api.stop_execution(executionArn=execution)
    assert client.ended(execution)["redriveStatus"] == "REDRIVABLE"
    client.api.redrive_execution(executionArn=execution)
    token = until(lambda: client.token(execution), lambda found: found != before)
    with pytest.raises(ClientError) as old:
        client.api.send_task_success(taskToken=before, output="1")
    assert code(old)[0] == "TaskTimedOut"
    client.api.send_task_success(taskToken=token, output="2")
    assert client.ended(execution)["output"] == "2"


def test_the_timeout_starts_from_zero(client: Client, handlers: Handlers) -> None:
    wait = {"Type": "Wait", "Seconds": 80, "Next": "F"}
    definition = {**machine("W", W=wait, F=call("f", Next="V"), V={**wait, "Next": "G"}, G=call("g")),
                  "TimeoutSeconds": 100}  # fmt: skip
    execution = client.start(client.create(definition))
    ended = client.ended(execution)
    assert (ended["status"], ended["redriveStatus"]) == ("TIMED_OUT", "REDRIVABLE")
    assert redriven(client, execution)["status"] == "SUCCEEDED"
    assert handlers.calls == {"f": 1, "g": 1}


def test_what_can_not_be_redriven(client: Client) -> None:
    succeeded = client.start(client.create(PASS))
    client.ended(succeeded)
    running = client.start(client.create(TOKEN, "token"))
    for execution, status in ((succeeded, "SUCCEEDED"), (running, "RUNNING")):
        with pytest.raises(ClientError) as refused:
            client.api.redrive_execution(executionArn=execution)
        assert code(refused) == ("ExecutionNotRedrivable", f"Execution is {status} and cannot be redriven.")
    with pytest.raises(ClientError) as missing:
        client.api.redrive_execution(executionArn=f"{running}x")
    assert code(missing)[0] == "ExecutionDoesNotExist"
    express = client.create(machine("Fail", Fail={"Type": "Fail"}), "express", "EXPRESS")
    arn = client.api.start_sync_execution(stateMachineArn=express)["executionArn"]
    with pytest.raises(ClientError) as unsupported:
        client.api.redrive_execution(executionArn=arn)
    assert code(unsupported)[0] == "InvalidArn"


def test_the_redrivable_period(server: Callable[..., Client], monkeypatch: pytest.MonkeyPatch) -> None:
    client = server()
    execution = failed(client, machine("Fail", Fail={"Type": "Fail"}))
    monkeypatch.setattr("flowgen.serving.redrives.PERIOD", timedelta(0))
    with pytest.raises(ClientError) as late:
        client.api.redrive_execution(executionArn=execution)
    assert code(late) == ("ExecutionNotRedrivable", "Execution redrivable period exceeded.")


def test_a_client_token_redrives_once(client: Client, handlers: Handlers) -> None:
    handlers.broken = {"f"}
    execution = failed(client, machine("F", F=call("f")))
    first = client.api.redrive_execution(executionArn=execution, clientToken="one")
    assert client.ended(execution)["status"] == "FAILED"
    assert (
        client.api.redrive_execution(executionArn=execution, clientToken="one")["redriveDate"] == first["redriveDate"]
    )
    assert client.ended(execution)["redriveCount"] == 1
    assert first["redriveDate"] <= datetime.now(UTC)


def test_the_filter_of_lists(client: Client, handlers: Handlers) -> None:
    handlers.broken = {"f"}
    arn = client.create(machine("F", F=call("f")))
    executions = [client.start(arn, name=f"e{n}") for n in range(2)]
    for execution in executions:
        client.ended(execution)
    redriven(client, executions[0])
    for choice, name in (("REDRIVEN", "e0"), ("NOT_REDRIVEN", "e1")):
        listed = client.api.list_executions(stateMachineArn=arn, redriveFilter=choice)["executions"]
        assert [one["name"] for one in listed] == [name]
