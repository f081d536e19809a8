"""Tests that need a tool are skipped before they start, with one line that says how to install it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import tools
from tests.tools import PROGRAMS, ROOT, missing

KNOWN = {*PROGRAMS, "axe", "chromium", "emulator", "hcl2json", "index", "mermaid", "node", "old-python", "terraform"}


def _files() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((ROOT / "tests").rglob("*.py")):
        if "node_modules" not in path.parts:
            yield path, ast.parse(path.read_text("utf-8"))


def _needed() -> Iterator[tuple[str, str]]:
    """The file and the name of each tool that a test declares."""
    for path, tree in _files():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("mark.needs"):
                yield from ((path.name, ast.literal_eval(argument)) for argument in node.args)


def test_every_declared_tool_is_known() -> None:
    """And each known one is needed by some test."""
    needed = list(_needed())
    assert [(file, name) for file, name in needed if name not in KNOWN] == []
    assert {name for _, name in needed} | {"lambda"} == KNOWN


def test_ci_installs_what_the_tests_look_for() -> None:
    assert {path.stem for path in (ROOT / ".ci" / "tools").glob("*.txt")} == PROGRAMS.keys()


@pytest.mark.parametrize("name", sorted(KNOWN - {"index", "old-python"}))
def test_a_machine_without_tools(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason is one line with a command, a page or the system that it takes."""
    monkeypatch.setattr(tools, "ROOT", tmp_path)
    monkeypatch.setattr(tools, "NODE_MODULES", tmp_path)
    monkeypatch.setenv("PATH", "")
    missing.cache_clear()
    try:
        reason = missing(name)
    finally:
        missing.cache_clear()
    assert reason is not None
    assert reason.startswith("needs ")
    assert "\n" not in reason
    assert any(part in reason for part in ("pip install -r .ci/tools/", "npm ci", "https://", "Linux"))


def test_only_the_hook_skips_for_a_tool() -> None:
    """A skip inside a helper can run in a thread or a callback, where it is a failure."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, tree in _files()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.skip"
        if not ast.unparse(node.args[0]).startswith(("'needs --", "f'needs --"))
    ]
    assert {place.partition(":")[0] for place in found} == {"tests/conftest.py"}


def test_a_test_is_skipped_before_its_fixtures(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    pytester.makeconftest(
        "from tests.conftest import pytest_runtest_setup\n"
        "def pytest_addoption(parser): parser.addoption('--slow', action='store_true')\n"
    )
    pytester.makeini("[pytest]\nmarkers =\n  needs\n  slow\n")
    pytester.makepyfile(
        "import pytest\n"
        "@pytest.fixture\n"
        "def broken(): raise ValueError\n"
        "@pytest.mark.needs('terraform')\n"
        "def test_a(broken): pass\n"
        "@pytest.mark.slow\n"
        "def test_b(broken): pass\n"
        "def test_c(): pass\n"
    )
    pytester.runpytest("-p", "no:cacheprovider").assert_outcomes(passed=1, skipped=2)
    pytester.runpytest("-p", "no:cacheprovider", "--slow").assert_outcomes(passed=1, skipped=1, errors=1)
