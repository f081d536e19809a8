"""The map in docs/architecture.md is that of the code."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tests.unit.docs.pages import ROOT, code, table

PAGE = ROOT / "docs" / "architecture.md"
PACKAGE = ROOT / "flowgen"

READS = {"exists", "glob", "is_dir", "is_file", "iterdir", "lexists", "read_bytes", "read_text", "rglob", "stat"}
WRITES = {"copymode", "mkdir", "open", "rename", "rmdir", "touch", "unlink", "write_bytes", "write_text"}
CLOCKS = {"now", "today", "utcnow", "time", "time_ns", "monotonic", "perf_counter", "localtime", "gmtime"}
RANDOM = {"Random", "SystemRandom", "urandom", "uuid1", "uuid4"}
NETWORK = {"boto3", "botocore", "http", "httpx", "requests", "socket", "urllib.request"}


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


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def _touches(tree: ast.Module) -> set[str]:
    """The rows of the table that a module belongs into."""
    rows = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv") and _name(node.value) == "os":
            rows.add("reads the environment")
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        name = _name(called)
        # A string's `replace` takes two arguments, a path's takes one.
        path_replaced = name == "replace" and isinstance(called, ast.Attribute) and len(node.args) == 1
        if isinstance(called, ast.Attribute) and name in READS:
            rows.add("reads the disk")
        elif name in WRITES or path_replaced:
            rows.add("writes the disk")
        elif (
            isinstance(called, ast.Attribute) and name in CLOCKS and _name(called.value) in ("datetime", "date", "time")
        ):
            rows.add("the clock")
        elif name in RANDOM:
            rows.add("randomness")
    imported = set(_imported(tree))
    if imported & NETWORK:
        rows.add("the network")
    return rows


def _modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if "_resources" not in parts:
            yield ".".join(part for part in parts if part != "__init__"), path


def test_the_world_comes_in_where_the_page_says() -> None:
    """Disk, environment, clock, randomness and network are touched by the modules of the table alone."""
    shown = {
        row[0]: {word for word in code(row[1]) if word.startswith("flowgen.")}
        for row in table(PAGE, "Where the world comes in")
    }
    found: dict[str, set[str]] = {row: set() for row in shown}
    for module, path in _modules():
        for row in _touches(ast.parse(path.read_text("utf-8"))):
            found[row].add(module)
    assert found == shown
