"""`flowgen diff` in a git repository."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from flowgen.cli.entry import flowgen
from tests.unit.pipeline.test_changes import BASE


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", folder, *identity, *arguments], check=True, capture_output=True)  # noqa: S607 - git


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project in a folder of a repository, with one commit tagged `first`."""
    folder = tmp_path / "shop é"
    (folder / "workflows").mkdir(parents=True)
    (folder / "pyproject.toml").write_text("[tool.flowgen]\n")
    (folder / "workflows" / "pay.yaml").write_text(BASE)
    (folder / "link.yaml").symlink_to("/etc/passwd")
    (tmp_path / ".gitattributes").write_text("* export-ignore\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "first")
    git(tmp_path, "tag", "first")
    return folder


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(flowgen, ["-C", str(folder), "diff", *arguments])


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "workflows" / "pay.yaml"
    path.write_text(path.read_text().replace(old, new))


def test_files_against_the_last_commit(project: Path) -> None:
    assert run(project).output == "no workflow has changed since HEAD\n"
    assert run(project, "--fail-on", "change").exit_code == 0
    edit(project, "wait: 1 hour", "wait: 2 hours")
    result = run(project)
    assert result.exit_code == 0
    assert result.output == "pay: changed\n  steps\n    ~ pause (wait 2 hours)\n        wait: 1 hour -> 2 hours\n"
    assert run(project, "--fail-on", "change").exit_code == 1
    assert run(project, "--fail-on", "breaking").exit_code == 0
    edit(project, "note?", "note")
    assert run(project, "--fail-on", "breaking").exit_code == 1


def test_two_revisions(project: Path) -> None:
    edit(project, "wait: 1 hour", "wait: 2 hours")
    git(project, "commit", "-qam", "second")
    edit(project, "wait: 2 hours", "wait: 3 hours")
    assert "wait: 1 hour -> 2 hours" in run(project, "first", "HEAD").output
    assert "wait: 1 hour -> 3 hours" in run(project, "first").output
    shown = json.loads(run(project, "first", "HEAD", "--format", "json").output)
    assert [one["name"] for one in shown] == ["pay"]
    assert run(project, "first", "HEAD", "--format", "markdown").output.startswith("### `pay`: changed\n")
    assert run(project, "first", "HEAD", "--format", "html").output.startswith("<!doctype html>\n")


def test_a_project_that_the_revision_did_not_have(project: Path) -> None:
    other = project.parent / "other"
    (other / "workflows").mkdir(parents=True)
    (other / "pyproject.toml").write_text("[tool.flowgen]\n")
    (other / "workflows" / "pay.yaml").write_text(BASE)
    assert run(other).output.startswith("pay: added\n")


def test_a_file_that_cannot_be_read_is_named(project: Path) -> None:
    edit(project, "flowgen: 1", "flowgen: 9")
    result = run(project)
    assert "workflows/pay.yaml (now) is not a workflow that can be read, and is left out" in result.output
    assert "pay: " not in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nothing",), "the repository has no revision `nothing`"),
        (("first", "nothing"), "the repository has no revision `nothing`"),
        (("HEAD:shop",), "the repository has no revision `HEAD:shop`"),
        (("--", "--output=stolen"), "the repository has no revision `--output=stolen`"),
    ],
)
def test_unknown_revisions(project: Path, arguments: tuple[str, ...], message: str) -> None:
    result = run(project, *arguments)
    assert result.exit_code == 2
    assert message in result.output
    assert not (project / "stolen").exists()


def test_outside_of_a_repository(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert result.exit_code == 2
    assert "git cannot read the repository: not a git repository" in result.output


def test_without_git(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    result = run(project)
    assert result.exit_code == 2
    assert "git is not installed, or not on PATH" in result.output


def test_a_picture_of_the_change(project: Path) -> None:
    """Both versions in one image, in HTML next to the list."""
    edit(project, "wait: 1 hour", "wait: 2 hours")
    (project / "workflows" / "new.yaml").write_text("flowgen: 1\nname: new\nsteps: [{id: first, wait: 1s}]\n")
    picture = run(project, "--format", "svg").output
    root = ET.fromstring(picture)  # noqa: S314 - ours
    found = {one.get("data-step"): one.get("class") for one in root.iter() if "status-" in (one.get("class") or "")}
    assert found == {"first": "node wait status-added", "pause": "node wait status-changed"}
    assert "~ wait: 1 hour → 2 hours" in picture
    page = run(project, "--format", "html").output
    assert page.count("<svg") == 2
    assert "status-changed" in page


def test_a_picture_of_no_change(project: Path) -> None:
    picture = run(project, "--format", "svg").output
    assert ET.fromstring(picture).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314 - ours


def test_a_picture_of_files_with_errors(project: Path) -> None:
    """A workflow that can be read, but has errors, has a picture without types."""
    edit(project, "wait: 1 hour", "wait: 2 hours")
    with (project / "workflows" / "pay.yaml").open("a") as file:
        file.write("  - {id: bad, call: unknown}\n")
    picture = run(project, "--format", "svg").output
    assert "status-added" in picture
