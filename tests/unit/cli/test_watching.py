"""`flowgen deploy --watch`: what counts as a change, and what it deploys."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from flowgen.cli.entry import flowgen
from flowgen.cli.watching import State, state_of, watch


def test_files_that_count(tmp_path: Path) -> None:
    """Not what tools write: caches, packages, virtual environments."""
    for name in (
        *("pyproject.toml", "src/shop/pay.py", "workflows/pay.yaml"),
        *(".git/HEAD", ".venv/x.py", "env/pyvenv.cfg", "env/lib/x.py", "build/x.zip", "src/__pycache__/x.pyc"),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    found = {Path(path).relative_to(tmp_path).as_posix() for path in state_of(tmp_path)}
    assert found == {"pyproject.toml", "src/shop/pay.py", "workflows/pay.yaml"}
    assert state_of(tmp_path / "none") == {}


def test_a_change_is_complete_before_it_is_deployed() -> None:
    """Several files that are written one after the other are one change."""

    def states() -> Iterator[State]:
        one, two, three = (dict.fromkeys(("a", "b")[:number], (number, 0)) for number in (1, 1, 2))
        yield from ({**one}, {**one}, {**two, "c": (1, 1)}, three, three, three, three)

    said: list[str] = []
    runs: list[int] = []
    found = states()

    def state() -> State:
        try:
            return next(found)
        except StopIteration:
            raise KeyboardInterrupt from None

    with pytest.raises(KeyboardInterrupt):
        watch(lambda: runs.append(1), state, lambda _: None, said.append)
    assert runs == [1]
    assert said == [
        "watching for changes; press Ctrl-C to stop",
        "changed: a, b",
        "watching for changes; press Ctrl-C to stop",
    ]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "workflows").mkdir()
    (tmp_path / "pyproject.toml").write_text('[tool.flowgen]\n[tool.flowgen.env.dev]\nregion = "eu-west-1"\n')
    (tmp_path / "workflows" / "x.yaml").write_text("flowgen: 1\nname: x\nsteps: [{id: a, set: {b: 1}}]\n")
    return tmp_path


def test_it_asks_once(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first deployment asks, the others do not; Ctrl-C stops watching."""
    calls: list[list[str]] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        calls.append(command)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    new = project / "new.py"
    monkeypatch.setattr("time.sleep", lambda _: None if new.exists() else new.write_text("x"))
    monkeypatch.setattr("flowgen.cli.deploy.asks", lambda: True)
    done = CliRunner().invoke(
        flowgen, ["-C", str(project), "deploy", "--env", "dev", "-p", "A=b", "--stack", "s", "--watch"]
    )

    assert done.exit_code == 130
    assert done.stderr.endswith("changed: new.py\ninterrupted; stopped watching\n"), done.output
    first = [sys.executable, "-m", "flowgen", "-C", str(project)]
    first += ["deploy", "--stack=s", "--env=dev", "--parameter=A=b"]
    assert calls == [first, [*first, "--yes"]]


@pytest.mark.parametrize(("synced", "deployments"), [(0, 1), (1, 1), (3, 2)])
def test_where_sync_is_allowed_it_comes_first(
    project: Path, monkeypatch: pytest.MonkeyPatch, synced: int, deployments: int
) -> None:
    """A change is deployed only if `flowgen sync` says that it must be."""
    text = (project / "pyproject.toml").read_text()
    (project / "pyproject.toml").write_text(f"{text}sync = true\n")
    calls: list[list[str]] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        calls.append(command[5:])
        return subprocess.CompletedProcess(command, synced if "sync" in command else 0)

    def sleep(_: float) -> None:
        if len(calls) > 1:
            raise KeyboardInterrupt
        if not (project / "new.py").exists():
            (project / "new.py").write_text("x")

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr("time.sleep", sleep)
    arguments = ["deploy", "--env", "dev", "-p", "A=b", "--bucket", "code", "--watch", "--yes"]
    assert CliRunner().invoke(flowgen, ["-C", str(project), *arguments]).exit_code == 130

    assert calls[1] == ["sync", "--env=dev"]
    assert [command[0] for command in calls].count("deploy") == deployments


@pytest.mark.parametrize(("code", "ended"), [(1, 1), (2, 2), (130, 130)])
def test_it_does_not_watch_what_was_not_deployed(
    project: Path, monkeypatch: pytest.MonkeyPatch, code: int, ended: int
) -> None:
    monkeypatch.setattr(subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, code))
    done = CliRunner().invoke(flowgen, ["-C", str(project), "deploy", "--watch", "--yes"])
    assert done.exit_code == ended


@pytest.mark.parametrize("option", ["--dry-run", "--json"])
def test_options_that_contradict(project: Path, option: str) -> None:
    done = CliRunner().invoke(flowgen, ["-C", str(project), "deploy", "--watch", "--yes", option])
    assert done.exit_code == 2
    assert "--watch cannot be combined with --dry-run or --json" in done.stderr
