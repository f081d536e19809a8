"""`flowgen serve` under load: executions per second, latency and memory.

    python -m benchmarks.serve
    python -m benchmarks.serve --ministack .venv-ministack/bin/python    # next to MiniStack (PyPI: ministack)
    python -m benchmarks.serve --data                                    # with a file that keeps everything
    python -m benchmarks.serve --soak 600                                # 100 clients for ten minutes

Clients use plain HTTP, because boto3 takes longer for a request than the server.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CLIENTS, EACH, WAITING, KEPT = 100, 100, 5_000, 10_000
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
BRANCHES = {
    "StartAt": "Both",
    "States": {
        "Both": {
            "Type": "Parallel",
            "Branches": [SKIPS, {"StartAt": "Q", "States": {"Q": {"Type": "Pass", "End": True}}}],
            "End": True,
        }
    },
}
SIGNATURE = "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/states/aws4_request, SignedHeaders=host, Signature=0"


class Client:
    """A connection to the server."""

    def __init__(self, address: str) -> None:
        self.connection = http.client.HTTPConnection(address, timeout=60)

    def call(self, action: str, request: dict[str, Any]) -> dict[str, Any]:
        """The response of an action."""
        headers = {
            "X-Amz-Target": f"AWSStepFunctions.{action}",
            "Content-Type": "application/x-amz-json-1.0",
            "Authorization": SIGNATURE,
        }
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

    def ended(self, execution: str) -> dict[str, Any]:
        """The description of an execution, once it has ended."""
        while (found := self.call("DescribeExecution", {"executionArn": execution}))["status"] == "RUNNING":
            time.sleep(0.005)
        return found


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


@contextmanager
def flowgen(*arguments: str) -> Iterator[tuple[str, int]]:
    """The address and the process of `flowgen serve`."""
    command = [sys.executable, "-m", "flowgen", "serve", "--port", "0", *arguments]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as server,
    ):
        first_line = "" if server.stdout is None else server.stdout.readline()
        yield re.findall(r"http://(\S+)", first_line)[0], server.pid
        server.terminate()


@contextmanager
def ministack(python: str) -> Iterator[tuple[str, int]]:
    """The address and the process of MiniStack, which skips waits, too."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    variables = {**os.environ, "GATEWAY_PORT": str(port), "SFN_WAIT_SCALE": "0", "LOG_LEVEL": "ERROR"}
    command = [str(Path(python).absolute()), "-m", "ministack"]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            command, cwd=folder, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as server,
    ):
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        yield f"127.0.0.1:{port}", server.pid
        server.terminate()


