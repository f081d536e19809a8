"""How a command ends when the terminal, a pipe or the disk rejects, and when it is interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell and signals")
WORKFLOW = """flowgen: 1
name: w
output: any
steps: [{id: a, set: "${ $input }"}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "w.yaml").write_text(WORKFLOW)
    return tmp_path


def shell(folder: Path, command: str) -> tuple[int, str, str]:
    """What a shell makes of a command: its status, what it printed, its errors."""
    run = f"{sys.executable} -m flowgen {command}"
    done = subprocess.run(["/bin/sh", "-c", run], cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("command", ["asl w.yaml", "schema", "explain", "--help", "--version", "run w.yaml"])
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")  # noqa: PTH110 - a device
def test_a_full_disk_is_one_line(folder: Path, command: str) -> None:
    assert shell(folder, f"{command} > /dev/full") == (
        74,
        "",
        "Error: cannot read or write the output: No space left on device\n",
    )


@pytest.mark.parametrize("command", ["asl w.yaml", "--help", "run w.yaml --json"])
def test_a_closed_output_is_one_line(folder: Path, command: str) -> None:
    status, _, errors = shell(folder, f"{command} >&-")
    assert (status, errors) == (74, "Error: cannot read or write the output: it is closed\n")


def test_a_closed_output_that_nothing_is_written_to(folder: Path) -> None:
    assert shell(folder, "check w.yaml >&- 2>&-")[0] in {0, 74}
    assert shell(folder, "generate --check w.yaml 2>&-")[0] in {0, 1, 74}


def test_a_reader_that_has_seen_enough(folder: Path) -> None:
    """As with other programs: nothing is said."""
    head = f"{sys.executable} -c 'print(input())'"
    status, printed, errors = shell(folder, f"schema | {head}")
    assert (status, printed.strip(), errors) == (0, "{", "")


@pytest.mark.parametrize("value", ["NaN", "-Infinity", "9" * 400, "1e400", "9" * 5000, "[" * 100_000])
def test_an_input_that_is_not_a_json_value(folder: Path, value: str) -> None:
    (folder / "input.json").write_text(value)
    status, _, errors = shell(folder, "run w.yaml -i @input.json")
    assert status == 2
    assert "Error: the input is not valid JSON: " in errors


def test_settings_with_a_number_of_thousands_of_digits(folder: Path) -> None:
    (folder / "pyproject.toml").write_text(f"[tool.flowgen]\nx = {'9' * 5000}\n")
    status, printed, errors = shell(folder, "check w.yaml")
    assert status == 1
    assert "FG120" in printed + errors


def test_an_interruption_ends_with_130(folder: Path) -> None:
    (folder / "code.py").write_text("import time\ndef f(event):\n    print('on', flush=True)\n    time.sleep(60)\n")
    (folder / "m.asl.json").write_text(
        '{"StartAt": "A", "States": {"A": {"Type": "Task", "End": true, '
        '"Resource": "arn:aws:lambda:eu-west-1:123456789012:function:f"}}}'
    )
    command = [sys.executable, "-m", "flowgen", "run", "m.asl.json", "--task", "f=code:f"]
    # A shell that runs the tests in the background lets them ignore the signal, and so would the process.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    finally:
        signal.signal(signal.SIGINT, before)
    with process:
        assert process.stderr is not None
        assert process.stderr.readline() == "on\n"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=300)
    assert process.returncode == 130
    assert "Traceback" not in errors


@pytest.mark.parametrize("command", ["check", "generate", "template", "run"])
def test_links_to_each_other_are_not_a_bug(folder: Path, command: str) -> None:
    (folder / "pyproject.toml").write_text("[tool.flowgen]\nsource = 'src'\n")
    (folder / "src").symlink_to("other")
    (folder / "other").symlink_to("src")
    status, _, errors = shell(folder, f"{command} w.yaml")
    assert status in {0, 1, 74}
    assert "Traceback" not in errors
    assert "FG901" not in errors


@pytest.mark.parametrize("command", ["new p", "check w.yaml", "run w.yaml", "run w.yaml -i -", "deploy w.yaml"])
def test_a_closed_input(folder: Path, command: str) -> None:
    """Nobody can be asked, and there is nothing to read."""
    status, _, errors = shell(folder, f"{command} <&-")
    assert status in {0, 1, 2}
    assert ("it is closed" in errors or "standard input is closed" in errors) == command.endswith("-i -")
    assert "Traceback" not in errors


def test_a_project_whose_creation_was_killed(folder: Path) -> None:
    """The next attempt removes what the killed one left, and nothing else."""
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    left = folder / f".p.abc.{int(ended.stdout)}.tmp"
    others = [folder / f".p.abc.{os.getpid()}.tmp", folder / ".p.notes.tmp", folder / ".q.abc.1.tmp"]
    for path in (left, *others):
        path.mkdir()
        (path / "file").write_text("")
    assert shell(folder, "-q new p --no-input")[0] == 0
    assert not left.exists()
    assert all(path.exists() for path in others)
    assert sorted(path.name for path in folder.iterdir() if path not in others) == ["p", "w.yaml"]


def test_an_interruption_while_modules_are_loaded(folder: Path) -> None:
    (folder / "click.py").write_text("raise KeyboardInterrupt")
    run = [sys.executable, "-c", "from flowgen.cli import main; main()"]
    done = subprocess.run(run, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "interrupted\n")
