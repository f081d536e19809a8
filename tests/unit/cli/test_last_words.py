"""`flowgen run` shows what handlers leave, and says which step's handler was running when its process was ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

HANDLERS = """
import ctypes, os, subprocess, sys, threading, time

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


def prints_past_python(event):
    subprocess.run([sys.executable, "-c", r"print(chr(27) + '[2Jchild\\n::error::child')"])
    os.write(1, b"::error::one\\n")
    os.write(2, b"::error::two\\n")
    sys.__stdout__.write("::error::late\\n")
    return 1

def closes_streams(event):
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        stream.close()
    return 1

def detaches_streams(event):
    sys.__stdout__.detach()
    sys.__stderr__.detach()
    return 1

def closes_descriptors(event):
    os.close(1)
    os.close(2)
    return 1

def leaves_a_thread(event):
    threading.Thread(target=time.sleep, args=(600,), name="\\x1b[2Jpoll").start()
    return 1

def leaves_a_printing_thread(event):
    def work():
        while True:
            print("more")
    threading.Thread(target=work, daemon=True).start()
    return 1

def leaves_a_process(event):
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"])
    return 1

def leaves_the_folder(event):
    os.chdir("/")
    return 1
"""

MACHINE = """{"StartAt": "Charge\\u001b[2J", "States": {"Charge\\u001b[2J": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111111111111:function:f", "End": true}}}"""  # noqa: E501


def flowgen(folder: Path, handler: str, *options: str) -> subprocess.Popen[str]:
    (folder / "handlers.py").write_text(HANDLERS, "utf-8")
    (folder / "m.asl.json").write_text(MACHINE, "utf-8")
    command = [sys.executable, "-m", "flowgen", "run", "m.asl.json", "--task", f"f=handlers:{handler}", *options]
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


def test_what_is_printed_past_python_goes_to_stderr_and_is_harmless(tmp_path: Path) -> None:
    output, errors = flowgen(tmp_path, "prints_past_python", "--json").communicate()
    assert json.loads(output)["output"] == 1
    assert errors == "␛[2Jchild\n\\::error::child\n\\::error::one\n\\::error::two\n\\::error::late\n"


@pytest.mark.parametrize(
    "handler",
    [
        "closes_streams",
        "detaches_streams",
        "closes_descriptors",
        "leaves_a_thread",
        "leaves_a_printing_thread",
        "leaves_a_process",
    ],
)
def test_the_result_is_printed_whatever_the_handler_leaves(tmp_path: Path, handler: str) -> None:
    process = flowgen(tmp_path, handler, "--json")
    output, errors = process.communicate(timeout=25)
    assert process.returncode == 0, errors
    assert json.loads(output)["output"] == 1
    assert "Traceback" not in errors


def test_threads_that_are_left_are_reported(tmp_path: Path) -> None:
    _, errors = flowgen(tmp_path, "leaves_a_thread").communicate()
    assert errors == "note: handlers left threads running, which Lambda stops between calls: `␛[2Jpoll`\n"


def test_files_are_written_where_the_command_was_started(tmp_path: Path) -> None:
    process = flowgen(tmp_path, "leaves_the_folder", "--history", "history.json")
    process.communicate()
    assert process.returncode == 0
    assert (tmp_path / "history.json").is_file()
