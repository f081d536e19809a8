"""`flowgen replay` as a person uses it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flowgen.cli.entry import flowgen

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
ADA = '{"name": "Ada", "email": "ada@example.com"}'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project, and the history of an execution of its workflow."""
    ignored = shutil.ignore_patterns("__pycache__", ".*")
    shutil.copytree(EXAMPLES / "remind_user", tmp_path, dirs_exist_ok=True, ignore=ignored)
    assert flow(tmp_path, "run", ".", "-i", ADA, "--history", "h.json").exit_code == 0
    return tmp_path


def flow(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(flowgen, ["-C", str(folder), *arguments])


def change(project: Path, before: str, after: str) -> None:
    file = project / "workflows" / "remind_user.yaml"
    text = file.read_text()
    assert text.count(before) == 1
    file.write_text(text.replace(before, after))


def test_nothing_differs(project: Path) -> None:
    """The same workflow does the same, and no handler is called for it."""
    done = flow(project, "replay", "h.json")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1] == "the replay matches the recorded execution: SUCCEEDED after 26 h"
    assert done.stderr == ""


def test_a_change_is_shown(project: Path) -> None:
    """Exit status 1 when the path is another one."""
    change(project, "  - id: wait_one_day\n    wait: 1 day\n", "")
    done = flow(project, "replay", "h.json")
    assert done.exit_code == 1
    assert "- wait_one_day" in done.stdout.splitlines()
    told = json.loads(flow(project, "replay", "h.json", "--json").stdout)
    assert told["differs"] is True
    assert told["differences"] == [{"state": "wait_one_day", "what": "only recorded"}]


def test_mocks_answer_what_was_not_recorded(project: Path) -> None:
    """A new step has no recorded result; a file of mocks can give it one."""
    with (project / "workflows" / "remind_user.yaml").open("a") as file:
        file.write("  - id: third_reminder\n    call: send_email\n")
    assert "? third_reminder: the history has no result for this call" in flow(project, "replay", "h.json").stdout
    (project / "mocks.yaml").write_text(f"third_reminder: {{result: {ADA}}}")
    assert "+ third_reminder" in flow(project, "replay", "h.json", "--mock", "mocks.yaml").stdout


def test_what_is_not_a_history(project: Path) -> None:
    """Wrong usage, told in a sentence."""
    (project / "h.json").write_text("{}")
    done = flow(project, "replay", "h.json")
    assert done.exit_code == 2
    assert "h.json: no events found" in done.stderr
    assert flow(project, "replay", "none.json").exit_code == 2
