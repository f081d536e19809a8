"""The commands for deployed workflows against moto's server, as programs, and at a terminal with Ctrl-C."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.e2e.conftest import REGION
from tests.e2e.programs import BIN

SILENCE = 60
"""Seconds after which nothing more is expected of a program."""

WORKFLOW = """\
flowgen: 1
name: pay
input: {fields: {amount: integer}}
steps:
  - id: pause
    wait: 1 hour
"""

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.usefixtures("interruptible")]


@dataclass(frozen=True, slots=True)
class Ended:
    code: int
    output: str


@pytest.fixture
def project(aws: Any, tmp_path: Path) -> Path:
    """A project, and its stack in moto."""
    folder = tmp_path / f"operate-{tmp_path.parent.name}-{re.sub(r'[^a-z0-9]+', '-', tmp_path.name)}".rstrip("-")
    (folder / "workflows").mkdir(parents=True)
    (folder / "pyproject.toml").write_text("[tool.flowgen]\n")
    (folder / "workflows" / "pay.yaml").write_text(WORKFLOW)
    definition = json.dumps({"StartAt": "pause", "States": {"pause": {"Type": "Wait", "Seconds": 3600, "End": True}}})
    resources = {
        "PayStateMachine": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {"DefinitionString": definition, "RoleArn": "arn:aws:iam::123456789012:role/x"},
        },
        "PayStateMachineLogGroup": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": folder.name}},
    }
    aws.create_stack(StackName=folder.name, TemplateBody=json.dumps({"Resources": resources}))
    return folder


def flowgen(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BIN / "flowgen", *arguments],
        cwd=project,
        env={**os.environ, "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def at_a_terminal(project: Path, *arguments: str, interrupt: str = "", answer: str = "") -> Ended:
    """Runs a command at a terminal: presses Ctrl-C once a string has shown, or types an answer to a question."""
    keyboard, terminal = os.openpty()
    started = subprocess.Popen(
        [BIN / "flowgen", *arguments],
        cwd=project,
        env={**os.environ, "NO_COLOR": "1"},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    os.close(terminal)
    shown, done, silence = "", False, 0
    while silence < SILENCE:
        if not select.select([keyboard], [], [], 1)[0]:
            silence += 1
            if done and interrupt:
                # The signal came where Python does not look for it, between a prompt and the reading of an answer.
                started.send_signal(signal.SIGINT)
            continue
        silence = 0
        try:
            shown += os.read(keyboard, 4096).decode()
        except OSError:  # as Linux shows that nobody has the terminal open any more
            break
        if not done and interrupt and interrupt in shown:
            done = True
            started.send_signal(signal.SIGINT)
        if not done and answer and shown.endswith("[y/N]: "):
            done = True
            os.write(keyboard, answer.encode())
    os.close(keyboard)
    return Ended(started.wait(SILENCE), shown.replace("\r\n", "\n"))


def test_the_life_of_an_execution(project: Path) -> None:
    """Started, listed, stopped; each command finds the state machine in the stack."""
    started = flowgen(project, "start", "-i", '{"amount": 1}', "--name", "p-1", "--json")
    assert started.returncode == 0, started.stderr
    assert json.loads(started.stdout)["name"] == "p-1"

    [listed] = json.loads(flowgen(project, "list", "--json").stdout)
    assert (listed["name"], listed["workflow"], listed["status"]) == ("p-1", "pay", "RUNNING")
    shown = flowgen(project, "show", "last", "--json")
    assert shown.returncode == 0, shown.stderr
    assert json.loads(shown.stdout)["arn"] == listed["arn"]

    stopped = flowgen(project, "stop", "last", "--error", "Mistake")
    assert (stopped.returncode, stopped.stderr) == (0, "stopped p-1\n")
    assert json.loads(flowgen(project, "list", "--json").stdout)[0]["status"] == "ABORTED"
    again = flowgen(project, "start", "-i", '{"amount": 2}', "--name", "p-1")
    assert (again.returncode, "FG705" in again.stderr) == (1, True)
    for done in (started, shown, stopped, again):
        assert "Traceback" not in done.stderr


def test_ctrl_c_ends_the_wait_and_not_the_execution(project: Path) -> None:
    ended = at_a_terminal(
        project, "start", "-i", '{"amount": 1}', "--name", "p-2", "--wait", interrupt="waiting until it ends"
    )

    assert ended.code == 130
    assert (
        "interrupted; if AWS received the request, the execution continues: to look at it, run `flowgen show p-2`"
        in ended.output
    )
    assert "Traceback" not in ended.output
    assert json.loads(flowgen(project, "list", "--json").stdout)[0]["status"] == "RUNNING"


def test_ctrl_c_ends_followed_logs(project: Path) -> None:
    logs = boto3.client("logs", region_name=REGION)
    logs.create_log_stream(logGroupName=project.name, logStreamName="x")
    logs.put_log_events(
        logGroupName=project.name, logStreamName="x", logEvents=[{"timestamp": _now(), "message": "entered pause"}]
    )
    ended = at_a_terminal(project, "logs", "--follow", interrupt="entered pause\r\n")

    assert ended.code == 130
    assert ended.output.count("entered pause") == 1
    assert ended.output.endswith("interrupted; the workflows continue in AWS\n")


@pytest.mark.parametrize(("answer", "code", "left"), [("y\n", 0, False), ("n\n", 1, True)])
def test_destroy_asks(project: Path, aws: Any, answer: str, code: int, *, left: bool) -> None:
    ended = at_a_terminal(project, "destroy", answer=answer)

    assert (ended.code, f"Delete the stack {project.name} ({REGION}, account" in ended.output) == (code, True)
    names = [stack["StackName"] for stack in aws.describe_stacks()["Stacks"]]
    assert (project.name in names) is left


def test_ctrl_c_at_the_question(project: Path, aws: Any) -> None:
    ended = at_a_terminal(project, "destroy", interrupt="[y/N]: ")
    assert ended.code == 130
    assert "interrupted; the stack was not changed" in ended.output
    assert project.name in [stack["StackName"] for stack in aws.describe_stacks()["Stacks"]]


def test_destroy_without_a_terminal_deletes_nothing(project: Path, aws: Any) -> None:
    done = flowgen(project, "destroy")
    assert done.returncode == 2
    assert "cannot ask for confirmation without a terminal: add --yes to delete the stack" in done.stderr
    assert project.name in [stack["StackName"] for stack in aws.describe_stacks()["Stacks"]]
    assert flowgen(project, "destroy", "--yes").returncode == 0


def _now() -> int:
    import time

    return int(time.time() * 1000)
