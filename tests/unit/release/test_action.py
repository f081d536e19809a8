"""The GitHub Action: its script with a pip that installs nothing, and what docs/how-to/run-in-ci.md says about it."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.unit.docs.pages import ROOT, blocks, code, table

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the programs that it starts are scripts of a shell")

FOLDER = ROOT / ".github" / "actions" / "check"
PAGE = ROOT / "docs" / "how-to" / "run-in-ci.md"
ACTION = yaml.safe_load((FOLDER / "action.yml").read_text("utf-8"))
SCRIPT = runpy.run_path(str(FOLDER / "check.py"))

WORKFLOW = "flowgen: 1\nname: greet\nfunctions:\n  send: {}\nsteps:\n  - {id: greet, call: CALLED}\n"
# Instead of the `venv` module: an environment whose pip only notes its arguments, and whose flowgen is the one here.
STUB = f"""
import pathlib
PROGRAMS = {{
    "python": 'printf "%s\\\\n" "$@" > "$RUNNER_TEMP"/asked',
    "flowgen": 'exec {sys.executable} -m flowgen "$@"',
}}
def create(folder, with_pip):
    for name, line in PROGRAMS.items():
        program = pathlib.Path(folder) / "bin" / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(f"#!/bin/sh\\n{{line}}\\n", "utf-8")
        program.chmod(0o755)
