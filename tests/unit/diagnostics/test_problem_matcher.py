"""The task for VS Code in new projects understands the output of `flowgen check --format concise`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from flowgen.diagnostics import Diagnostic, Position, Severity, Span
from flowgen.diagnostics.render.concise import render
from flowgen.diagnostics.table import CODES

ROOT = Path(__file__).resolve().parents[3]
TASKS = ROOT / "cookiecutter" / "{{cookiecutter.project_slug}}" / ".vscode" / "tasks.json"
PATTERN = json.loads(TASKS.read_text("utf-8"))["tasks"][0]["problemMatcher"]["pattern"]


@pytest.mark.parametrize(("severity", "code"), {row.severity: code for code, row in CODES.items()}.items(), ids=str)
@pytest.mark.parametrize("file", ["workflows/a.yaml", "C:\\shop\\workflows\\a b.yaml", "a:1:2.yaml"])
@pytest.mark.parametrize("message", ["expected `a: b`, found `[1]`", "error[FG101] in a message", ""])
def test_each_part_is_found(severity: Severity, code: str, file: str, message: str) -> None:
    """Whatever the file's name and the message contain."""
    span = Span(file, Position(21, 11), Position(21, 20))

    found = re.fullmatch(PATTERN["regexp"], render([Diagnostic(code, message, span)], {}).rstrip("\n"))

    assert found is not None
    parts = {name: found[PATTERN[name]] for name in ("file", "line", "column", "severity", "code", "message")}
    expected = {"file": file, "line": "21", "column": "11", "severity": severity, "code": code, "message": message}
    assert parts == expected
