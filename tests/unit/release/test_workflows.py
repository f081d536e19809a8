"""The workflows for GitHub: which Pythons and platforms they cover, what they may do, what they pin."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.docs.pages import ROOT, table

FOLDER = ROOT / ".github"
FILES = sorted(FOLDER.rglob("*.yml"))
WORKFLOWS: dict[str, Any] = {
    path.stem: yaml.safe_load(path.read_text("utf-8")) for path in FILES if path.parent.name == "workflows"
}
ACTION = yaml.safe_load((FOLDER / "actions" / "check" / "action.yml").read_text("utf-8"))
CLASSIFIERS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["classifiers"]
PYTHONS = re.findall(r"^Programming Language :: Python :: (3\.\d+)$", "\n".join(CLASSIFIERS), re.MULTILINE)

JOBS = {(name, job): found for name, workflow in WORKFLOWS.items() for job, found in workflow["jobs"].items()}
EVERYWHERE = [("ci", "gates"), ("installed", "tour"), ("installed", "musl")]
"""The jobs that run on each supported Python."""


def test_workflows_are_found() -> None:
    assert set(WORKFLOWS) == {"ci", "installed", "nightly", "release"}
    assert PYTHONS == ["3.11", "3.12", "3.13", "3.14"]


@pytest.mark.parametrize("job", EVERYWHERE)
def test_each_supported_python_is_tested(job: tuple[str, str]) -> None:
    """The versions of the matrix are those of the classifiers."""
    assert JOBS[job]["strategy"]["matrix"]["python"] == PYTHONS


def test_only_supported_pythons_are_used() -> None:
    """In jobs with one Python or some of them, too."""
    used = {version for path in FILES for version in re.findall(r'"(3\.\d+)"', path.read_text("utf-8"))}
    assert used <= set(PYTHONS)
    assert ACTION["inputs"]["python-version"]["default"] in PYTHONS


def test_platforms_are_those_of_the_documentation() -> None:
    """CI installs the wheel on each platform that docs/how-to/install.md names, and nightly resolves for each."""
    runners = {
        "ubuntu-24.04": "Linux x86-64",
        "ubuntu-24.04-arm": "Linux arm64",
        "macos-15-intel": "macOS x86-64",
        "macos-15": "macOS arm64",
        "windows-2025": "Windows x86-64",
    }
    tour = [runners[runner] for runner in JOBS["installed", "tour"]["strategy"]["matrix"]["runner"]]
    musl = [runners[runner] for runner in JOBS["installed", "musl"]["strategy"]["matrix"]["runner"]]
    tested = {f"{name}, glibc" if name.startswith("Linux") else name for name in tour} | {f"{n}, musl" for n in musl}
    rows = table(ROOT / "docs" / "how-to" / "install.md", "Platforms")
    assert {row[0] for row in rows} == tested
    assert {row[1] for row in rows} == {f"{PYTHONS[0]} to {PYTHONS[-1]}"}
    resolved = re.findall(r'^    "(.+)": "[\w.-]+",$', (ROOT / ".ci" / "wheels.py").read_text("utf-8"), re.MULTILINE)
    assert [row[0] for row in rows] == resolved


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_may_only_read(name: str) -> None:
    """Whatever else a job may do, the job itself says."""
    assert WORKFLOWS[name]["permissions"] == {"contents": "read"}


def test_only_publishing_gets_a_token() -> None:
    """And it runs no script: the files that it publishes were built and tested by jobs without the token."""
    assert [job for job, found in JOBS.items() if "permissions" in found] == [("release", "publish")]
    publish = JOBS["release", "publish"]
    assert publish["permissions"] == {"id-token": "write"}
    assert publish["environment"] == "pypi"
    assert publish["if"] == "github.event_name == 'push'"
    assert WORKFLOWS["release"][True]["push"] == {"tags": ["v*"]}  # YAML 1.1 reads `on` as true
    assert [step["uses"].partition("@")[0] for step in publish["steps"]] == [
        "actions/download-artifact",
        "pypa/gh-action-pypi-publish",
    ]
    assert publish["needs"] == "installed"
    assert JOBS["release", "installed"]["needs"] == "build"
    assert any("check_tag.py" in step.get("run", "") for step in JOBS["release", "build"]["steps"])


def test_jobs_end() -> None:
    """A job that runs on a machine has a limit below the six hours of GitHub."""
    assert [job for job, found in JOBS.items() if "runs-on" in found and "timeout-minutes" not in found] == []


def test_actions_are_pinned() -> None:
    """To a commit, with the release in a comment, and the same one everywhere."""
    pins: dict[str, set[str]] = {}
    for path in FILES:
        for used in re.findall(r"uses: (.+)$", path.read_text("utf-8"), re.MULTILINE):
            if used.startswith("./"):
                assert (ROOT / used).exists()
                continue
            pinned = re.fullmatch(r"([\w./-]+)@([0-9a-f]{40} # v\d+\.\d+\.\d+)", used)
            assert pinned, f"{path.name}: {used}"
            pins.setdefault(pinned[1], set()).add(pinned[2])
    assert {action: found for action, found in pins.items() if len(found) > 1} == {}
    assert "pypa/gh-action-pypi-publish" in pins


def _zizmor(folder: Path, *options: str) -> None:
    program = shutil.which("zizmor", path=str(Path(sys.executable).parent))
    assert program, "zizmor belongs to the extra `dev`"
    command = [program, "--offline", "--no-progress", "--min-severity=medium", *options, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_our_workflows_are_safe() -> None:
    """No input in a script, no credentials left on disk, no action that can change."""
    _zizmor(FOLDER)


def test_workflows_of_new_projects_are_safe(tmp_path: Path) -> None:
    """Their actions name releases, which is easier to read and to update by hand."""
    command = [sys.executable, "-m", "flowgen", "-q", "new", "shop"]
    subprocess.run(command, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    settings = tmp_path / "zizmor.yml"
    settings.write_text('rules: {unpinned-uses: {config: {policies: {"*": ref-pin}}}}\n', "utf-8")
    _zizmor(tmp_path / "shop", f"--config={settings}")
