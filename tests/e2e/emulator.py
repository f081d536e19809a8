"""A function as Lambda runs it: Amazon's own runtime for Python, under Amazon's runtime interface emulator.

The runtime is `awslambdaric`, next to pydantic and nothing else (`.ci/tools/lambda.txt`); the emulator is the one that
`aws-sam-cli` carries. Nothing leaves the loopback interface.
"""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.tools import emulator, tool

_INVOKE = "/2015-03-31/functions/function/invocations"
_PATIENCE = 30.0
"""Seconds to wait for the emulator to listen: a bound for what never happens, not a wait."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function that can be invoked. `port` is where the emulator listens, `log` has what the function prints."""

    port: int
    log: Path

    def invoke(self, event: Any) -> Any:
        """What the function answers to an event.

        That is what it returned; of an error `{"errorType": …, "errorMessage": …, …}`, as Lambda's Invoke gives it; of
        a function that ran out of time or of memory the emulator's text.
        """
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE * 2)
        try:
            connection.request("POST", _INVOKE, json.dumps(event).encode(), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        try:
            return json.loads(text)
        except ValueError:
            return text


@contextmanager
def emulated(
    code: Path, handler: str, *, timeout: int = 30, environment: Mapping[str, str] | None = None
) -> Iterator[Function]:
    """A function for the length of a `with` block, in a test that needs the tool `emulator`.

    `code` is the folder with the function's code, or a zip as it would be deployed, whose own packages then come before
    those next to the runtime. `handler` is Lambda's setting, `package.module.handler`; `timeout` is in seconds.
    """
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        folder = code
        if code.is_file():
            folder = scratch / "task"
            with zipfile.ZipFile(code) as archive:
                archive.extractall(folder)
        log = scratch / "log"
        port, runtime_port = _free_ports()
        command: list[str | Path] = [
            *(emulator(), "--runtime-interface-emulator-address", f"127.0.0.1:{port}"),
            *("--runtime-api-address", f"127.0.0.1:{runtime_port}"),
            *(tool("lambda"), "-m", "awslambdaric", handler),
        ]
        given = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(scratch),
            "PYTHONDONTWRITEBYTECODE": "1",
            "AWS_LAMBDA_FUNCTION_NAME": handler.rpartition(".")[0].rpartition(".")[2],
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(timeout),
            "AWS_REGION": "eu-west-1",
            **(environment or {}),
        }
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, cwd=folder, env=given, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
            try:
                _wait_until_it_listens(process, port, log)
                yield Function(port, log)
            finally:
                _stop(process)


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError(f"the emulator does not listen: {log.read_text(errors='replace')}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ends the emulator, which ends the runtime that it started."""
    process.terminate()
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
