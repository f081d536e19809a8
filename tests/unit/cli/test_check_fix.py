"""`flowgen check --fix` and `--diff`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flowgen.cli import entry

USELESS = """\
flowgen: 1
name: good  # flowgen: ignore[FG203]
steps:
  - id: pause  # a comment that stays
    wait: 5m
"""
FIXED = USELESS.replace("  # flowgen: ignore[FG203]", "")


def flowgen(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(entry.flowgen, ["-C", str(folder), *arguments])


@pytest.fixture
def workflow(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("[tool.flowgen]\n")
    file = tmp_path / "workflows" / "good.yaml"
    file.parent.mkdir()
    file.write_text(USELESS)
    return file


def test_fix_writes_the_file_and_reports_the_rest(workflow: Path, tmp_path: Path) -> None:
    result = flowgen(tmp_path, "check", "--fix")
    assert workflow.read_text() == FIXED
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "fixed 1 finding in workflows/good.yaml\n1 workflow checked, no problems found\n"


def test_check_mentions_the_option(workflow: Path, tmp_path: Path) -> None:
    """Only in the format for people: the others are read by programs."""
    assert "1 finding can be fixed automatically: add --fix" in flowgen(tmp_path, "check").stderr
    assert flowgen(tmp_path, "check", "--format", "json").stderr == ""
    assert workflow.read_text() == USELESS


def test_diff_writes_nothing(workflow: Path, tmp_path: Path) -> None:
    result = flowgen(tmp_path, "check", "--diff")
    assert (result.exit_code, workflow.read_text()) == (1, USELESS)
    assert result.stdout.startswith("--- workflows/good.yaml\n+++ workflows/good.yaml\n@@ -1,5 +1,5 @@\n")
    assert "-name: good  # flowgen: ignore[FG203]\n+name: good" in result.stdout
    assert result.stderr == "1 finding can be fixed, 0 others cannot\n"


def test_diff_without_findings(workflow: Path, tmp_path: Path) -> None:
    workflow.write_text(FIXED)
    result = flowgen(tmp_path, "check", "--diff")
    assert (result.exit_code, result.stdout) == (0, "")


def test_byte_order_mark_and_line_ends_stay(workflow: Path, tmp_path: Path) -> None:
    workflow.write_bytes(b"\xef\xbb\xbf" + USELESS.replace("\n", "\r\n").encode())
    assert flowgen(tmp_path, "check", "--fix").exit_code == 0
    assert workflow.read_bytes() == b"\xef\xbb\xbf" + FIXED.replace("\n", "\r\n").encode()


def test_a_link_to_outside_the_project_is_not_followed(workflow: Path, tmp_path: Path) -> None:
    """The project's folder has a link to a file of somebody else; the check reads it, and leaves it unchanged."""
    project = tmp_path / "project"
    (project / "workflows").mkdir(parents=True)
    (project / "pyproject.toml").write_text("[tool.flowgen]\n")
    (project / "workflows" / "linked.yaml").symlink_to(workflow)
    result = flowgen(project, "check", "--fix")
    assert "FG290" in result.stdout
    assert workflow.read_text() == USELESS


def test_json_has_the_edits(workflow: Path, tmp_path: Path) -> None:
    """Applying them by hand gives what --fix writes."""
    [found] = json.loads(flowgen(tmp_path, "check", "--format", "json").stdout)["diagnostics"]
    [edit] = found["fix"]["edits"]
    start, end = edit["span"]["start"], edit["span"]["end"]
    lines = workflow.read_text().splitlines(keepends=True)
    line = lines[start["line"] - 1]
    lines[start["line"] - 1] = line[: start["column"] - 1] + edit["text"] + line[end["column"] - 1 :]
    assert "".join(lines) == FIXED


def test_sarif_has_the_replacements(workflow: Path, tmp_path: Path) -> None:
    [result] = json.loads(flowgen(tmp_path, "check", "--format", "sarif").stdout)["runs"][0]["results"]
    [change] = result["fixes"][0]["artifactChanges"]
    assert change["artifactLocation"] == {"uri": workflow.relative_to(tmp_path).as_posix()}
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 2, "startColumn": 11, "endLine": 2, "endColumn": 37},
            "insertedContent": {"text": ""},
        }
    ]
