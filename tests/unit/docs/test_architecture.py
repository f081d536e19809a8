"""The map in docs/explanation/architecture.md is that of the code."""

from __future__ import annotations

import importlib
import importlib.util
import tomllib

from tests.unit.docs.pages import ROOT, code, table

PAGE = ROOT / "docs" / "explanation" / "architecture.md"
PACKAGE = ROOT / "flowgen"


def _layers() -> list[set[str]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    [layers] = [contract["layers"] for contract in contracts if contract.get("containers") == ["flowgen"]]
    return [{name.strip() for name in layer.split("|")} for layer in layers]


def test_packages_are_those_of_the_code() -> None:
    """The table has a row for each package and module of flowgen, and no other."""
    there = {
        path.stem
        for path in PACKAGE.iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").is_file()) and path.stem != "__init__"
    }
    assert {code(row[1])[0] for row in table(PAGE, "Packages")} == there


def test_layers_are_those_of_import_linter() -> None:
    """The layers of the table are those that are held in CI."""
    rows = table(PAGE, "Packages")
    numbers = sorted({int(row[0]) for row in rows})
    shown = [{code(row[1])[0] for row in rows if int(row[0]) == number} for number in numbers]
    assert shown == _layers()


def test_way_of_a_workflow_is_that_of_the_code() -> None:
    """Each stage of the way is a module, or a function of one."""
    stages = [code(row[1])[0] for row in table(PAGE, "The life of a workflow")]
    assert stages
    for stage in stages:
        module, _, name = stage.rpartition(".")
        # A module is an attribute of its package only once something has imported it.
        assert hasattr(importlib.import_module(module), name) or importlib.util.find_spec(stage), stage
