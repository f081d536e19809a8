"""`flowgen serve` under load: executions per second, latency and memory. Run it as `python -m benchmarks.serve`.

Clients use plain HTTP, because boto3 takes longer for a request than the server.
"""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

CLIENTS, EACH, WAITING = 100, 100, 5_000
ROLE = "arn:aws:iam::123456789012:role/benchmark"
SKIPS = {
    "StartAt": "W",
    "States": {"W": {"Type": "Wait", "Seconds": 60, "Next": "P"}, "P": {"Type": "Pass", "End": True}},
}
ASKS = {
    "StartAt": "A",
    "States": {
        "A": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": {"Token.$": "$$.Task.Token"},
            "End": True,
        }
    },
}


class Client:
    """A connection to the server."""

    def __init__(self, address: str) -> None:
        self.connection = http.client.HTTPConnection(address)

    def call(self, action: str, request: dict[str, Any]) -> dict[str, Any]:
        """The response of an action."""
        headers = {"X-Amz-Target": f"AWSStepFunctions.{action}"}
        self.connection.request("POST", "/", json.dumps(request), headers)
        response = self.connection.getresponse()
        content: dict[str, Any] = json.loads(response.read())
        if response.status != http.client.OK:
            raise RuntimeError(content)
        return content

    def create(self, name: str, definition: dict[str, Any]) -> str:
        """The ARN of a new state machine."""
        request = {"name": name, "definition": json.dumps(definition), "roleArn": ROLE}
        return str(self.call("CreateStateMachine", request)["stateMachineArn"])


def megabytes(process: int) -> int:
    """The resident memory of a process (Linux)."""
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) // 1024


def start_many(address: str, machine: str, seconds: list[float]) -> None:
    """Start executions with one client; `seconds` receives how long each request took."""
    client = Client(address)
    for _ in range(EACH):
        began = time.perf_counter()
        client.call("StartExecution", {"stateMachineArn": machine})
        seconds.append(time.perf_counter() - began)


def main() -> None:
    """Print the figures."""
    command = [sys.executable, "-m", "flowgen", "serve", "--port", "0"]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as server,
    ):
        first_line = "" if server.stdout is None else server.stdout.readline()
        address = re.findall(r"http://(\S+)", first_line)[0]
        client = Client(address)
        print(f"empty: {megabytes(server.pid)} MB")
        seconds: list[float] = []
        arguments = (address, client.create("skips", SKIPS), seconds)
        threads = [threading.Thread(target=start_many, args=arguments) for _ in range(CLIENTS)]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        rate = len(seconds) / (time.perf_counter() - began)
        seconds.sort()
        median, slow = seconds[len(seconds) // 2], seconds[len(seconds) * 99 // 100]
        print(f"{len(seconds)} executions from {CLIENTS} clients: {rate:.0f}/s, ", end="")
        print(f"median {median * 1000:.0f} ms, 99 % {slow * 1000:.0f} ms, {megabytes(server.pid)} MB")
        machine = client.create("asks", ASKS)
        began = time.perf_counter()
        for _ in range(WAITING):
            client.call("StartExecution", {"stateMachineArn": machine})
        rate = WAITING / (time.perf_counter() - began)
        print(f"{WAITING} executions that wait for a token, one client: {rate:.0f}/s, {megabytes(server.pid)} MB")
        server.terminate()


if __name__ == "__main__":
    main()
