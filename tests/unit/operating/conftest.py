"""A project, and the endpoint of AWS in which it is deployed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from flowgen.cli import targets
from flowgen.cli.entry import flowgen
from tests.unit.operating.endpoint import NOW, Aws, environment, serving

WORKFLOW = """\
flowgen: 1
name: pay
input: Payment
output: string
types:
  Payment:
    fields:
      id: string
      amount: integer
      card: {type: string, format: password}
  Decision: {fields: {approved: boolean}}
functions:
  ask: {input: Payment, output: any}
  charge: {input: Payment, output: string, errors: [Declined]}
steps:
  - id: decision
    call: ask
    with: ${ $input }
    callback: Decision
  - id: charged
    call: charge
    with: ${ $input }
"""

Run = Callable[..., Result]


@pytest.fixture
def aws() -> Aws:
    return Aws()


@pytest.fixture
def address(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with serving(aws) as found:
        for name, value in environment(found).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(targets, "now", lambda: datetime.fromtimestamp(NOW, UTC))
        monkeypatch.setattr("time.sleep", lambda _: None)
        yield found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project `shop`, with the workflow `pay`."""
    folder = tmp_path / "shop"
    (folder / "workflows").mkdir(parents=True)
    (folder / "pyproject.toml").write_text('[project]\nname = "shop"\n[tool.flowgen]\n')
    (folder / "workflows" / "pay.yaml").write_text(WORKFLOW)
    return folder


@pytest.fixture
def run(project: Path, address: str) -> Run:
    """Runs a command in the project."""
    del address

    def called(*arguments: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(flowgen, ["-C", str(project), *arguments], input=typed)

    return called


@pytest.fixture
def history(project: Path) -> Callable[..., list[dict[str, Any]]]:
    """The events of a local run of the workflow, in the format of AWS."""

    def made(value: dict[str, Any], **mocks: Any) -> list[dict[str, Any]]:
        (project / "mocks.json").write_text(json.dumps(mocks))
        arguments = [
            "run",
            "workflows/pay.yaml",
            "-i",
            json.dumps(value),
            "--history",
            "h.json",
            "--mock",
            "mocks.json",
        ]
        done = CliRunner().invoke(flowgen, ["-C", str(project), *arguments])
        assert (project / "h.json").exists(), done.output
        events: list[dict[str, Any]] = json.loads((project / "h.json").read_text())["events"]
        return events

    return made
