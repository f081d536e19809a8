"""`flowgen serve --data FILE`, ended by SIGKILL while clients use it: nothing acknowledged is lost."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.step_functions_client import client_of

ROLE = "arn:aws:iam::123456789012:role/r"
DEFINITION = {
    "StartAt": "Double",
    "States": {
        "Double": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:double", "Next": "Ask"},
        "Ask": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": {"Token.$": "$$.Task.Token", "N.$": "$"},
            "End": True,
        },
    },
}
CLIENTS = 4


class Server:
    """The program, and what its clients have seen."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: dict[str, int] = {}
        self.answered: dict[str, int] = {}
        self.ended: dict[str, str] = {}

    def start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "flowgen", "serve", "--port", "0", "--data", "state.db"]
        command += ["--task", "double=mine:double"]
        process = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found is not None
        self.url = found[0]
        return process

    def use(self, arn: str, number: int) -> None:
        """Start, answer and describe executions until the server is gone."""
        client = client_of(self.url)
        try:
            while True:
                number += CLIENTS
                execution = client.start_execution(stateMachineArn=arn, name=f"e{number}", input=str(number))
                self.started[execution["executionArn"]] = number
                token = self.token(client, execution["executionArn"])
                if number % 3:
                    client.send_task_success(taskToken=token, output=str(-number))
                    self.answered[execution["executionArn"]] = -number
                    found = client.describe_execution(executionArn=execution["executionArn"])
                    if found["status"] != "RUNNING":
                        self.ended[execution["executionArn"]] = found["output"]
        except Exception:  # noqa: BLE001 - the server was killed
            return

    @staticmethod
    def token(client: Any, execution: str) -> str:
        while True:
            for event in client.get_execution_history(executionArn=execution)["events"]:
                if "taskScheduledEventDetails" in event:
                    return str(json.loads(event["taskScheduledEventDetails"]["parameters"])["Token"])
            time.sleep(0.001)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def double(n):\n    return 2 * n\n", encoding="utf-8")
    server = Server(tmp_path)
    arn = ""
    for number in range(3):
        process = server.start()
        try:
            client = client_of(server.url)
            definition = json.dumps(DEFINITION)
            arn = client.create_state_machine(name="m", definition=definition, roleArn=ROLE)["stateMachineArn"]
            first = 10_000 * number
            threads = [threading.Thread(target=server.use, args=(arn, first + n)) for n in range(CLIENTS)]
            for thread in threads:
                thread.start()
            time.sleep(1.0)
            process.kill()
            for thread in threads:
                thread.join()
        finally:
            process.kill()
            process.communicate()
    assert len(server.started) > 20
    assert len(server.ended) > 10
    process = server.start()
    try:
        client = client_of(server.url)
        pages = client.get_paginator("list_executions").paginate(stateMachineArn=arn)
        listed = {one["executionArn"] for page in pages for one in page["executions"]}
        assert server.started.keys() <= listed
        for execution, number in server.started.items():
            found = client.describe_execution(executionArn=execution)
            assert found["input"] == str(number)
            if execution in server.answered:
                assert (found["status"], found["output"]) == ("SUCCEEDED", str(server.answered[execution]))
            elif found["status"] == "RUNNING":
                client.send_task_success(taskToken=server.token(client, execution), output="0")
                while (found := client.describe_execution(executionArn=execution))["status"] == "RUNNING":
                    time.sleep(0.001)
                assert found["status"] == "SUCCEEDED"
        assert {
            execution: client.describe_execution(executionArn=execution)["output"] for execution in server.ended
        } == (server.ended)
    finally:
        process.terminate()
        process.communicate()
