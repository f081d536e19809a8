"""Generated code with the oldest pydantic that it runs with, next to the newest."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flowgen.backends import writing
from flowgen.pipeline import check_paths, plan_python
from tests.tools import tool
from tests.unit.backends.python.conftest import CONTEXT

WORKFLOW = """flowgen: 1
name: ship
types:
  Line: {fields: {sku: string, count: integer = 1}}
  Card: {fields: {method: [card], number: string}}
  Cash: {fields: {method: [cash]}}
  Parcel:
    fields:
      id: uuid
      sent: date-time
      day?: date
      wish?: string
      both?: string?
      mail: email
      lines: Line[1..]
      paid: {oneOf: [{$ref: "#/$defs/Card"}, {$ref: "#/$defs/Cash"}], discriminator: {propertyName: method}}
      more: map<integer | string>
functions:
  echo: {input: Parcel, output: Parcel}
steps: [{id: wait_a_bit, wait: 1s}]
"""
PARCEL: dict[str, Any] = {
    "id": "123e4567-e89b-12d3-a456-426614174000",
    "sent": "2026-03-01T12:00:00Z",
    "mail": "ada@example.com",
    "lines": [{"sku": "a"}],
    "paid": {"method": "card", "number": "4"},
    "more": {"a": 1, "b": "x"},
}
WRONG: list[dict[str, Any]] = [
    *({"wish": None}, {"both": None}, {"wish": "x", "day": "2026-03-01"}, {"lines": []}, {"lines": [{"count": 1}]}),
    *({"paid": {"method": "cash", "number": "4"}}, {"more": {"a": True}}, {"mail": "ada"}, {"day": 7}, {"new": 1}),
    *({"sent": "2026-03-01T12:00:00"}, {"lines": [{"sku": "a", "count": 2.0}]}, {"lines": [{"sku": 1}]}),
]  # fmt: skip
CALLS = """import json, sys
from ship.generated.entry_points.echo import handler
for event in json.load(sys.stdin):
    try:
        print(json.dumps(handler(event, None)))
    except Exception as error:
        print(type(error).__name__, error)
"""


def called(python: str | Path, root: Path, events: list[Any]) -> list[str]:
    """What the entry point gives or raises for each event, a line each."""
    command, source = [python, "-c", CALLS], root / "src"
    done = subprocess.run(command, cwd=source, input=json.dumps(events), capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


@pytest.mark.needs("pydantic")
def test_the_oldest_does_what_the_newest_does(tmp_path: Path) -> None:
    """The same values, and the same words for what is wrong."""
    (tmp_path / "pyproject.toml").write_text("[tool.flowgen]\n")
    (tmp_path / "workflows").mkdir()
    (tmp_path / "workflows" / "ship.yaml").write_text(WORKFLOW)
    for project, planned in plan_python(check_paths((), tmp_path).loaded):
        writing.write(planned, project.root)
    (tmp_path / "src" / "ship" / "echo.py").write_text("def echo(event, context):\n    return event\n")
    events = [{"input": PARCEL | wrong, "context": CONTEXT} for wrong in [{}, *WRONG]]
    oldest, newest = called(tool("pydantic"), tmp_path, events), called(sys.executable, tmp_path, events)
    filled = PARCEL | {"lines": [{"sku": "a", "count": 1}]}
    assert [json.loads(line) for line in newest if line.startswith("{")] == [
        filled,
        filled | {"both": None},
        filled | {"wish": "x", "day": "2026-03-01"},
        PARCEL | {"lines": [{"sku": "a", "count": 2}]},
    ]
    assert len(newest) == len(events)
    assert oldest == newest
