"""`flowgen new`: what it makes works at once and untouched, and what it must not do it does not do."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from flowgen import __version__
from flowgen.cli import new, project_template
from flowgen.cli.entry import flowgen
from flowgen.installation import source
from flowgen.resources import folder as resources
from tests.e2e.programs import BIN, Programs
from tests.e2e.test_package import package


def make(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(flowgen, ["-C", str(folder), "new", "--no-input", *arguments])


def settings(project: Path) -> dict[str, dict[str, Any]]:
    return tomllib.loads((project / "pyproject.toml").read_text("utf-8"))


def test_what_it_makes_works_at_once(shop: Path, programs: Programs, tmp_path: Path) -> None:
    programs.succeed("flowgen", "check", folder=shop)
    programs.succeed("flowgen", "generate", "--check", folder=shop)
    assert " passed" in programs.succeed("pytest", folder=shop)
    programs.succeed("mypy", "--strict", "src", folder=shop)
    (tmp_path / "stack.yaml").write_text(programs.succeed("flowgen", "template", folder=shop), "utf-8")
    assert programs.succeed("cfn-lint", tmp_path / "stack.yaml", folder=shop) == ""


def test_it_keeps_the_rules_that_it_sets_itself(shop: Path, programs: Programs) -> None:
    programs.succeed("ruff", "format", "--check", "--no-cache", folder=shop)
    programs.succeed("ruff", "check", "--no-cache", folder=shop)
    programs.succeed("mypy", folder=shop)
    programs.succeed("pre-commit", "validate-config", folder=shop)


def test_generated_code_is_short(shop: Path) -> None:
    """Fewer than 120 lines for a workflow with two functions, apart from the runtime that all workflows share."""
    texts = [path.read_text("utf-8") for path in (shop / "src/shop/welcome/generated").rglob("*.py")]
    assert sum("\ndef handler(" in text for text in texts) == 2
    assert sum(len(text.splitlines()) for text in texts) < 120


def test_what_runs_before_each_commit(shop: Path) -> None:
    """Whatever changed: a workflow depends on more files than those in its folder."""
    config = yaml.safe_load((shop / ".pre-commit-config.yaml").read_text("utf-8"))
    hooks = {hook["name"]: hook for repository in config["repos"] for hook in repository["hooks"]}
    for name in ("flowgen check", "flowgen generate --check"):
        assert (hooks[name]["entry"], hooks[name]["always_run"], hooks[name]["pass_filenames"]) == (name, True, False)
        assert hooks[name].keys().isdisjoint({"files", "types", "types_or", "exclude"})


def test_it_runs_with_the_input_that_it_brings(shop: Path, programs: Programs) -> None:
    printed = programs.succeed("flowgen", "run", ".", "--input", "@inputs/ada.json", "--json", folder=shop)

    execution = json.loads(printed)
    assert (execution["status"], execution["elapsed"]) == ("SUCCEEDED", 24 * 3600)
    assert execution["output"]["to"] == "ada@example.com"


def test_its_readme_shows_the_workflow(shop: Path) -> None:
    """With a picture that `flowgen generate` keeps current. An empty project has none yet."""
    pictures = re.findall(r"!\[[^]]*\]\((.+?)\)", (shop / "README.md").read_text("utf-8"))
    assert pictures == ["docs/generated/diagrams/welcome.svg"]
    assert "write_letter" in (shop / pictures[0]).read_text("utf-8")


def test_an_empty_project_shows_no_picture(tmp_path: Path) -> None:
    assert make(tmp_path, "shop", "--empty").exit_code == 0
    assert "![" not in (tmp_path / "shop" / "README.md").read_text("utf-8")


def test_it_is_deployed_from_github(shop: Path) -> None:
    """By hand, with a role; with the extra that brings what deploying needs, of the flowgen that made the project."""
    workflow = yaml.safe_load((shop / ".github" / "workflows" / "deploy.yml").read_text("utf-8"))
    [job] = workflow["jobs"].values()
    given = {step["uses"].partition("@")[0]: step.get("with", {}) for step in job["steps"] if "uses" in step}
    commands = [step["run"] for step in job["steps"] if "run" in step]

    assert workflow[True] == {"workflow_dispatch": None}  # YAML 1.1 reads `on` so
    assert workflow["permissions"] == {"contents": "read", "id-token": "write"}
    assert given["aws-actions/configure-aws-credentials"] == {
        "role-to-assume": "${{ vars.AWS_ROLE }}",
        "aws-region": "${{ vars.AWS_REGION }}",
    }
    assert commands == ["python -m pip install -e '.[deploy]'", "flowgen deploy --yes"]
    assert settings(shop)["project"]["optional-dependencies"]["deploy"] == [f"flowgen-aws[deploy]{source()}"]


def test_it_leaves_nothing_else(shop: Path, programs: Programs) -> None:
    assert list(shop.parent.iterdir()) == [shop]
    assert not [path for path in programs.home.rglob("*") if "cookiecutter" in path.name]


def test_it_says_what_to_do_next(tmp_path: Path) -> None:
    made = make(tmp_path, "shop")

    assert made.exit_code == 0
    assert "flowgen run . --input @inputs/ada.json" in made.stderr
    assert made.stdout == ""


def test_the_package_can_be_another_name_than_the_folder(tmp_path: Path, programs: Programs) -> None:
    assert make(tmp_path, "My Tea-Shop").exit_code == 0

    project = tmp_path / "my-tea-shop"
    assert settings(project)["tool"]["flowgen"] == {
        "strict": True,
        "validate": ["input", "callback"],
        "package": "my_tea_shop",
        "diagrams": True,
        "packaging": {"bytecode": True},
    }
    assert " passed" in programs.succeed("pytest", folder=project)


def test_the_python_is_the_one_that_made_it(shop: Path) -> None:
    here = f"{sys.version_info.major}.{sys.version_info.minor}"

    assert settings(shop)["project"]["requires-python"] == f">={here}"
    assert f"runtime: python{here}\n" in (shop / "workflows" / "welcome.yaml").read_text("utf-8")


@pytest.mark.needs("index")
def test_it_is_packaged_at_once(shop: Path, cache: Path, tmp_path: Path) -> None:
    """With bytecode, which takes the Python of its functions; so do its workflows for GitHub."""
    project = tmp_path / "shop"
    shutil.copytree(shop, project)
    for asset in package(project, cache)["assets"]:
        with zipfile.ZipFile(project / "build" / asset["file"]) as archive:
            tag = f"cpython-{sys.version_info.major}{sys.version_info.minor}"
            assert f"shop/welcome/generated/__pycache__/models.{tag}.pyc" in archive.namelist()
    python = settings(shop)["project"]["requires-python"]
    for name in ("ci.yml", "deploy.yml"):
        workflow = yaml.safe_load((shop / ".github" / "workflows" / name).read_text("utf-8"))
        given = [step.get("with", {}) for job in workflow["jobs"].values() for step in job["steps"]]
        assert [f">={one['python-version']}" for one in given if "python-version" in one] == [python]


def test_for_another_python_it_has_no_bytecode(tmp_path: Path) -> None:
    """Since the one that made it could not package it then; each choice is said."""
    given = {"project_name": "shop", "project_slug": "shop", "_flowgen_source": "==1"}
    answers = new._answers(given, "shop", ask=False)
    for python in answers["_python"], "3.10":
        made = new._render({**answers, "python_version": python}, tmp_path / python)
        text = (made / "pyproject.toml").read_text("utf-8")
        assert settings(made)["tool"]["flowgen"]["packaging"] == {"bytecode": python != "3.10"}
        assert f"equires Python {python}" in text


@pytest.mark.parametrize(
    "text", ['a "quoted" one', "back\\slash\\", "{{ none }} {% raw %}", "# ''' \"\"\"", "Tee für 🫖"]
)
def test_a_description_is_data(tmp_path: Path, text: str) -> None:
    assert make(tmp_path, "shop", "--description", text).exit_code == 0

    assert settings(tmp_path / "shop")["project"]["description"] == text


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../shop", "is not a valid project name"),
        ("/tmp", "is not a valid project name"),  # noqa: S108 - a path that is rejected
        ("shop/api", "is not a valid project name"),
        ("..", "is not a valid project name"),
        ("", "is not a valid project name"),
        ("2shops", "is not a valid project name"),
        ("tea--shop", "is not a valid project name"),
        ("{{ 1 }}", "is not a valid project name"),
        ("café", "is not a valid project name"),
        ("shop\n", "is not a valid project name"),
        ("s" * 41, "the maximum is 40"),
        ("class", "keyword"),
        ("JSON", "Python's standard library"),
        ("flowgen", "uses"),
        ("pydantic-core", "uses"),
        ("flowgen-aws", "uses"),
    ],
)
def test_a_name_is_rejected(tmp_path: Path, name: str, reason: str) -> None:
    refused = make(tmp_path, name)

    assert refused.exit_code == 2
    assert reason in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_string_of_two_lines_is_not_a_description(tmp_path: Path) -> None:
    assert make(tmp_path, "shop", "--description", "one\ntwo").exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()

    refused = make(tmp_path, "shop")

    assert refused.exit_code == 2
    assert "already exists" in refused.stderr
    assert list((tmp_path / "shop").iterdir()) == []


def test_a_folder_that_comes_in_between_is_not_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(new, "_generate", lambda _project: (tmp_path / "shop").mkdir())

    assert make(tmp_path, "shop").exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["shop"]
    assert list((tmp_path / "shop").iterdir()) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_what_breaks_off_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    def break_off(_project: Path) -> None:
        raise error

    monkeypatch.setattr(new, "_generate", break_off)

    assert make(tmp_path, "shop").exit_code == 1
    assert list(tmp_path.iterdir()) == []


def test_another_folder_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()

    assert make(tmp_path, "shop", "-o", "inner").exit_code == 0
    assert (tmp_path / "inner" / "shop" / "README.md").is_file()
    assert make(tmp_path, "shop", "-o", "elsewhere").exit_code == 2


def test_no_project_is_named_like_what_it_installs(tmp_path: Path, shop: Path) -> None:
    """pip rejects a project that requires itself."""
    installed = settings(shop)["project"]["optional-dependencies"]
    names = {re.split(r"[\[ =<>@]", requirement)[0] for group in installed.values() for requirement in group}
    for name in {*names, *settings(shop)["build-system"]["requires"]}:
        assert make(tmp_path, name).exit_code == 2, name
    assert names >= {"flowgen-aws", "mypy"}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"description": 'a "quoted" one\\', "_flowgen_source": " @ file:///srv/flowgen"},
        {"python_version": "3.12", "_flowgen_source": " @ git+https://host.example/flowgen.git@v1"},
    ],
    ids=["defaults", "path", "repository"],
)
def test_cookiecutter_makes_the_same_files(tmp_path: Path, given: dict[str, str]) -> None:
    """`cookiecutter PATH` and `flowgen new` render one template with the same answers to the same bytes."""
    from cookiecutter.generate import generate_files
    from cookiecutter.prompt import prompt_for_config

    questions = project_template.questions() | {"project_slug": "tea-shop"}
    context = {"cookiecutter": dict(prompt_for_config({"cookiecutter": {**questions, **given}}, no_input=True))}
    questions["package"] = "tea_shop"
    answers = project_template.answers(questions, given, ask=False)
    assert answers == context["cookiecutter"]
    for name in ("ours", "theirs"):
        (tmp_path / name).mkdir()

    ours = project_template.render(answers, tmp_path / "ours")
    theirs = Path(generate_files(str(resources("cookiecutter")), context, str(tmp_path / "theirs"), accept_hooks=False))

    assert contents(ours) == contents(theirs)
    assert len(contents(ours)) > 10


def contents(folder: Path) -> dict[str, tuple[bytes, bool]]:
    """The bytes of each file, and whether it can be executed; without bytecode, which cookiecutter copies."""
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), os.access(path, os.X_OK))
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_bytecode_of_the_template_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pip compiles the modules of an installed template."""
    template = tmp_path / "template"
    shutil.copytree(resources("cookiecutter"), template)
    [package] = template.glob("*/src/*")
    (package / "__pycache__").mkdir(exist_ok=True)
    (package / "__pycache__" / "__init__.cpython-311.pyc").write_bytes(b"\xa7\x0d\x0d\x0a")
    monkeypatch.setattr(project_template, "resources", lambda _name: template)

    made = make(tmp_path, "shop")

    assert made.exit_code == 0, made.output
    assert list((tmp_path / "shop").rglob("*.pyc")) == []