"""


class Repository:
    """A repository with a project in a folder, and the machine that the action runs on."""

    def __init__(self, folder: Path) -> None:
        self.root, self.temporary, stub = folder / "repository", folder / "temporary", folder / "stub"
        self.workflow = self.root / "services" / "shop" / "workflows" / "greet.yaml"
        self.workflow.parent.mkdir(parents=True)
        self.temporary.mkdir()
        self.outputs, self.summary = folder / "outputs", folder / "summary"
        stub.mkdir()
        (stub / "venv.py").write_text(STUB, "utf-8")
        self.stub = stub

    def git(self, *arguments: str) -> str:
        """What git prints."""
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
        command = ["git", "-C", str(self.root), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def check(
        self,
        called: str = "send",
        *,
        version: str = "",
        paths: str = "",
        directory: str = "services/shop",
        base: str = "",
    ) -> tuple[int, str]:
        """The exit status, and what is printed."""
        self.workflow.write_text(WORKFLOW.replace("CALLED", called), "utf-8")
        inputs = {"FLOWGEN_VERSION": version, "FLOWGEN_PATHS": paths, "FLOWGEN_DIRECTORY": directory}
        done = subprocess.run(
            [sys.executable, str(FOLDER / "check.py")],
            cwd=self.root,
            env={
                **inputs,
                "RUNNER_TEMP": str(self.temporary),
                "FLOWGEN_DIFF_BASE": base,
                "GITHUB_OUTPUT": str(self.outputs),
                "GITHUB_STEP_SUMMARY": str(self.summary),
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(self.stub),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            check=False,
        )
        return done.returncode, done.stdout

    @property
    def asked(self) -> str:
        """What pip was asked to install: the last argument."""
        return (self.temporary / "asked").read_text("utf-8").splitlines()[-1]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def test_a_project_without_mistakes(repository: Repository) -> None:
    assert repository.check() == (0, "1 workflow checked, no problems found\n")
    assert repository.asked == "flowgen-aws"


def test_a_mistake_is_annotated_from_the_root(repository: Repository) -> None:
    """GitHub finds the line by its path in the repository; the SARIF file has the same path."""
    status, printed = repository.check("sent")
    assert status == 1
    assert printed.startswith("::error file=services/shop/workflows/greet.yaml,line=6,")
    [output] = repository.outputs.read_text("utf-8").splitlines()
    name, _, path = output.partition("=")
    assert name == "sarif"
    [run] = json.loads(Path(path).read_text("utf-8"))["runs"]
    assert {
        location["physicalLocation"]["artifactLocation"]["uri"]
        for one in run["results"]
        for location in one["locations"]
    } == {"services/shop/workflows/greet.yaml"}


def test_paths_are_below_the_folder(repository: Repository) -> None:
    status, printed = repository.check("sent", paths="\n  workflows/greet.yaml  \nworkflows\n")
    assert status == 1
    assert "file=services/shop/workflows/greet.yaml" in printed


def test_what_changed_is_in_the_summary(repository: Repository) -> None:
    repository.workflow.write_text(WORKFLOW.replace("CALLED", "send").replace("id: greet", "id: old"), "utf-8")
    repository.git("init", "-q")
    repository.git("add", "-A")
    repository.git("commit", "-qm", "first")
    assert repository.check(base=repository.git("rev-parse", "HEAD")) == (0, "1 workflow checked, no problems found\n")
    summary = repository.summary.read_text("utf-8")
    assert summary.startswith("## Workflow changes\n\n### `greet`: changed\n")
    assert "- added `greet (call send)`\n- removed `old (call send)`\n" in summary


@pytest.mark.parametrize(
    ("base", "warning"),
    [
        ("0" * 40, f"::warning title=flowgen::flowgen cannot compare the workflows with {'0' * 40}: "),
        ("--help", "::warning title=flowgen::the input `diff-base` must be the hash of a commit, found `--help`\n"),
    ],
)
def test_a_comparison_that_fails_is_a_warning(base: str, warning: str, repository: Repository) -> None:
    status, printed = repository.check(base=base)
    assert status == 0
    assert warning in printed
    assert not repository.summary.exists()


@pytest.mark.parametrize(
    ("version", "asked"),
    [
        ("0.1.0", "flowgen-aws==0.1.0"),
        (" 0.1.* ", "flowgen-aws==0.1.*"),
        (">=0.1,<0.2", "flowgen-aws>=0.1,<0.2"),
        ("dist/flowgen_aws-0.1.0-py3-none-any.whl", "dist/flowgen_aws-0.1.0-py3-none-any.whl"),
        (
            "flowgen-aws @ git+https://git.example.com/flowgen.git",
            "flowgen-aws @ git+https://git.example.com/flowgen.git",
        ),
    ],
)
def test_what_is_installed(version: str, asked: str, repository: Repository) -> None:
    assert repository.check(version=version)[0] == 0
    assert repository.asked == asked


HOSTILE = (
    "$(touch hacked)",
    "`touch hacked`",
    "'; touch hacked; '",
    '"; touch hacked; "',
    "::set-env name=A::b",
    "${{ x }}",
)


@pytest.mark.parametrize("name", ["version", "paths", "directory"])
def test_inputs_are_data(name: str, repository: Repository) -> None:
    """A shell in between would run them; a line of output that they begin would be a command for GitHub."""
    inputs = {"version": "./a b\n", "paths": "", "directory": "services/shop"}
    inputs[name] += "\n".join(HOSTILE)
    status, printed = repository.check(**inputs)
    assert status == (0 if name == "version" else 1)
    expected = ("::error file=", "::error title=FG005", "1 workflow checked, no problems found")
    assert [line for line in printed.splitlines() if not line.startswith(expected)] == []
    assert list(repository.root.rglob("hacked")) == []


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"version": "-r x"}, "the input `version` must be a version or a requirement, found `-r x`"),
        ({"directory": "../x"}, "`../x` must be a path inside the repository, without `..`"),
        ({"paths": "a\n/etc"}, "`/etc` must be a path inside the repository, without `..`"),
    ],
)
def test_what_is_rejected(inputs: dict[str, str], said: str, repository: Repository) -> None:
    assert repository.check(**inputs) == (2, f"::error title=flowgen::{said}\n")


def test_inputs_reach_the_script_through_the_environment() -> None:
    """No script of the action has an expression in it, and each input is used."""
    steps = ACTION["runs"]["steps"]
    assert [step["run"] for step in steps if "${{" in step.get("run", "")] == []
    [script] = [step for step in steps if "run" in step]
    read = {name for name in script["env"] if name in (FOLDER / "check.py").read_text("utf-8")}
    assert read == set(script["env"])
    text = (FOLDER / "action.yml").read_text("utf-8")
    assert [name for name in ACTION["inputs"] if f"inputs.{name} " not in text] == []


def test_inputs_are_those_of_the_page() -> None:
    rows = table(PAGE, "GitHub Actions")
    assert [code(row[0])[0] for row in rows] == list(ACTION["inputs"])
    for name, default, _ in rows:
        written = ACTION["inputs"][code(name)[0]]["default"]
        assert code(default) == ([written] if written else []), name
    [example] = [yaml.safe_load(block.text) for block in blocks(PAGE) if "jobs:" in block.text]
    used = example["jobs"]["check"]["steps"][-1]
    assert used["uses"].partition("@")[0] == f"<owner>/flowgen/{FOLDER.relative_to(ROOT).as_posix()}"
    assert set(used["with"]) <= set(ACTION["inputs"])


def test_hooks_are_those_of_the_page() -> None:
    """Their names, and what they run; the examples name no other."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    commands = {hook["id"]: " ".join([hook["entry"], *hook.get("args", [])]) for hook in hooks}
    assert {code(row[0])[0]: code(row[1])[0] for row in table(PAGE, "pre-commit")} == commands
    used = {
        line.partition("- id: ")[2] for block in blocks(PAGE) for line in block.text.splitlines() if "- id: " in line
    }
    assert used == set(commands)
