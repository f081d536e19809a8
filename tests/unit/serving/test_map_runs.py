"""Map runs and their child executions through boto3."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.serving.conftest import Client, until
from tests.unit.serving.test_executions import TOKEN, code
from tests.unit.serving.test_redrive import Handlers, call, failed, machine, redriven


@pytest.fixture
def handlers() -> Handlers:
    return Handlers()


@pytest.fixture
def client(server: Callable[..., Client], handlers: Handlers) -> Client:
    return server(options_for=handlers.options)


def distributed(inner: dict[str, Any], kind: str = "STANDARD", **more: Any) -> dict[str, Any]:
    """A machine with a distributed Map state."""
    config = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": kind}}
    return machine("Each", Each={"Type": "Map", "ItemProcessor": {**config, **inner}, "End": True, **more})


def run_of(client: Client, execution: str) -> dict[str, Any]:
    """The only Map run of an execution, as DescribeMapRun returns it."""
    listed = until(lambda: client.api.list_map_runs(executionArn=execution)["mapRuns"], bool)
    assert [one["executionArn"] for one in listed] == [execution]
    found: dict[str, Any] = client.api.describe_map_run(mapRunArn=listed[0]["mapRunArn"])
    return found


def children(client: Client, run: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.api.list_executions(mapRunArn=run["mapRunArn"], **more)["executions"]
    return found


@pytest.mark.parametrize("kind", ["STANDARD", "EXPRESS"])
def test_a_map_run_and_its_children(client: Client, kind: str) -> None:
    batches = {"ItemBatcher": {"MaxItemsPerBatch": 2}, "Label": "Items", "MaxConcurrency": 2}
    inner = machine("Pass", Pass={"Type": "Pass", "End": True})
    execution = client.start(client.create(distributed(inner, kind, **batches)), [1, 2, 3, 4, 5])
    ended = client.ended(execution)
    run = run_of(client, execution)
    assert run["mapRunArn"].startswith("arn:aws:states:us-east-1:123456789012:mapRun:machine/Items:")
    assert (run["executionArn"], run["status"], run["maxConcurrency"]) == (execution, "SUCCEEDED", 2)
    assert run["startDate"] <= run["stopDate"] <= ended["stopDate"]
    assert (run["itemCounts"]["total"], run["itemCounts"]["succeeded"]) == (5, 5)
    assert (run["executionCounts"]["total"], run["executionCounts"]["succeeded"]) == (3, 3)
    listed = children(client, run)
    assert Counter(one["itemCount"] for one in listed) == {2: 2, 1: 1}
    assert {one["mapRunArn"] for one in listed} == {run["mapRunArn"]}
    assert [one["status"] for one in children(client, run, statusFilter="FAILED")] == []
    child = client.ended(listed[0]["executionArn"])
    assert child["stateMachineArn"] == "arn:aws:states:us-east-1:123456789012:stateMachine:machine/Items"
    assert (child["mapRunArn"], child["status"]) == (run["mapRunArn"], "SUCCEEDED")
    assert json.loads(child["output"]) == json.loads(child["input"]) == {"Items": [5]}
    described = client.api.describe_state_machine_for_execution(executionArn=child["executionArn"])
    assert (described["mapRunArn"], described["label"]) == (run["mapRunArn"], "Items")
    assert json.loads(described["definition"])["States"] == inner["States"]
    if kind == "STANDARD":
        assert client.types(child["executionArn"])[0] == "ExecutionStarted"
        assert child["executionArn"].split(":")[5] == "execution"


def test_children_that_wait_for_a_client(client: Client) -> None:
    """They are described while they run, and a change of the limits applies at once."""
    execution = client.start(client.create(distributed(TOKEN, MaxConcurrency=1)), [1, 2, 3])
    run = run_of(client, execution)
    (first,) = until(lambda: children(client, run, statusFilter="RUNNING"), bool)
    assert run_of(client, execution)["executionCounts"]["pending"] == 2
    client.api.update_map_run(mapRunArn=run["mapRunArn"], maxConcurrency=2)
    listed = until(lambda: children(client, run, statusFilter="RUNNING"), lambda found: len(found) == 2)
    assert listed[-1]["executionArn"] == first["executionArn"]
    client.api.update_map_run(mapRunArn=run["mapRunArn"], toleratedFailureCount=1, maxConcurrency=0)
    listed = until(lambda: children(client, run), lambda found: len(found) == 3)
    tokens = [client.token(one["executionArn"]) for one in listed]
    client.api.send_task_failure(taskToken=tokens[0], error="E")
    for token in tokens[1:]:
        client.api.send_task_success(taskToken=token, output="1")
    assert json.loads(client.ended(execution)["output"]) == [1, 1]
    run = run_of(client, execution)
    assert (run["toleratedFailureCount"], run["executionCounts"]["failed"]) == (1, 1)
    with pytest.raises(ClientError) as ended:
        client.api.update_map_run(mapRunArn=run["mapRunArn"], maxConcurrency=1)
    assert code(ended)[0] == "ValidationException"


def test_stopping_aborts_the_children(client: Client) -> None:
    execution = client.start(client.create(distributed(TOKEN, MaxConcurrency=1)), [1, 2])
    run = run_of(client, execution)
    (child,) = until(lambda: children(client, run), bool)
    client.api.stop_execution(executionArn=execution)
    run = run_of(client, execution)
    assert (run["status"], run["executionCounts"]["aborted"], run["executionCounts"]["pending"]) == ("ABORTED", 1, 1)
    ended = client.ended(child["executionArn"])
    assert (ended["status"], ended["redriveStatus"]) == ("ABORTED", "REDRIVABLE_BY_MAP_RUN")
    with pytest.raises(ClientError) as refused:
        client.api.redrive_execution(executionArn=child["executionArn"])
    assert code(refused)[0] == "ExecutionNotRedrivable"


@pytest.mark.parametrize("kind", ["STANDARD", "EXPRESS"])
def test_a_redrive_runs_only_children_that_did_not_succeed(client: Client, handlers: Handlers, kind: str) -> None:
    """Standard children continue where they stopped; express ones start again."""
    handlers.broken = {("g", 2)}
    inner = machine("F", F=call("f", Next="G"), G=call("g"))
    execution = failed(client, distributed(inner, kind, MaxConcurrency=1), [1, 2, 3])
    before = run_of(client, execution)
    assert (before["status"], before["executionCounts"]["failed"], before["redriveCount"]) == ("FAILED", 1, 0)
    handlers.broken.clear()
    ended = redriven(client, execution)
    assert (ended["status"], json.loads(ended["output"])) == ("SUCCEEDED", [1, 2, 3])
    assert handlers.calls[("f", 2)] == (1 if kind == "STANDARD" else 2)
    assert (handlers.calls[("g", 2)], handlers.calls[("f", 1)], handlers.calls[("f", 3)]) == (2, 1, 1)
    run = run_of(client, execution)
    assert (run["mapRunArn"], run["status"], run["redriveCount"]) == (before["mapRunArn"], "SUCCEEDED", 1)
    assert run["executionCounts"]["succeeded"] == run["executionCounts"]["total"] == 3
    events = client.api.get_execution_history(executionArn=execution)["events"]
    (event,) = [event for event in events if event["type"] == "MapRunRedriven"]
    assert event["mapRunRedrivenEventDetails"] == {"mapRunArn": run["mapRunArn"], "redriveCount": 1}
    listed = children(client, run)
    assert [one["status"] for one in listed] == ["SUCCEEDED"] * 3
    if kind == "STANDARD":
        (again,) = children(client, run, redriveFilter="REDRIVEN")
        assert (again["redriveCount"], "redriveDate" in again) == (1, True)
        assert Counter(client.types(again["executionArn"]))["ExecutionRedriven"] == 1


def test_a_map_run_that_was_not_started(client: Client) -> None:
    """If the items could not be read, the redrive starts a Map run."""
    reader = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k"},
              "ReaderConfig": {"InputType": "JSON"}}  # fmt: skip
    execution = failed(client, distributed(machine("P", P={"Type": "Pass", "End": True}), ItemReader=reader))
    assert redriven(client, execution)["status"] == "FAILED"
    runs = client.api.list_map_runs(executionArn=execution)["mapRuns"]
    assert len({run["mapRunArn"] for run in runs}) == 2


def test_missing_map_runs(client: Client) -> None:
    arn = "arn:aws:states:us-east-1:123456789012:mapRun:machine/Each:1"
    for ask in (client.api.describe_map_run, client.api.list_executions):
        with pytest.raises(ClientError) as missing:
            ask(mapRunArn=arn)
        assert code(missing)[0] == "ResourceNotFound"
    with pytest.raises(ClientError) as invalid:
        client.api.describe_map_run(mapRunArn="arn:aws:states:us-east-1:123456789012:execution:machine:1")
    assert code(invalid)[0] == "InvalidArn"
    for request in ({}, {"mapRunArn": arn, "stateMachineArn": arn}):
        with pytest.raises(ClientError) as ambiguous:
            client.api.list_executions(**request)
        assert code(ambiguous)[0] == "ValidationException"
