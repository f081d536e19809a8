"""`flowgen sync`: which environments allow it, and what it says."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from flowgen.cli import sync as syncing_command
from flowgen.cli.entry import flowgen
from flowgen.deploying import Package, Person, syncing
from tests.unit.deploying.aws import cloud

SETTINGS = """\
[project]
name = "shop"
version = "1"
[tool.flowgen]
package = "shop"
[tool.flowgen.env.dev]
sync = true
stack = "shop-development"
[tool.flowgen.env.prod]
region = "eu-west-1"
"""
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command in a project with one workflow, with `answer` for what AWS does."""
    (tmp_path / "workflows").mkdir()
    (tmp_path / "src").mkdir()
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    (tmp_path / "workflows" / "x.yaml").write_text("flowgen: 1\nname: x\nsteps: [{id: a, set: {b: 1}}]\n")
    monkeypatch.setattr(syncing_command, "connected", lambda *_: cloud())

    def called(*arguments: str, answer: syncing.Synced | BaseException = syncing.Synced()) -> Result:  # noqa: B008 - frozen
        def sync(package: Package, name: str, _: Any, person: Person) -> syncing.Synced:
            person.say(f"{package.project} in {name}")
            if isinstance(answer, BaseException):
                raise answer
            return answer

        monkeypatch.setattr(syncing, "sync", sync)
        assert CliRunner().invoke(flowgen, ["-C", str(tmp_path), "generate"]).exit_code == 0
        return CliRunner().invoke(flowgen, ["-C", str(tmp_path), "sync", *arguments])

    return called


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "select an environment with `sync = true` in pyproject.toml: --env NAME"),
        (
            ("--env", "prod"),
            "the environment prod does not allow `flowgen sync`: use `flowgen deploy`, or write `sync =",
        ),
    ],
)
def test_environments_that_do_not_allow_it(run: Run, arguments: tuple[str, ...], message: str) -> None:
    done = run(*arguments)
    assert (done.exit_code, message in " ".join(done.stderr.split())) == (2, True), done.stderr


def test_what_was_updated(run: Run) -> None:
    done = run("--env", "dev", "--json", answer=syncing.Synced(("XChargeFunction",), ("XStateMachine",)))
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout) == {
        "stack": "shop-development",
        "functions": ["XChargeFunction"],
        "workflows": ["XStateMachine"],
    }
    assert "shop in shop-development\n" in done.stderr
    last = "the stack shop-development differs from its template now, until the next `flowgen deploy`\n"
    assert done.stderr.endswith(last)


def test_nothing_to_do(run: Run) -> None:
    done = run("--env", "dev", "--stack", "other")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr.endswith("the stack other is up to date\n")


def test_a_change_that_needs_a_deployment(run: Run) -> None:
    done = run("--env", "dev", answer=syncing.NeedsDeployment("only a deployment can change `Orders`"))
    assert done.exit_code == 3
    said = "nothing was updated: only a deployment can change `Orders`; run `flowgen deploy --env dev`\n"
    assert done.stderr.endswith(said)
