"""The type check on cases found in the field: no false alarm, and nothing unsound."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowgen.diagnostics import Diagnostic
from flowgen.pipeline import check_paths

OF_STRICT_MODE = frozenset({"FG311", "FG312", "FG313"})
"""What strict mode says about `any`, responses of AWS and schemas: not about the workflow itself."""

UNSOUND = {
    "array-constructor-predicate": {10: "FG304"},
    "in-named-enum": {10: "FG302"},
    "loop-format": {14: "FG307"},
    "loop-upper-bound": {14: "FG302"},
    "optimized-texts": dict.fromkeys((10, 13, 16, 19, 22, 25), "FG302"),
    "reader-bucket": {9: "FG302", 13: "FG302"},
    "strict-any-operand": dict.fromkeys((10, 12, 13, 15), "FG311"),
    "template-null": {9: "FG308", 11: "FG308"},
    "wait-date": {9: "FG302", 11: "FG307"},
}
"""The lines of each workflow that fail at run time, and what the check must say there."""


@pytest.fixture
def types_dir(cases_dir: Path) -> Path:
    return cases_dir / "types"


def findings(root: Path) -> list[Diagnostic]:
    return list(check_paths((), root).diagnostics)


def alone(workflow: Path, tmp_path: Path) -> list[Diagnostic]:
    """The findings in one workflow, in a separate strict project."""
    root = tmp_path / workflow.stem
    (root / "workflows").mkdir(parents=True)
    (root / "pyproject.toml").write_text("[tool.flowgen]\nstrict = true\n", encoding="utf-8")
    shutil.copy(workflow, root / "workflows")
    return findings(root)


def lines(found: list[Diagnostic]) -> Iterator[tuple[int, str]]:
    return ((one.span.start.line, one.code) for one in found if one.span is not None)


def told(found: list[Diagnostic]) -> list[str]:
    return [f"{one.code}: {one.message}" for one in found if one.code not in OF_STRICT_MODE]


def test_false_alarms(types_dir: Path, tmp_path: Path) -> None:
    """Nothing is found in workflows that used to be reported, and that runs have shown to be right."""
    paths = sorted((types_dir / "falsealarms").glob("*.yaml"))
    found = {path.stem: told(alone(path, tmp_path)) for path in paths}
    assert not any(found.values()), found


@pytest.mark.parametrize("name", UNSOUND)
def test_unsound(name: str, types_dir: Path, tmp_path: Path) -> None:
    """What fails at run time is reported on its line."""
    found = set(lines(alone(types_dir / "unsound" / f"{name}.yaml", tmp_path)))
    assert set(UNSOUND[name].items()) <= found


def test_unsound_between_workflows(types_dir: Path) -> None:
    """The parent's list may be empty, and the child's output is declared not to be."""
    found = {(Path(one.span.file).name, one.code) for one in findings(types_dir / "unsound" / "childp") if one.span}
    assert found == {("parent.yaml", "FG302"), ("child.yaml", "FG302")}


def test_guards_in_handlers(cases_dir: Path, tmp_path: Path) -> None:
    """`$exists($x)` in a handler, and a loop that only `break` leaves: no error."""
    names = ["a", "a2", "a3", "a4", "b1", "b2", "b3", "b4", "r1", "r3", "r4", "r5", "r6", "r7"]
    paths = [cases_dir / "migration" / f"{name}.yaml" for name in names]
    found = {path.stem: told(alone(path, tmp_path)) for path in paths}
    assert not any(found.values()), found
