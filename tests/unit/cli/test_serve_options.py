"""Options of `flowgen serve` about time, code that changes, and other endpoints."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.test_serve import Start, run_to_end, start

__all__ = ["start"]

ROLE = "arn:aws:iam::123456789012:role/r"
WORKFLOW = """\
flowgen: 1
name: greet
input: string
output: string
steps:
  - id: said
    set: ${ 'Hello, ' & $input }
"""


def create(client: Any, name: str, states: dict[str, Any]) -> str:
    definition = json.dumps({"StartAt": next(iter(states)), "States": states})
    arn: str = client.create_state_machine(name=name, definition=definition, roleArn=ROLE)["stateMachineArn"]
    return arn


def until(look: Callable[[], Any], done: Callable[[Any], bool]) -> Any:
    deadline = time.monotonic() + 30
    while not done(found := look()):
        assert time.monotonic() < deadline, f"still {found}"
        time.sleep(0.1)
    return found


def test_time_scale(start: Start, tmp_path: Path) -> None:
    """An hour passes, but not at once."""
    _, client = start(tmp_path, "--time-scale", "3600")
    arn = create(client, "hour", {"Hour": {"Type": "Wait", "Seconds": 3600, "End": True}})
    execution = client.start_execution(stateMachineArn=arn)["executionArn"]
    assert client.describe_execution(executionArn=execution)["status"] == "RUNNING"
    ended = until(lambda: client.describe_execution(executionArn=execution), lambda one: one["status"] != "RUNNING")
    assert (ended["status"], (ended["stopDate"] - ended["startDate"]).total_seconds() >= 3600) == ("SUCCEEDED", True)


def test_reload(start: Start, tmp_path: Path) -> None:
    """Handlers, definitions and workflows are those of today. A mistake leaves the last ones."""
    (tmp_path / "workflows").mkdir()
    (tmp_path / "src").mkdir()
    workflow, module, definition = (
        tmp_path / "workflows" / "greet.yaml",
        tmp_path / "src" / "mine.py",
        tmp_path / "m.asl.json",
    )
    workflow.write_text(WORKFLOW, encoding="utf-8")
    module.write_text("def hello(event):\n    return 'one ' + event\n", encoding="utf-8")
    task = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:hello"}
    text = json.dumps({"StartAt": "Hello", "States": {"Hello": {**task, "End": True}}})
    definition.write_text(text, encoding="utf-8")
    arguments = ("m.asl.json", "workflows/greet.yaml", "--task", "hello=mine:hello", "--reload", "--data", "state.db")
    process, client = start(tmp_path, *arguments)
    lines: list[str] = []
    errors = process.stderr
    assert errors is not None
    threading.Thread(target=lambda: lines.extend(iter(errors.readline, "")), daemon=True).start()
    greet, machine = (one["stateMachineArn"] for one in client.list_state_machines()["stateMachines"])
    waits = {"Hour": {"Type": "Wait", "Seconds": 3600, "Next": "Hello"}, "Hello": {**task, "End": True}}
    mine = create(client, "mine", waits)

    def output(arn: str) -> Any:
        return json.loads(run_to_end(client, arn, "x")["output"])

    assert (output(machine), output(mine), output(greet)) == ("one x", "one x", "Hello, x")
    module.write_text("def hello(event):\n    return 'second ' + event\n", encoding="utf-8")
    until(lambda: output(machine), lambda found: found == "second x")
    assert output(mine) == "second x"
    workflow.write_text(WORKFLOW.replace("Hello", "Good morning"), encoding="utf-8")
    until(lambda: output(greet), lambda found: found == "Good morning, x")
    assert "revisionId" in client.describe_state_machine(stateMachineArn=greet)
    workflow.write_text(WORKFLOW.replace("$input", "$nothing"), encoding="utf-8")
    until(lambda: "".join(lines), lambda found: "not reloaded" in found)
    assert output(greet) == "Good morning, x"
    definition.write_text(text.replace("Hello", "Hi"), encoding="utf-8")
    workflow.write_text(WORKFLOW, encoding="utf-8")
    until(lambda: output(greet), lambda found: found == "Hello, x")
    assert "Hi" in client.describe_state_machine(stateMachineArn=machine)["definition"]
    assert "Traceback" not in "".join(lines)


class _Lambda(BaseHTTPRequestHandler):
    """The Invoke action of Lambda, as `sam local start-lambda` has it."""

    def do_POST(self) -> None:
        payload = self.rfile.read(int(self.headers["Content-Length"]))
        failed = "fails" in self.path
        body = json.dumps({"errorType": "Mine"} if failed else {"path": self.path, "got": json.loads(payload)}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        if failed:
            self.send_header("X-Amz-Function-Error", "Unhandled")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the signature of http.server
        """Requests are not logged."""


@pytest.fixture
def lambda_url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Lambda)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("how", ["option", "environment"])
def test_functions_at_an_endpoint(
    start: Start, tmp_path: Path, lambda_url: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ("--lambda-endpoint", lambda_url) if how == "option" else ()
    if how == "environment":
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", lambda_url)
    _, client = start(tmp_path, *arguments)
    function = "arn:aws:lambda:us-east-1:123456789012:function:"
    states = {
        "Direct": {"Type": "Task", "Resource": f"{function}direct", "Next": "Invoke"},
        "Invoke": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "invoked", "Payload.$": "$.got"},
            "OutputPath": "$.Payload",
            "End": True,
        },
    }
    ended = run_to_end(client, create(client, "calls", states), 5)
    assert json.loads(ended["output"]) == {"path": "/2015-03-31/functions/invoked/invocations", "got": 5}
    fails = {"Fails": {"Type": "Task", "Resource": f"{function}fails", "End": True}}
    ended = run_to_end(client, create(client, "fails", fails), 5)
    assert (ended["status"], ended["error"]) == ("FAILED", "Mine")
    send = {"Send": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {}, "End": True}}
    ended = run_to_end(client, create(client, "sends", send), 5)
    assert "Nothing answers the resource" in ended["cause"]
