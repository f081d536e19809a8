"""`flowgen add`, and suggestions for the commands of other tools."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flowgen.cli.entry import _MEANT, COMMANDS, flowgen


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(flowgen, ["-C", str(folder), *arguments])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text('[tool.flowgen]\nstrict = true\npackage = "shop"\n', "utf-8")
    return tmp_path


def test_the_first_workflow_and_function_of_a_project(project: Path) -> None:
    """The workflow is valid, its test passes as it is, and the function has a stub."""
    assert run(project, "add", "workflow", "send_invoice").exit_code == 0
    assert run(project, "check").exit_code == 0
    assert (project / "tests/test_send_invoice.py").read_text("utf-8").count('"workflows/send_invoice.yaml"') == 1
    assert run(project, "add", "function", "compose").exit_code == 0
    assert "def compose(" in (project / "src/shop/send_invoice/compose.py").read_text("utf-8")
    assert run(project, "generate", "--check").exit_code == 0


def test_nothing_is_overwritten(project: Path) -> None:
    (project / "tests").mkdir()
    (project / "tests/test_pay.py").write_text("mine", "utf-8")
    result = run(project, "add", "workflow", "pay")
    assert (result.exit_code, "'tests/test_pay.py' already exists" in result.output) == (2, True)
    assert not (project / "workflows").exists()
    assert (project / "tests/test_pay.py").read_text("utf-8") == "mine"


def test_other_yaml_files_are_not_changed(project: Path) -> None:
    """Without a workflow, the only YAML file of the folder is not taken for one."""
    (project / "other.yaml").write_text("repos: []\n", "utf-8")
    result = run(project, "add", "function", "compose")
    assert (result.exit_code, "is not a workflow" in result.output) == (2, True)
    assert (project / "other.yaml").read_text("utf-8") == "repos: []\n"


def test_several_workflows_need_a_choice(project: Path) -> None:
    for name in ("one", "two"):
        assert run(project, "add", "workflow", name).exit_code == 0
    result = run(project, "add", "function", "compose")
    assert (result.exit_code, "workflows/one.yaml, workflows/two.yaml" in result.output) == (2, True)
    assert run(project, "add", "function", "compose", "--to", "workflows/two.yaml").exit_code == 0
    assert (project / "src/shop/two/compose.py").exists()
    again = run(project, "add", "function", "compose", "--to", "workflows/two.yaml")
    assert (again.exit_code, "already has a function `compose`" in again.output) == (2, True)


@pytest.mark.parametrize("name", ["Foo", "class", "a b", "generated", "../up", "", "é"])
@pytest.mark.parametrize("kind", ["workflow", "function"])
def test_names_that_are_not_allowed(project: Path, kind: str, name: str) -> None:
    assert run(project, "add", kind, name).exit_code == 2
    assert sorted(path.name for path in project.iterdir()) == ["pyproject.toml"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("init", "new"), ("build", "generate"), ("validate", "check"), ("valdate", "check"), ("chekc", "check")],
)
def test_commands_of_other_tools(tmp_path: Path, written: str, meant: str) -> None:
    result = run(tmp_path, written)
    assert (result.exit_code, f"Did you mean '{meant}'?" in result.output) == (2, True)


def test_suggestions_are_commands() -> None:
    assert set(_MEANT.values()) <= COMMANDS.keys()
    assert not _MEANT.keys() & COMMANDS.keys()


def test_a_project_without_the_example(tmp_path: Path) -> None:
    """Nothing mentions the example, and the first workflow makes the project complete."""
    assert run(tmp_path, "new", "shop", "--no-input", "--empty").exit_code == 0
    files = [path for path in (tmp_path / "shop").rglob("*") if path.is_file()]
    assert {"README.md", "pyproject.toml", "__init__.py", "ci.yml"} <= {path.name for path in files}
    kept = [path for path in files if path.name != "workflow.schema.json"]
    mentions = [path.name for path in kept if "welcome" in f"{path.as_posix()}{path.read_text('utf-8')}".lower()]
    assert mentions == []
    assert run(tmp_path / "shop", "add", "workflow", "send_invoice").exit_code == 0
    assert run(tmp_path / "shop", "check").exit_code == 0
