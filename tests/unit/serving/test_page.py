"""The page at `/`: its files, its JSON, and who may use them."""

from __future__ import annotations

import http.client
import json
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from flowgen.serving import Settings, page, serve
from flowgen.viewer.page import ASSETS, PAGE_MODULES
from tests.unit.serving.conftest import Client, until

PASS = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
TOKEN = {
    "StartAt": "ask",
    "States": {
        "ask": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": {"QueueUrl": "q", "MessageBody": {"Token.$": "$$.Task.Token"}},
            "End": True,
        }
    },
}


def got(client: Client, path: str, **headers: str) -> tuple[int, http.client.HTTPMessage, str]:
    connection = http.client.HTTPConnection(urlsplit(client.url).netloc, timeout=30)
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    found = response.status, response.headers, response.read().decode()
    connection.close()
    return found


def view(client: Client, name: str, **parameters: str) -> Any:
    query = "&".join(f"{key}={quote(value)}" for key, value in parameters.items())
    status, _, text = got(client, f"/_flowgen/{name}?{query}")
    return json.loads(text) if status == 200 else (status, json.loads(text)["__type"])


def test_page_and_its_files(client: Client) -> None:
    """Each has a policy that allows only this server's own files."""
    status, headers, text = got(client, "/")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "<noscript>" in text
    for name in ("viewer.css", *PAGE_MODULES):
        status, headers, text = got(client, f"/_flowgen/assets/{name}")
        assert status == 200, name
        assert headers["X-Content-Type-Options"] == "nosniff"
        policy = dict(rule.split(" ", 1) for rule in headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy["frame-ancestors"] == "'none'"
        assert {policy[kind] for kind in ("script-src", "style-src", "connect-src")} == {"'self'"}
        assert text.strip()


def test_page_modules_import_only_each_other() -> None:
    used = {file.name for file in ASSETS.glob("*.js")} - {"report.js"}
    assert sorted(PAGE_MODULES) == sorted(used)


@pytest.mark.parametrize(
    "path",
    [
        "/_flowgen/assets/../page.py",
        "/_flowgen/assets/..%2fpage.py",
        "/_flowgen/assets//etc/passwd",
        "/_flowgen/assets/",
        "/_flowgen/assets/report.js",
        "/_flowgen/",
        "/_flowgen/nothing",
        "/index.html",
        "/?" + "x" * 10_000,
    ],
)
def test_nothing_else_is_served(client: Client, path: str) -> None:
    status, _, text = got(client, path)
    assert (status, '<div id="page">' in text) in {(404, False), (200, True)}
    assert (status == 200) == (urlsplit(path).path == "/")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, 200),
        ({"Sec_Fetch_Site": "same-origin"}, 200),
        ({"Sec_Fetch_Site": "none"}, 200),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "same-site"}, 403),
        ({"Host": "attacker.example"}, 403),
        ({"Origin": "http://attacker.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "localhost:1", "Origin": "http://localhost:2"}, 403),
        ({"Host": "localhost:1", "Origin": "https://localhost:1"}, 403),
        ({"Host": "localhost:1", "Origin": "http://localhost:1"}, 200),
    ],
)
def test_who_may_read_the_json(client: Client, headers: dict[str, str], expected: int) -> None:
    assert got(client, "/_flowgen/overview", **headers)[0] == expected


def test_overview(client: Client) -> None:
    """All machines with their counts, and the executions that match the filters, the latest first."""
    client.create(PASS, "a")
    machine = client.create({"StartAt": "F", "States": {"F": {"Type": "Fail"}}}, "b")
    for name in ("one", "two"):
        client.ended(client.start(machine, name=name))
    found = view(client, "overview")
    assert [(one["name"], one["type"], one["counts"]) for one in found["machines"]] == [
        ("a", "STANDARD", {}),
        ("b", "STANDARD", {"FAILED": 2}),
    ]
    assert [(one["name"], one["machine"], one["status"]) for one in found["executions"]] == [
        ("two", "b", "FAILED"),
        ("one", "b", "FAILED"),
    ]
    assert [one["name"] for one in view(client, "overview", text="ON")["executions"]] == ["one"]
    assert view(client, "overview", status="SUCCEEDED")["total"] == 0
    assert view(client, "overview", machine=machine)["total"] == 2


