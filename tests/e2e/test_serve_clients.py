"""`flowgen serve` with clients that are not boto3: the AWS SDK for JavaScript v3 and the AWS command line."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.programs import BIN
from tests.tools import NODE_MODULES, ROOT, tool
from tests.unit.docs.pages import blocks

PAGE = ROOT / "docs" / "how-to" / "replace-step-functions-local.md"
ARN = "arn:aws:states:us-east-1:123456789012"
ROLE = "arn:aws:iam::123456789012:role/machine"


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """The URL of a server in an empty folder, as the program prints it."""
    command = [str(BIN / "flowgen"), "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        found = re.search(r"http://[\d.:]+", server.stdout.readline())
        assert found is not None
        yield found[0]
        server.terminate()
        assert server.wait() == 0


@pytest.mark.needs("node")
def test_javascript_sdk(url: str) -> None:
    command = ["node", str(ROOT / "tests" / "node" / "step_functions.mjs"), url]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    names = [refusal.pop("name") for refusal in answers["refusals"]]
    assert names == [
        "StateMachineDoesNotExist",
        "ExecutionAlreadyExists",
        "InvalidExecutionInput",
        "InvalidDefinition",
        "TaskTimedOut",
        "InvalidArn",
    ]
    assert {refusal["status"] for refusal in answers.pop("refusals")} == {400}
    assert answers == {
        "waited": {"status": "SUCCEEDED", "output": {"n": 42, "text": "é✓"}, "started": True, "seconds": 86400},
        "pages": [
            ["ExecutionStarted", "WaitStateEntered", "WaitStateExited"],
            ["PassStateEntered", "PassStateExited", "ExecutionSucceeded"],
        ],
        "activity": {"input": {"order": 5}, "output": {"approved": True}},
        "sync": {"status": "SUCCEEDED", "output": {"n": 8, "text": "é✓"}},
        "tested": {"status": "SUCCEEDED", "output": {"n": 2, "text": "é✓"}},
        "idempotent": True,
        "stopped": {"status": "ABORTED", "error": "Cancelled", "cause": "by the customer"},
        "aborted": ["stuck"],
        "machines": [["Express", "Reviews"], ["Waits"]],
    }


@pytest.mark.needs("node")
def test_javascript_of_the_documentation(tmp_path: Path) -> None:
    (block,) = (block for block in blocks(PAGE) if block.language == "javascript")
    name = block["writes"]
    assert name is not None
    (tmp_path / name).write_text(block.text, "utf-8")
    (tmp_path / "node_modules").symlink_to(NODE_MODULES)
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    command = ["node", "--test", "--test-reporter=tap", name]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ok 1 - the total is the sum of the items" in done.stdout


@pytest.mark.needs("aws")
def test_command_line(url: str, tmp_path: Path) -> None:
    def aws(*arguments: str, fails: bool = False) -> Any:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "AWS_ENDPOINT_URL_SFN": url,
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        command = [str(tool("aws")), "stepfunctions", *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return done.stderr if fails else json.loads(done.stdout)

    states = {"Wait": {"Type": "Wait", "Seconds": 86400, "Next": "Done"}, "Done": {"Type": "Succeed"}}
    definition = json.dumps({"StartAt": "Wait", "States": states})
    created = aws("create-state-machine", "--name", "Wait", "--definition", definition, "--role-arn", ROLE)
    assert created["stateMachineArn"] == f"{ARN}:stateMachine:Wait"
    started = aws("start-execution", "--state-machine-arn", created["stateMachineArn"], "--name", "1", "--input", "7")
    execution = started["executionArn"]
    assert execution == f"{ARN}:execution:Wait:1"
    types: list[str] = []
    while types[:1] != ["ExecutionSucceeded"]:
        types = aws(
            "get-execution-history", "--execution-arn", execution, "--reverse-order", "--query", "events[].type"
        )
    assert types == [
        "ExecutionSucceeded",
        "SucceedStateExited",
        "SucceedStateEntered",
        "WaitStateExited",
        "WaitStateEntered",
        "ExecutionStarted",
    ]
    assert aws("describe-execution", "--execution-arn", execution)["output"] == "7"
    tested = aws("test-state", "--definition", '{"Type": "Pass", "End": true}', "--role-arn", ROLE, "--input", "[1]")
    assert (tested["status"], json.loads(tested["output"])) == ("SUCCEEDED", [1])
    error = aws("describe-execution", "--execution-arn", f"{ARN}:execution:Wait:2", fails=True)
    assert "(ExecutionDoesNotExist)" in error
