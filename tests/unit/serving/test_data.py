"""What a server with `--data` keeps, and how the next one continues."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flowgen.serving.store import Store, UnusableFile
from tests.unit.serving.conftest import Client, until
from tests.unit.serving.test_executions import PASS, TOKEN
from tests.unit.serving.test_map_runs import children, distributed, run_of
from tests.unit.serving.test_redrive import Handlers, call, machine, redriven

ARN = "arn:aws:states:us-east-1:123456789012"
Restart = Callable[..., Client]


@pytest.fixture
def handlers() -> Handlers:
    return Handlers()


@pytest.fixture
def restart(server: Callable[..., Client], handlers: Handlers, tmp_path: Path) -> Restart:
    """A function that starts a server with the file as another left it, even if that one still runs.

    A copy of the file, with its log, is what remains after `kill -9`.
    """
    count = 0

    def start(**settings: Any) -> Client:
        nonlocal count
        before, count = tmp_path / f"{count}.db", count + 1
        after = tmp_path / f"{count}.db"
        for suffix in ("", "-wal"):
            if before.with_name(before.name + suffix).exists():
                shutil.copy(before.with_name(before.name + suffix), after.with_name(after.name + suffix))
        return server(data=after, options_for=handlers.options, **settings)

    return start


def tokens(client: Client, execution: str) -> list[str]:
    """The tokens of all tasks that wait, by the number in their arguments."""
    events = client.api.get_execution_history(executionArn=execution)["events"]
    scheduled = [event["taskScheduledEventDetails"] for event in events if "taskScheduledEventDetails" in event]
    arguments = [json.loads(details["parameters"]) for details in scheduled]
    return [one["Token"] for one in arguments if "Token" in one]


def history(client: Client, execution: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.api.get_execution_history(executionArn=execution, maxResults=1000)["events"]
    return found


def test_resources(restart: Restart) -> None:
    first = restart()
    arn = first.create(PASS)
    first.api.tag_resource(resourceArn=arn, tags=[{"key": "a", "value": "1"}, {"key": "b", "value": "2"}])
    first.api.untag_resource(resourceArn=arn, tagKeys=["b"])
    version = first.api.publish_state_machine_version(stateMachineArn=arn, description="one")["stateMachineVersionArn"]
    first.api.update_state_machine(stateMachineArn=arn, definition=json.dumps(TOKEN))
    first.api.create_state_machine_alias(
        name="live", routingConfiguration=[{"stateMachineVersionArn": version, "weight": 100}]
    )
    activity = first.api.create_activity(name="work")["activityArn"]
    first.create(PASS, "deleted")
    first.api.delete_state_machine(stateMachineArn=f"{ARN}:stateMachine:deleted")
    second = restart()
    questions: list[tuple[str, dict[str, Any]]] = [
        ("list_state_machines", {}),
        ("describe_state_machine", {"stateMachineArn": arn}),
        ("describe_state_machine", {"stateMachineArn": version}),
        ("list_state_machine_versions", {"stateMachineArn": arn}),
        ("describe_state_machine_alias", {"stateMachineAliasArn": f"{arn}:live"}),
        ("list_tags_for_resource", {"resourceArn": arn}),
        ("describe_activity", {"activityArn": activity}),
    ]
    for name, request in questions:
        assert answer(second, name, request) == answer(first, name, request)
    second.api.delete_state_machine_alias(stateMachineAliasArn=f"{arn}:live")
    second.api.delete_state_machine_version(stateMachineVersionArn=version)
    third = restart()
    published = third.api.publish_state_machine_version(stateMachineArn=arn)
    assert published["stateMachineVersionArn"] == f"{arn}:2"


def answer(client: Client, name: str, request: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = getattr(client.api, name)(**request)
    del found["ResponseMetadata"]
    return found


def test_executions_that_have_ended(restart: Restart, handlers: Handlers) -> None:
    """They are described and listed as before, with their histories, Map runs and children."""
    handlers.broken = {"f"}
    first = restart()
    child = first.create(PASS, "child")
    start = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": child, "Name": "c"},
        "End": True,
    }
    each = distributed(machine("P", P={"Type": "Pass", "End": True}))
    machines = [PASS, machine("F", F=call("f")), machine("S", S=start), each]
    arns = [first.create(one, f"m{n}") for n, one in enumerate(machines)]
    executions = [first.start(arn, [1, 2]) for arn in arns]
    for execution in executions:
        first.ended(execution)
    run = run_of(first, executions[3])
    second = restart()
    everything = [*executions, f"{ARN}:execution:child:c", *(one["executionArn"] for one in children(first, run))]
    for execution in everything:
        for name in ("describe_execution", "get_execution_history", "describe_state_machine_for_execution"):
            request = {"executionArn": execution}
            assert answer(second, name, request) == answer(first, name, request)
    for arn in (*arns, child):
        request = {"stateMachineArn": arn}
        assert answer(second, "list_executions", request) == answer(first, "list_executions", request)
    request = {"mapRunArn": run["mapRunArn"]}
    assert answer(second, "describe_map_run", request) == answer(first, "describe_map_run", request)
    assert children(second, run) == children(first, run)
    assert second.start(arns[0]) not in executions


def test_a_waiting_task_keeps_its_token(restart: Restart, handlers: Handlers) -> None:
    """What has run does not run again, and the history continues."""
    ask = {name: value for name, value in TOKEN["States"]["Ask"].items() if name != "End"}
    definition = machine("F", F=call("f", Next="Ask"), Ask={**ask, "Next": "G"}, G=call("g"))
    first = restart()
    execution = first.start(first.create(definition), 1)
    token = first.token(execution)
    before = history(first, execution)
    second = restart()
    assert history(second, execution) == before
    second.api.send_task_heartbeat(taskToken=token)
    second.api.send_task_success(taskToken=token, output='"yes"')
    third = restart()
    ended = third.ended(execution)
    assert (ended["status"], ended["output"]) == ("SUCCEEDED", '"yes"')
    assert handlers.calls[("f", 1)] == 1
    assert history(third, execution)[: len(before)] == before


def test_a_machine_that_changed_keeps_the_definition_of_its_executions(restart: Restart) -> None:
    first = restart()
    arn = first.create(TOKEN)
    execution = first.start(arn)
    token = first.token(execution)
    first.api.update_state_machine(stateMachineArn=arn, definition=json.dumps(PASS))
    second = restart()
    second.api.send_task_success(taskToken=token, output="1")
    assert second.ended(execution)["output"] == "1"
    described = second.api.describe_state_machine_for_execution(executionArn=execution)
    assert json.loads(described["definition"]) == TOKEN


def test_the_version_that_an_alias_selected_for_a_task(restart: Restart) -> None:
    first = restart()
    child = first.create({"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": "old", "End": True}}}, "child")
    old = first.api.publish_state_machine_version(stateMachineArn=child)["stateMachineVersionArn"]
    first.api.update_state_machine(stateMachineArn=child, definition=json.dumps(PASS))
    new = first.api.publish_state_machine_version(stateMachineArn=child)["stateMachineVersionArn"]
    routes = [{"stateMachineVersionArn": arn, "weight": 50} for arn in (old, new)]
    alias = first.api.create_state_machine_alias(name="live", routingConfiguration=routes)["stateMachineAliasArn"]
    states = {
        f"S{n}": {
            "Type": "Task",
            "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Parameters": {"StateMachineArn": alias, "Name": f"c{n}"},
            "Next": f"S{n + 1}" if n < 7 else "Ask",
        }
        for n in range(8)
    }
    execution = first.start(first.create(machine("S0", **states, Ask=TOKEN["States"]["Ask"]), "parent"))
    token = first.token(execution)
    before = history(first, execution)
    second = restart()
    assert history(second, execution) == before
    for n in range(8):
        request = {"executionArn": f"{ARN}:execution:child:c{n}"}
        assert answer(second, "describe_execution", request) == answer(first, "describe_execution", request)
    second.api.send_task_success(taskToken=token, output="1")
    assert second.ended(execution)["status"] == "SUCCEEDED"


def test_activities(restart: Restart) -> None:
    """A task that a worker has taken is not offered again; another one is."""
    first = restart()
    activity = first.api.create_activity(name="work")["activityArn"]
    state = {"Type": "Task", "Resource": activity, "HeartbeatSeconds": 600, "End": True}
    arn = first.create(machine("W", W=state))
    executions = [first.start(arn, n) for n in (1, 2)]
    taken = first.api.get_activity_task(activityArn=activity, workerName="w")
    second = restart()
    other = second.api.get_activity_task(activityArn=activity)
    assert {taken["input"], other["input"]} == {"1", "2"}
    for task in (taken, other):
        second.api.send_task_success(taskToken=task["taskToken"], output=task["input"])
    assert [second.ended(execution)["output"] for execution in executions] == ["1", "2"]


def test_a_map_run_and_a_stopped_execution(restart: Restart) -> None:
    first = restart()
    each = first.start(first.create(distributed(TOKEN, MaxConcurrency=1)), [1, 2])
    run = run_of(first, each)
    first.api.update_map_run(mapRunArn=run["mapRunArn"], maxConcurrency=2)
    listed = until(lambda: children(first, run), lambda found: len(found) == 2)
    stopped = first.start(first.create(TOKEN, "stopped"))
    first.api.stop_execution(executionArn=stopped, error="E")
    second = restart()
    assert children(second, run) == listed
    for child in listed:
        second.api.send_task_success(taskToken=second.token(child["executionArn"]), output="3")
    assert second.ended(each)["output"] == "[3,3]"
    assert (second.ended(stopped)["status"], second.ended(stopped)["error"]) == ("ABORTED", "E")


def test_redrives(restart: Restart, handlers: Handlers) -> None:
    """A failed execution can be redriven by another process, and a redriven one continues in another process."""
    handlers.broken = {("g", 1)}
    ask = machine("Ask", Ask=TOKEN["States"]["Ask"])
    wait = {"Type": "Wait", "Seconds": 1, "Next": "G"}
    branches = [machine("F", F=call("f")), ask, machine("Wait", Wait=wait, G=call("g"))]
    first = restart()
    execution = first.start(first.create(machine("P", P={"Type": "Parallel", "Branches": branches, "End": True})), 1)
    assert first.ended(execution)["status"] == "FAILED"
    handlers.broken.clear()
    second = restart()
    second.api.redrive_execution(executionArn=execution, clientToken="t")
    token = until(lambda: tokens(second, execution), lambda found: len(found) == 2)[-1]
    third = restart()
    third.api.redrive_execution(executionArn=execution, clientToken="t")
    third.api.send_task_success(taskToken=token, output="2")
    ended = third.ended(execution)
    assert (ended["status"], ended["redriveCount"], json.loads(ended["output"])) == ("SUCCEEDED", 1, [1, 2, 1])
    assert handlers.calls[("f", 1)] == 1
    fourth = restart()
    assert answer(fourth, "describe_execution", {"executionArn": execution}) == answer(
        third, "describe_execution", {"executionArn": execution}
    )


def test_a_timed_out_execution_is_redriven_by_another_process(restart: Restart, handlers: Handlers) -> None:
    """It had received nothing before it ended: time passes again until then."""
    wait = {"Type": "Wait", "Seconds": 80, "Next": "F"}
    states = machine("W", W=wait, F=call("f", Next="V"), V={**wait, "Next": "G"}, G=call("g"))
    first = restart()
    execution = first.start(first.create({**states, "TimeoutSeconds": 100}), 1)
    assert first.ended(execution)["status"] == "TIMED_OUT"
    second = restart()
    assert redriven(second, execution)["status"] == "SUCCEEDED"
    assert handlers.calls == {("f", 1): 1, ("g", 1): 1}


def test_a_map_run_is_redriven_by_another_process(restart: Restart, handlers: Handlers) -> None:
    handlers.broken = {("f", 2)}
    first = restart()
    execution = first.start(first.create(distributed(machine("F", F=call("f")), MaxConcurrency=1)), [1, 2, 3])
    assert first.ended(execution)["status"] == "FAILED"
    handlers.broken.clear()
    second = restart()
    assert redriven(second, execution)["output"] == "[1,2,3]"
    assert handlers.calls == {("f", 1): 1, ("f", 2): 2, ("f", 3): 1}
    run = run_of(second, execution)
    assert (run["redriveCount"], run["executionCounts"]["succeeded"]) == (1, 3)
    assert len(children(second, run)) == 3


def test_the_next_process_ends_as_this_one_wherever_it_is_interrupted(restart: Restart, handlers: Handlers) -> None:
    """Branches, retries, items, waits and children: after each answer, another process takes over."""
    first = restart()
    waits = {"Type": "Wait", "Seconds": 1, "Next": "Ask"}
    child = first.create(machine("W", W=waits, Ask=TOKEN["States"]["Ask"]), "child")
    ask = {**TOKEN["States"]["Ask"], "TimeoutSeconds": 9_000, "HeartbeatSeconds": 6_000}
    retried = {**ask, "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "JitterStrategy": "FULL"}]}
    start = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync",
        "Parameters": {"StateMachineArn": child, "Name": "c"},
        "ResultPath": None,
        "End": True,
    }
    each = {"Type": "Map", "ItemProcessor": machine("Item", Item=retried), "ItemsPath": "$.items", "End": True}
    branches = [
        machine("F", F=call("f", ResultPath=None, Next="R"), R=retried),
        machine("M", M=each),
        machine("S", S=start),
    ]
    arn = first.create(machine("P", P={"Type": "Parallel", "Branches": branches, "Next": "G"}, G=call("g")), "parent")
    execution = first.start(arn, {"items": [1, 2, 3]})
    clients, answered = [first], list[str]()

    def open_tokens() -> list[str]:
        found = tokens(clients[-1], execution)
        try:
            found += tokens(clients[-1], f"{ARN}:execution:child:c")
        except clients[-1].api.exceptions.ExecutionDoesNotExist:
            pass
        return [token for token in found if token not in answered]

    failed = set[int]()
    while clients[-1].api.describe_execution(executionArn=execution)["status"] == "RUNNING":
        seen = history(clients[-1], execution)
        clients.append(restart())
        assert history(clients[-1], execution)[: len(seen)] == seen
        waiting = open_tokens()
        if waiting:
            answered.append(waiting[0])
            if len(failed) < 3 and len(answered) % 2:
                failed.add(len(answered))
                clients[-1].api.send_task_failure(taskToken=waiting[0], error="Again")
            else:
                clients[-1].api.send_task_success(taskToken=waiting[0], output=str(len(answered)))
        assert len(clients) < 200
    ended = clients[-1].ended(execution)
    assert ended["status"] == "SUCCEEDED", ended
    assert handlers.calls["f"] == 1
    types = Counter(event["type"] for event in history(clients[-1], execution))
    assert types["TaskFailed"] == len(failed)
    assert types["MapIterationSucceeded"] == 3
    assert len(clients) > 8


def test_real_time(restart: Restart) -> None:
    """Waits that are over stay over. The time between two processes does not count."""
    first = restart(real_time=True)
    waits = machine("A", A={"Type": "Wait", "Seconds": 1, "Next": "B"}, B={"Type": "Wait", "Seconds": 1, "End": True})
    execution = first.start(first.create(waits))
    until(lambda: first.types(execution), lambda types: types[-1] == "WaitStateEntered" and len(types) > 3)
    before = history(first, execution)
    second = restart(real_time=True)
    assert history(second, execution) == before
    assert second.ended(execution)["status"] == "SUCCEEDED"


def test_old_executions_are_forgotten_in_the_file(restart: Restart) -> None:
    first = restart(keep=3)
    arn = first.create(PASS)
    for n in range(5):
        first.ended(first.start(arn, name=f"e{n}"))
    second = restart(keep=2)
    second.ended(second.start(arn, name="e5"))
    listed = until(lambda: second.api.list_executions(stateMachineArn=arn)["executions"], lambda found: len(found) == 2)
    assert [one["name"] for one in listed] == ["e5", "e4"]
    third = restart(keep=2)
    assert len(third.api.list_executions(stateMachineArn=arn)["executions"]) == 2


def test_an_execution_that_can_not_be_repeated_fails(restart: Restart, tmp_path: Path) -> None:
    """For example after a change of the runner."""
    first = restart()
    execution = first.start(first.create(TOKEN))
    first.api.send_task_heartbeat(taskToken=first.token(execution))
    other = tmp_path / "0.db"
    assert not other.exists()
    store_path = tmp_path / "1.db"
    for suffix in ("", "-wal"):
        if store_path.with_name(store_path.name + suffix).exists():
            shutil.copy(store_path.with_name(store_path.name + suffix), other.with_name(other.name + suffix))
    store = Store(other)
    store.note(execution, ["send", 100_000, "token", ["heartbeat"]])
    store.close()
    shutil.copy(other, store_path)
    store_path.with_name("1.db-wal").unlink(missing_ok=True)
    second = restart()
    ended = second.ended(execution)
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Runtime")
    assert "can't continue" in ended["cause"]


def test_files_that_can_not_be_used(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("not a database" * 100, encoding="utf-8")
    for path, reason in ((tmp_path / "text", "not a database"), (tmp_path / "no" / "file", "unable to open")):
        with pytest.raises(UnusableFile, match=reason):
            Store(path)
    store = Store(tmp_path / "used")
    with pytest.raises(UnusableFile, match="another program uses it"):
        Store(tmp_path / "used")
    store.close()
    connection = sqlite3.connect(tmp_path / "other")
    connection.execute("CREATE TABLE mine (x)")
    connection.close()
    with pytest.raises(UnusableFile, match="use another file"):
        Store(tmp_path / "other")


def test_a_full_disk(tmp_path: Path) -> None:
    """What could not be written is written later."""
    store = Store(tmp_path / "full")
    pages = store._execute("PRAGMA page_count").fetchone()[0]
    store._execute(f"PRAGMA max_page_count={pages + 2}")
    store.put("tags", "first", "x" * 100_000)
    for _ in range(2):
        with pytest.raises(sqlite3.OperationalError, match="full"):
            store.commit()
    store._execute(f"PRAGMA max_page_count={pages + 1_000}")
    store.put("tags", "second", "y")
    store.close()
    assert dict(Store(tmp_path / "full").resources("tags")) == {"first": "x" * 100_000, "second": "y"}