def executions(address: str, process: int) -> dict[str, str]:
    """10,000 executions from 100 clients, and how long one takes from its start to the description of its end."""
    client = Client(address)
    client.create("first", SKIPS)
    figures = {"memory, empty": f"{megabytes(process)} MB"}
    seconds: list[float] = []
    machine = client.create("skips", SKIPS)
    threads = [threading.Thread(target=start_many, args=(address, machine, seconds)) for _ in range(CLIENTS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    started = time.perf_counter() - began
    last = str(client.call("StartExecution", {"stateMachineArn": machine})["executionArn"])
    status = client.ended(last)["status"]
    listed = {"stateMachineArn": machine, "statusFilter": "RUNNING", "maxResults": 1}
    while client.call("ListExecutions", listed)["executions"]:
        time.sleep(0.05)
    took = time.perf_counter() - began
    seconds.sort()
    count = len(seconds)
    figures |= {
        "executions": f"{count} of {CLIENTS * EACH}, {status}",
        "started per second": f"{count / started:.0f}",
        "ended per second": f"{count / took:.0f}",
        "StartExecution, median": f"{seconds[count // 2] * 1000:.0f} ms",
        "StartExecution, 99 %": f"{seconds[count * 99 // 100] * 1000:.0f} ms",
        "memory, 10,000 executions": f"{megabytes(process)} MB",
    }
    alone = []
    for _ in range(50):
        began = time.perf_counter()
        client.ended(str(client.call("StartExecution", {"stateMachineArn": machine})["executionArn"]))
        alone.append(time.perf_counter() - began)
    return {**figures, "one execution, median": f"{sorted(alone)[25] * 1000:.1f} ms"}


def waiting(address: str, process: int) -> None:
    """Executions that wait for a token."""
    client = Client(address)
    machine = client.create("asks", ASKS)
    began = time.perf_counter()
    for _ in range(WAITING):
        client.call("StartExecution", {"stateMachineArn": machine})
    rate = WAITING / (time.perf_counter() - began)
    print(f"{WAITING} executions that wait for a token, one client: {rate:.0f}/s, {megabytes(process)} MB")


def use(address: str, machines: list[str], until: float, counts: list[int], problems: list[str]) -> None:
    """One client of the soak: start, answer, describe, read the history, stop, list."""
    client, number = Client(address), 0
    plain, asks, branches = machines
    try:
        while time.monotonic() < until:
            number += 1
            machine = (plain, asks, branches)[number % 3]
            execution = str(client.call("StartExecution", {"stateMachineArn": machine, "input": "[1]"})["executionArn"])
            if machine == asks:
                token = ""
                while not token:
                    events = client.call("GetExecutionHistory", {"executionArn": execution})["events"]
                    scheduled = [
                        event["taskScheduledEventDetails"] for event in events if "taskScheduledEventDetails" in event
                    ]
                    token = json.loads(scheduled[0]["parameters"])["Token"] if scheduled else ""
                if number % 2:
                    client.call("StopExecution", {"executionArn": execution})
                else:
                    client.call("SendTaskSuccess", {"taskToken": token, "output": "[2]"})
            ended = client.ended(execution)
            expected = "ABORTED" if machine == asks and number % 2 else "SUCCEEDED"
            if ended["status"] != expected:
                problems.append(f"{execution}: {ended['status']} instead of {expected}")
            if number % 10 == 0:
                client.call("ListExecutions", {"stateMachineArn": machine, "maxResults": 10})
    except (OSError, RuntimeError, http.client.HTTPException) as problem:
        problems.append(repr(problem))
    counts.append(number)


def soak(seconds: float, *arguments: str) -> None:
    """100 clients for some time: memory must not grow once the limit of finished executions is reached."""
    with flowgen("--keep", str(KEPT), *arguments) as (address, process):
        client = Client(address)
        machines = [client.create(name, one) for name, one in (("s", SKIPS), ("a", ASKS), ("b", BRANCHES))]
        began, counts, problems = time.monotonic(), list[int](), list[str]()
        until = began + seconds
        threads = [
            threading.Thread(target=use, args=(address, machines, until, counts, problems)) for _ in range(CLIENTS)
        ]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            time.sleep(min(60.0, max(1.0, until - time.monotonic())))
            print(f"{time.monotonic() - began:5.0f} s: {megabytes(process)} MB, {len(problems)} problems", flush=True)
        for thread in threads:
            thread.join()
        print(
            f"{sum(counts)} executions from {CLIENTS} clients, {sum(counts) / seconds:.0f}/s; problems: {problems[:5]}"
        )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serve", description=__doc__)
    parser.add_argument("--ministack", metavar="PYTHON", help="also measure MiniStack, installed for this Python")
    parser.add_argument("--data", action="store_true", help="keep everything in a file")
    parser.add_argument("--soak", metavar="SECONDS", type=float, help="100 clients for some time")
    asked = parser.parse_args()
    data = ("--data", "serve.db") if asked.data else ()
    if asked.soak is not None:
        soak(asked.soak, *data)
        return
    columns: dict[str, dict[str, str]] = {}
    with flowgen(*data) as (address, process):
        columns["flowgen serve"] = executions(address, process)
        waiting(address, process)
    if asked.ministack is not None:
        with ministack(asked.ministack) as (address, process):
            columns["MiniStack"] = executions(address, process)
    width = max(len(name) for name in columns["flowgen serve"])
    print(f"{'':{width}}  " + "  ".join(f"{name:>26}" for name in columns))
    for name in columns["flowgen serve"]:
        print(f"{name:{width}}  " + "  ".join(f"{figures[name]:>26}" for figures in columns.values()))


if __name__ == "__main__":
    main()