def test_a_request_waits_for_a_change(client: Client) -> None:
    """With the revision that the client has seen; the response has another one."""
    machine = client.create(TOKEN)
    execution = client.start(machine)
    found = until(lambda: view(client, "execution", arn=execution), lambda one: bool(one["waiting"]))
    client.api.send_task_success(taskToken=found["waiting"][0]["token"], output='"done"')
    newer = view(client, "execution", arn=execution, seen=found["revision"])
    assert newer["revision"] != found["revision"]
    last = until(lambda: view(client, "execution", arn=execution), lambda one: not one["running"])
    assert last["document"]["runs"][0]["status"] == "SUCCEEDED"
    assert last["waiting"] == []


def test_a_bounded_number_of_requests_wait(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others get what the client has seen at once; a wait ends without a change, too."""
    monkeypatch.setattr(page, "MOST_WAITING", 0)
    found = view(client, "overview")
    assert view(client, "overview", seen=found["revision"]) == found
    monkeypatch.setattr(page, "MOST_WAITING", 1)
    monkeypatch.setattr(page, "WAIT_SECONDS", 0.4)
    assert view(client, "overview", seen=found["revision"]) == found


def test_a_waiting_task_has_its_state_and_its_token(client: Client) -> None:
    """In the document itself, the token is masked."""
    execution = client.start(client.create(TOKEN))
    found = until(lambda: view(client, "execution", arn=execution), lambda one: bool(one["waiting"]))
    (task,) = found["waiting"]
    assert (task["state"], task["type"]) == ("ask", None)
    assert task["token"]
    assert task["token"] not in json.dumps(found["document"])
    assert found["can"]["stop"] is True
    assert found["document"]["runs"][0]["status"] == "RUNNING"


def test_children_are_runs(client: Client) -> None:
    """With the states of their own machines, also of those that clients created."""
    child = client.create(PASS, "child")
    parent = client.create(
        {
            "StartAt": "call",
            "States": {
                "call": {
                    "Type": "Task",
                    "Resource": "arn:aws:states:::states:startExecution.sync:2",
                    "Parameters": {"StateMachineArn": child, "Input.$": "$"},
                    "End": True,
                }
            },
        },
        "parent",
    )
    execution = client.start(parent, {"n": 1})
    client.ended(execution)
    document = view(client, "execution", arn=execution)["document"]
    assert [document["machines"][run["machine"]]["name"] for run in document["runs"]] == ["parent", "child"]
    assert document["runs"][1]["parent"] == {"run": 0, "visit": 0}
    arn = next(one["arn"] for one in view(client, "overview")["executions"] if one["machine"] == "child")
    alone = view(client, "execution", arn=arn)
    assert [run["status"] for run in alone["document"]["runs"]] == ["SUCCEEDED"]
    assert alone["can"]["stop"] is False


def test_unknown_arns_are_aws_errors(client: Client) -> None:
    assert view(client, "execution", arn="x") == (400, "InvalidArn")
    arn = "arn:aws:states:us-east-1:123456789012:execution:a:b"
    assert view(client, "execution", arn=arn) == (400, "ExecutionDoesNotExist")
    assert view(client, "machine", arn=arn.replace(":execution:a:b", ":stateMachine:a")) == (
        400,
        "StateMachineDoesNotExist",
    )


def check(client: Client, body: bytes) -> Any:
    connection = http.client.HTTPConnection(urlsplit(client.url).netloc, timeout=30)
    connection.request("POST", "/_flowgen/check", body, {"Content-Type": "application/json"})
    found = json.loads(connection.getresponse().read())
    connection.close()
    return found["problem"]


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"1", b'{"machine": 1}', b"[" * 5000])
def test_bad_checks(client: Client, body: bytes) -> None:
    assert check(client, body).startswith("the request is not valid: ")


def test_checks_without_a_type(client: Client) -> None:
    machine = client.create(PASS)
    assert check(client, json.dumps({"machine": machine, "state": None, "value": 1}).encode()) is None
    missing = {"machine": machine + "x", "state": None, "value": 1}
    assert check(client, json.dumps(missing).encode()) == "the state machine no longer exists"
    assert check(client, json.dumps({**missing, "machine": ["x"]}).encode()) == "the state machine no longer exists"


def test_it_stops_while_the_page_waits() -> None:
    """A request that waits for a change does not delay the end."""
    with serve(Settings(now=lambda: datetime.now(UTC), clock=time.monotonic)) as url:
        client = Client(url)
        revision = view(client, "overview")["revision"]
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
        connection.request("GET", f"/_flowgen/overview?seen={quote(revision)}")
    with pytest.raises((http.client.HTTPException, OSError)):
        connection.getresponse()
    connection.close()
