"""`flowgen diagram`: pictures of workflows and of state machines, printed or written."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

from click.testing import CliRunner, Result

from flowgen.cli.entry import flowgen

WORKFLOW = """\
flowgen: 1
name: greet
input: {fields: {name: string}}
steps:
  - {id: pause, wait: 5s}
  - {id: greeting, set: "${ 'hello ' & $input.name }"}
"""
MACHINE = {"StartAt": "Say <hi>", "States": {"Say <hi>": {"Type": "Pass", "End": True}}}


def diagram(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(flowgen, ["-C", str(folder), "diagram", *arguments], catch_exceptions=False)


def states(svg: str) -> list[str]:
    """The states that the boxes of an SVG name."""
    return [found for one in ET.fromstring(svg).iter() if (found := one.get("data-state")) is not None]  # noqa: S314 - ours


def test_a_workflow_is_drawn(tmp_path: Path) -> None:
    (tmp_path / "greet.yaml").write_text(WORKFLOW)
    result = diagram(tmp_path, "greet.yaml")
    assert (result.exit_code, result.stderr) == (0, "")
    assert states(result.stdout) == ["pause", "greeting"]
    assert "output: string" in result.stdout


def test_a_state_machine_is_drawn(tmp_path: Path) -> None:
    """The names of states are text, whatever characters they have."""
    (tmp_path / "machine.asl.json").write_text(json.dumps(MACHINE))
    result = diagram(tmp_path, "machine.asl.json")
    assert result.exit_code == 0
    assert states(result.stdout) == ["Say <hi>"]


def test_it_is_written_to_a_file(tmp_path: Path) -> None:
    (tmp_path / "greet.yaml").write_text(WORKFLOW)
    for _ in range(2):
        result = diagram(tmp_path, "greet.yaml", "-o", "docs/greet.svg")
        assert (result.exit_code, result.stdout, result.stderr) == (0, "", "wrote docs/greet.svg\n")
    assert states((tmp_path / "docs" / "greet.svg").read_text("utf-8")) == ["pause", "greeting"]


def test_errors_are_reported(tmp_path: Path) -> None:
    """A workflow or a state machine with an error has no diagram."""
    (tmp_path / "bad.yaml").write_text(WORKFLOW.replace("wait: 5s", "wait: soon"))
    (tmp_path / "bad.json").write_text('{"StartAt": "Nowhere", "States": {}}')
    for name, code in (("bad.yaml", "FG106"), ("bad.json", "FG410")):
        result = diagram(tmp_path, name)
        assert (result.exit_code, result.stdout) == (1, "")
        assert code in result.stderr


def test_a_place_that_can_not_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "greet.yaml").write_text(WORKFLOW)
    (tmp_path / "docs").write_text("a file")
    result = diagram(tmp_path, "greet.yaml", "-o", "docs/greet.svg")
    assert result.exit_code == 74
    assert result.stderr.startswith("Error: cannot write 'docs/greet.svg': ")


def test_a_flowchart_for_github(tmp_path: Path) -> None:
    """With `--format mermaid`, or for a file with its suffix."""
    (tmp_path / "greet.yaml").write_text(WORKFLOW)
    printed = diagram(tmp_path, "greet.yaml", "--format", "mermaid").stdout
    assert printed.startswith('flowchart TD\n  n0(["greet"])\n')
    assert diagram(tmp_path, "greet.yaml", "-o", "greet.mmd").exit_code == 0
    assert (tmp_path / "greet.mmd").read_text("utf-8") == printed


def test_a_run_is_shown(tmp_path: Path) -> None:
    """What `run --history` writes."""
    (tmp_path / "greet.yaml").write_text(WORKFLOW)
    arguments = ["-C", str(tmp_path), "run", "greet.yaml", "-i", '{"name": "Ada"}', "--history", "history.json"]
    assert CliRunner().invoke(flowgen, arguments, catch_exceptions=False).exit_code == 0
    shown = diagram(tmp_path, "greet.yaml", "--run", "history.json").stdout
    assert shown.count("✓ succeeded</text>") == 2
    (tmp_path / "other.yaml").write_text(WORKFLOW.replace("pause", "rest").replace("greeting", "hello"))
    other = diagram(tmp_path, "other.yaml", "--run", "history.json")
    assert other.exit_code == 2
    assert "'history.json' is not a history of this workflow" in other.stderr
    for content in ("{}", "no JSON"):
        (tmp_path / "history.json").write_text(content)
        result = diagram(tmp_path, "greet.yaml", "--run", "history.json")
        assert result.exit_code == 2
        assert "'history.json' is not a history of an execution" in result.stderr


def test_check_reports_a_stale_file(tmp_path: Path) -> None:
    (tmp_path / "greet.yaml").write_text(WORKFLOW)
    check = ("greet.yaml", "-o", "greet.svg", "--check")
    missing = diagram(tmp_path, *check)
    assert (missing.exit_code, missing.stdout.splitlines()[0]) == (1, "error[FG601]: `greet.svg` is missing")
    assert not (tmp_path / "greet.svg").exists()
    diagram(tmp_path, "greet.yaml", "-o", "greet.svg")
    assert diagram(tmp_path, *check).exit_code == 0
    (tmp_path / "greet.svg").write_bytes((tmp_path / "greet.svg").read_bytes().replace(b"\n", b"\r\n"))
    assert diagram(tmp_path, *check).exit_code == 0
    (tmp_path / "greet.yaml").write_text(WORKFLOW.replace("wait: 5s", "wait: 6s"))
    stale = diagram(tmp_path, *check)
    assert (stale.exit_code, stale.stdout.splitlines()[0]) == (
        1,
        "error[FG601]: `greet.svg` does not match the workflow",
    )


def test_check_needs_a_file(tmp_path: Path) -> None:
    (tmp_path / "greet.yaml").write_text(WORKFLOW)
    result = diagram(tmp_path, "greet.yaml", "--check")
    assert result.exit_code == 2
    assert "add -o FILE" in result.stderr
