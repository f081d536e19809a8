"""Task tokens and activities through boto3."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from flowgen.local import Task
from flowgen.running import Options
from tests.unit.serving.conftest import Client
from tests.unit.serving.test_executions import TOKEN, code


def work(activity: str, **more: int) -> dict[str, Any]:
    return {"StartAt": "Work", "States": {"Work": {"Type": "Task", "Resource": activity, **more, "End": True}}}


def test_an_answer_ends_the_task(client: Client) -> None:
    execution = client.start(client.create(TOKEN))
    token = client.token(execution)
    client.api.send_task_heartbeat(taskToken=token)
    client.api.send_task_success(taskToken=token, output='{"ok": true}')
    assert client.ended(execution)["output"] == '{"ok":true}'
    with pytest.raises(ClientError) as again:
        client.api.send_task_success(taskToken=token, output="1")
    assert code(again) == ("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")


def test_a_failure_is_the_error_of_the_task(client: Client) -> None:
    execution = client.start(client.create(TOKEN))
    client.api.send_task_failure(taskToken=client.token(execution), error="No", cause="why")
    ended = client.ended(execution)
    assert (ended["status"], ended["error"], ended["cause"]) == ("FAILED", "No", "why")


def test_bad_answers(client: Client) -> None:
    with pytest.raises(ClientError) as unknown:
        client.api.send_task_success(taskToken="none", output="1")
    assert code(unknown) == ("InvalidToken", "Invalid Token: 'Invalid token'")
    execution = client.start(client.create(TOKEN))
    token = client.token(execution)
    with pytest.raises(ClientError) as output:
        client.api.send_task_success(taskToken=token, output="{")
    assert code(output)[0] == "InvalidOutput"
    assert client.api.describe_execution(executionArn=execution)["status"] == "RUNNING"


def test_a_missed_heartbeat_times_out(client: Client) -> None:
    """The time passes while nobody answers."""
    state = {**TOKEN["States"]["Ask"], "HeartbeatSeconds": 1}
    ended = client.ended(client.start(client.create({"StartAt": "Ask", "States": {"Ask": state}})))
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Timeout")


def test_a_function_answers_its_token_before_it_returns(server: Callable[..., Client]) -> None:
    clients: list[Client] = []

    def handler(event: Any) -> None:
        clients[0].api.send_task_success(taskToken=event["token"], output='"early"')

    clients.append(server(options_for=lambda _program: Options(tasks={"f": Task(handler)})))
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": {"FunctionName": "f", "Payload": {"token.$": "$$.Task.Token"}},
        "End": True,
    }
    execution = clients[0].start(clients[0].create({"StartAt": "A", "States": {"A": state}}))
    assert clients[0].ended(execution)["output"] == '"early"'


@pytest.mark.parametrize("polls_first", [True, False])
def test_a_worker_of_an_activity(client: Client, *, polls_first: bool) -> None:
    activity = client.api.create_activity(name="print")["activityArn"]
    machine = client.create(work(activity, HeartbeatSeconds=60))
    tasks: list[Any] = []

    def poll() -> None:
        tasks.append(client.api.get_activity_task(activityArn=activity, workerName="w1"))

    poller = threading.Thread(target=poll)
    if polls_first:
        poller.start()
    execution = client.start(machine, {"page": 1})
    if not polls_first:
        poller.start()
    poller.join(30)
    assert json.loads(tasks[0]["input"]) == {"page": 1}
    client.api.send_task_heartbeat(taskToken=tasks[0]["taskToken"])
    client.api.send_task_success(taskToken=tasks[0]["taskToken"], output='"printed"')
    assert client.ended(execution)["output"] == '"printed"'
    assert client.types(execution)[2:5] == ["ActivityScheduled", "ActivityStarted", "ActivitySucceeded"]


def test_a_task_that_no_worker_takes_times_out(client: Client) -> None:
    activity = client.api.create_activity(name="print")["activityArn"]
    execution = client.start(client.create(work(activity, TimeoutSeconds=1)))
    assert client.ended(execution)["error"] == "States.Timeout"
    assert client.types(execution)[2:4] == ["ActivityScheduled", "ActivityTimedOut"]


def test_activities_are_listed_and_deleted(client: Client) -> None:
    arns = [client.api.create_activity(name=name)["activityArn"] for name in ("b", "a")]
    assert client.api.create_activity(name="a")["activityArn"] == arns[1]
    assert [one["name"] for one in client.api.list_activities()["activities"]] == ["a", "b"]
    client.api.delete_activity(activityArn=arns[0])
    with pytest.raises(ClientError) as deleted:
        client.api.describe_activity(activityArn=arns[0])
    assert code(deleted) == ("ActivityDoesNotExist", f"Activity Does Not Exist: '{arns[0]}'")
