"""Whatever a run, a recording or AWS returns, what is printed steers neither a terminal nor a CI system."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner

from flowgen.cli.entry import flowgen
from flowgen.cli.session import Session, show
from flowgen.deploying import report
from flowgen.deploying.events import Event
from flowgen.diagnostics.render.display import HarmlessStream

HOSTILE = (
    "\x1b]0;title\x07\x1b[2J\x1b[31mred\x9b31m\u202eevil\u2066\u200f\x7f\r\n::error file=a::forged\n"
    "  ::stop-commands::x\n##[error]x ##vso[task.complete]y\n##teamcity[z]\x85\u2028\t::set-env::\x00"
)
"""Every kind at once; lone surrogates cannot come from a file in UTF-8."""

MACHINE = {
    "StartAt": "A",
    "QueryLanguage": "JSONata",
    "States": {
        "A": {
            "Type": "Task",
            "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:f",
            "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}],
            "Next": f"B {HOSTILE}"[:70],
        },
        f"B {HOSTILE}"[:70]: {"Type": "Fail", "Error": HOSTILE, "Cause": HOSTILE},
    },
}
CODE = f"""
import sys, logging
def f(event):
    print({HOSTILE!r}, file=sys.stdout)
    print({HOSTILE!r}, file=sys.stderr)
    sys.stdout.write("in a line "); sys.stdout.write("::error::is text there\\n")
    logging.warning({HOSTILE!r})
    return {HOSTILE!r}
def broken(event):
    raise ValueError({HOSTILE!r})
"""
WORKFLOW = f"""flowgen: 1
name: w
description: {json.dumps(HOSTILE)}
output: any
steps:
  - id: a
    set: {json.dumps(HOSTILE)}
  - id: b
    if: $a = "x"
    fail: {{error: E, cause: {json.dumps(HOSTILE)}}}
  - id: c
    set: ${{ $nothing_of_this_name }}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "m.asl.json").write_text(json.dumps(MACHINE))
    (tmp_path / "code.py").write_text(CODE)
    (tmp_path / "w.yaml").write_text(WORKFLOW)
    return tmp_path


def printed(folder: Path, *arguments: str) -> str:
    done = CliRunner().invoke(flowgen, ["-C", str(folder), *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.stdout + done.stderr


def assert_harmless(text: str) -> None:
    bad = {
        c for c in text if c != "\n" and (unicodedata.category(c) in {"Cc", "Zl", "Zp"} or c in "\u202e\u2066\u200f")
    }
    assert bad == set()
    assert [line for line in text.splitlines() if line.strip().startswith("::")] == []
    assert re.search(r"##(\[|vso|teamcity)", text) is None


TASK = ("--task", "f=code:f")


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "m.asl.json", *TASK),
        ("run", "m.asl.json", "--task", "f=code:broken"),
        ("run", "m.asl.json", *TASK, "--json"),
        ("run", "m.asl.json", *TASK, "--explore"),
        ("run", "m.asl.json", *TASK, "--fail", f"A={HOSTILE[:20]}".replace("\x00", "")),
        ("run", f"no such file {HOSTILE}".replace("\x00", "")),
        ("check", "w.yaml"),
        ("check", "w.yaml", "--format", "concise"),
        ("check", "w.yaml", "--format", "json"),
        ("check", "w.yaml", "--format", "sarif"),
        ("asl", "w.yaml"),
        ("explain", HOSTILE),
    ],
)
def test_commands(folder: Path, arguments: tuple[str, ...]) -> None:
    text = printed(folder, *arguments)
    assert text
    assert_harmless(text)


def test_a_replayed_history(folder: Path) -> None:
    history = folder / "h.json"
    printed(folder, "run", "m.asl.json", *TASK, "--history", "h.json")
    history.write_text(history.read_text("utf-8").replace("forged", "other"), "utf-8")
    for options in ([], ["--json"]):
        assert_harmless(printed(folder, "replay", "h.json", "m.asl.json", *options))


def test_events_of_a_stack() -> None:
    """Reasons, ids and types come from CloudFormation, which has them from templates and providers."""
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    event = Event("1", HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, "CREATE_FAILED", HOSTILE, moment)
    stream = StringIO()
    Session(Path(), errors=stream).info(report.event(event, moment, moment) or "")
    assert stream.getvalue()
    assert_harmless(stream.getvalue())


def test_colors_are_kept_where_they_are_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = Terminal()
    show("\x1b[31mred\x1b[0m \x1b[2J", stream)
    assert stream.getvalue() == "\x1b[31mred\x1b[0m ␛[2J\n"


def test_a_line_that_is_written_in_pieces() -> None:
    stream = StringIO()
    made = HarmlessStream(stream)
    for piece in ("a", "::b\n", "::", "c", "\n", "", "::d"):
        made.write(piece)
    assert stream.getvalue() == "a::b\n\\::c\n\\::d"


@pytest.mark.parametrize("command", ["::error::x", "  ::error::x", "##[error]x", "##vso[task.x]y", "##teamcity[x]"])
@pytest.mark.parametrize("before", ["", "\n", "a\n", "    ", "\n" + " " * 40])
def test_a_command_that_is_written_in_pieces(command: str, before: str) -> None:
    for first in range(1, len(command)):
        for second in range(first, len(command)):
            stream = StringIO()
            made = HarmlessStream(stream)
            for piece in (before, command[:first], command[first:second], command[second:]):
                made.write(piece)
            assert re.search(r"^\s*::|##(?:\[|vso\[|teamcity\[)", stream.getvalue(), re.MULTILINE) is None
            assert stream.getvalue().replace("\\", "") == before + command
