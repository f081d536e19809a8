"""`flowgen run` says which step's handler was running when its process was ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

HANDLERS = """
import ctypes, os, time

def segfault(event):
    ctypes.string_at(0)

def slow(event):
    print("started", flush=True)
    time.sleep(60)

def waits_for_all(event):
    if os.fork() == 0:
        os._exit(0)
    os.wait()
    return 1
"""

MACHINE = """{"StartAt": "Charge\\u001b[2J", "States": {"Charge\\u001b[2J": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111111111111:function:f", "End": true}}}"""  # noqa: E501


def flowgen(folder: Path, handler: str) -> subprocess.Popen[str]:
    (folder / "handlers.py").write_text(HANDLERS, "utf-8")
    (folder / "m.asl.json").write_text(MACHINE, "utf-8")
    command = [sys.executable, "-m", "flowgen", "run", "m.asl.json", "--task", f"f=handlers:{handler}"]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_crash_names_the_step(tmp_path: Path) -> None:
    process = flowgen(tmp_path, "segfault")
    _, errors = process.communicate()
    assert process.returncode == -signal.SIGSEGV
    assert "the process ended while the handler of `Charge␛[2J` was running" in errors
    assert "Runtime.ExitError" in errors


def test_a_process_that_is_killed_names_the_step(tmp_path: Path) -> None:
    process = flowgen(tmp_path, "slow")
    assert process.stderr is not None
    assert process.stderr.readline() == "started\n"
    process.kill()
    _, errors = process.communicate()
    assert "the process ended while the handler of `Charge␛[2J` was running" in errors


def test_an_interrupted_run_reports_only_that(tmp_path: Path) -> None:
    process = flowgen(tmp_path, "slow")
    assert process.stderr is not None
    assert process.stderr.readline() == "started\n"
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate()
    assert process.returncode == 130
    assert "the process ended" not in errors


def test_nothing_is_reported_after_an_ordinary_end(tmp_path: Path) -> None:
    """Also where the handler has waited for all children of its process."""
    process = flowgen(tmp_path, "waits_for_all")
    _, errors = process.communicate()
    assert process.returncode == 0
    assert "the process ended" not in errors