def test_the_template_names_this_version() -> None:
    assert project_template.questions()["_flowgen_source"] == f"=={__version__}"


def test_the_template_has_its_own_defaults() -> None:
    from cookiecutter.generate import generate_context
    from cookiecutter.prompt import prompt_for_config

    context = generate_context(str(resources("cookiecutter") / "cookiecutter.json"))

    answers = prompt_for_config(context, no_input=True)
    assert (answers["project_slug"], answers["package"]) == ("my-workflows", "my_workflows")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.usefixtures("interruptible")
class TestAtATerminal:
    """With a terminal for standard input it asks."""

    def start(self, folder: Path, programs: Programs) -> tuple[subprocess.Popen[str], int]:
        keyboard, terminal = os.openpty()
        process = subprocess.Popen(
            [BIN / "flowgen", "new", "shop"],
            cwd=folder,
            env=programs.environment,
            stdin=terminal,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        os.close(terminal)
        return process, keyboard

    def test_it_asks_for_what_is_not_given(self, tmp_path: Path, programs: Programs) -> None:
        process, keyboard = self.start(tmp_path, programs)
        os.write(keyboard, b"store\nSells tea.\n\n\n")

        printed, _ = process.communicate(timeout=300)

        os.close(keyboard)
        assert process.returncode == 0, printed
        project = settings(tmp_path / "shop")["project"]
        assert (project["description"], project["authors"]) == ("Sells tea.", [{"name": "The authors"}])
        assert settings(tmp_path / "shop")["tool"]["flowgen"]["package"] == "store"

    def test_an_answer_is_checked_against_the_same_rules(self, tmp_path: Path, programs: Programs) -> None:
        process, keyboard = self.start(tmp_path, programs)
        os.write(keyboard, b"../store\n\n\n\n")

        printed, _ = process.communicate(timeout=300)

        os.close(keyboard)
        assert process.returncode == 2
        assert "'../store' is not a valid package name" in printed
        assert list(tmp_path.iterdir()) == []

    def test_it_can_be_left_in_the_middle(self, tmp_path: Path, programs: Programs) -> None:
        process, keyboard = self.start(tmp_path, programs)
        assert process.stdout is not None
        process.stdout.read(1)

        printed = ""
        for _ in range(len(project_template.questions())):
            process.send_signal(signal.SIGINT)
            # A signal that comes before the read of the answer is handled when the read returns. CPython drops one that
            # comes while `input` flushes the question (builtin_input_impl in bltinmodule.c): then the next is asked.
            os.write(keyboard, b"\n")
            with contextlib.suppress(subprocess.TimeoutExpired):
                printed, _ = process.communicate(timeout=5)
                break

        os.close(keyboard)
        assert process.returncode == 130
        assert "interrupted" in printed
        assert list(tmp_path.iterdir()) == []
