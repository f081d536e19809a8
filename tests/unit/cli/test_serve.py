"""`flowgen serve` as a program: a project's workflows, its messages, and how it stops."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.step_functions_client import client_of

ROOT = Path(__file__).parents[3]
Start = Callable[..., tuple["subprocess.Popen[str]", Any]]


@pytest.fixture
def start() -> Iterator[Start]:
    """A function that starts the program in a folder, and returns its process and a client."""
    with ExitStack() as stack:

        def run(folder: Path, *arguments: str) -> tuple[subprocess.Popen[str], Any]:
            command = [sys.executable, "-m", "flowgen", "serve", "--port", "0", *arguments]
            process = stack.enter_context(
                subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            )
            stack.callback(process.kill)
            assert process.stdout is not None
            found = re.search(r"http://\S+", process.stdout.readline())
            assert found is not None, process.communicate()
            return process, client_of(found[0])

        yield run


def run_to_end(client: Any, machine: str, value: Any) -> dict[str, Any]:
    """The response of DescribeExecution after the end."""
    arn = client.start_execution(stateMachineArn=machine, input=json.dumps(value))["executionArn"]
    while (found := client.describe_execution(executionArn=arn))["status"] == "RUNNING":
        time.sleep(0.01)
    described: dict[str, Any] = found
    return described


def test_workflows_of_a_project(start: Start) -> None:
    """A workflow that waits a day, with the project's handlers."""
    process, client = start(ROOT / "examples" / "remind_user", "--seed", "1")
    [machine] = client.list_state_machines()["stateMachines"]
    assert machine["stateMachineArn"] == "arn:aws:states:us-east-1:123456789012:stateMachine:remind_user"
    ended = run_to_end(client, machine["stateMachineArn"], {"name": "Ada", "email": "ada@example.com"})
    assert ended["status"] == "SUCCEEDED"
    assert (ended["stopDate"] - ended["startDate"]).total_seconds() >= 86_400
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors.splitlines()[-1]) == (0, "Stopped.")


def test_workflows_that_start_each_other(start: Start, tmp_path: Path) -> None:
    """The parent's definition names its child by the ARN that the server has for it."""
    (tmp_path / "workflows").mkdir()
    (tmp_path / "workflows" / "child.yaml").write_text(
        "flowgen: 1\nname: child\ninput: number\noutput: number\nsteps:\n  - id: double\n    set: ${ $input * 2 }\n",
        encoding="utf-8",
    )
    (tmp_path / "workflows" / "parent.yaml").write_text(
        "flowgen: 1\nname: parent\ninput: number\noutput: number\nsteps:\n  - id: doubled\n    workflow: child\n"
        "    with: ${ $input }\n",
        encoding="utf-8",
    )
    _, client = start(tmp_path)
    arns = {one["name"]: one["stateMachineArn"] for one in client.list_state_machines()["stateMachines"]}
    assert arns["child"] in client.describe_state_machine(stateMachineArn=arns["parent"])["definition"]
    assert run_to_end(client, arns["parent"], 21)["output"] == "42"


def test_other_yaml_files_are_ignored(start: Start, tmp_path: Path) -> None:
    """In a folder without a project, the server starts without state machines."""
    (tmp_path / "template.yaml").write_text("Resources: {}\n", encoding="utf-8")
    _, client = start(tmp_path)
    assert client.list_state_machines()["stateMachines"] == []


def test_state_machines_in_asl_with_mocks_and_tasks(start: Start, tmp_path: Path) -> None:
    states = {
        "Double": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:double", "Next": "Send"},
        "Send": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {}, "End": True},
    }
    (tmp_path / "m.asl.json").write_text(json.dumps({"StartAt": "Double", "States": states}), encoding="utf-8")
    (tmp_path / "mine.py").write_text("def double(n):\n    print('called')\n    return 2 * n\n", encoding="utf-8")
    (tmp_path / "mocks.json").write_text('{"Send": {"result": "sent"}}', encoding="utf-8")
    process, client = start(tmp_path, "m.asl.json", "--task", "double=mine:double", "--mock", "mocks.json")
    [machine] = client.list_state_machines()["stateMachines"]
    assert run_to_end(client, machine["stateMachineArn"], 4)["output"] == '"sent"'
    process.send_signal(signal.SIGINT)
    printed, errors = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "called" in errors, "the output of handlers goes to standard error"
    assert "called" not in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--mock-config", "none.json"), "cannot read the mock configuration `none.json`: No such file or directory"),
        (("--mock-config", "empty.json"), "--mock-config empty.json: invalid JSON: Expecting value"),
        (("--aws", "ftp://x"), "--aws ftp://x: write `real`, `mock`, or the URL of an endpoint"),
        (("--task", "double"), "--task double: write NAME=package.module:function"),
        (("--host", "192.0.2.1"), "cannot listen on 192.0.2.1:0: "),
        (("none.yaml",), "`none.yaml` does not exist"),
        (("m.asl.json", "sub/m.asl.json"), "two state machines are called `m`; serve one of them"),
    ],
)
def test_mistakes(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    (tmp_path / "empty.json").touch()
    (tmp_path / "sub").mkdir()
    for path in ("m.asl.json", "sub/m.asl.json"):
        (tmp_path / path).write_text('{"StartAt": "S", "States": {"S": {"Type": "Succeed"}}}', encoding="utf-8")
    command = [sys.executable, "-m", "flowgen", "serve", "--port", "0", *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode in {1, 2, 74}
    assert message in done.stderr
    assert "Traceback" not in done.stderr
