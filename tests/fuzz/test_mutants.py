"""Mutation fuzz: check, compile, validate, template, generate and run mutants of every workflow of the repository.

`FLOWGEN_FUZZ_MUTANTS` is the number of mutants (300 by default, 2,000 with `--slow`), `FLOWGEN_FUZZ_FIRST` the first
seed. The nightly run makes 200,000. To see one mutant again: `FLOWGEN_FUZZ_FIRST=SEED FLOWGEN_FUZZ_MUTANTS=1`.
"""

from __future__ import annotations

import difflib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flowgen.pipeline import check_paths
from tests.fuzz.mutating import Mutant, bases, mutant
from tests.fuzz.oracles import harmless, problem

__all__ = ["harmless"]

FIRST = int(os.environ.get("FLOWGEN_FUZZ_FIRST", "0"))
WANTED = os.environ.get("FLOWGEN_FUZZ_MUTANTS")
_ALWAYS, _SLOW, _CHUNK = 300, 2000, 100


def chunks() -> Iterator[Any]:
    """The seeds, as many a test as keep all processors busy."""
    count = _SLOW if WANTED is None else int(WANTED)
    for start in range(0, count, _CHUNK):
        seeds = range(FIRST + start, FIRST + min(start + _CHUNK, count))
        slow = [pytest.mark.slow] if WANTED is None and start >= _ALWAYS else []
        yield pytest.param(seeds, marks=slow, id=f"{seeds.start}-{seeds.stop - 1}")


class Projects:
    """A copy of the project of each base, in which its mutants take the place of the workflow."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[str, Path] = {}

    def problem(self, made: Mutant, seed: int) -> str | None:
        base = made.base
        root = self._made.get(base.name)
        if root is None:
            root = self._made[base.name] = self._folder / str(len(self._made))
            if base.project is None:
                root.mkdir()
            else:
                shutil.copytree(
                    base.project, root, ignore=shutil.ignore_patterns("__pycache__", ".flowgen", "expected")
                )
        try:
            return problem(made.text, root, base.file, seed)
        finally:
            (root / base.file).write_text(base.text, encoding="utf-8")


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Projects:
    return Projects(tmp_path_factory.mktemp("projects"))


def shown(made: Mutant, seed: int, found: str) -> str:
    """A finding, and what the mutant changed of its base."""
    difference = difflib.unified_diff(made.before.splitlines(), made.text.splitlines(), "base", "mutant", "", "", 1, "")
    return "\n".join([f"seed {seed} ({made.base.name}): {found}", *(line[:300] for line in [*difference][:40])])


@pytest.mark.parametrize("seeds", [*chunks()])
def test_mutants_break_nothing(seeds: range, projects: Projects) -> None:
    """Each is rejected with findings, or accepted by everything that comes after the check."""
    wrong: list[str] = []
    for seed in seeds:
        made = mutant(seed)
        found = projects.problem(made, seed)
        if found is not None:
            wrong.append(shown(made, seed, found))
    assert not wrong, "\n\n".join(wrong[:5])


def test_bases_break_nothing(projects: Projects) -> None:
    """The oracles find nothing in what mutants are made of."""
    found = {base.name: projects.problem(Mutant(base, base.text, base.text), 0) for base in bases()}
    assert len(found) > 200
    assert {name: problem for name, problem in found.items() if problem is not None} == {}


def test_mutants_are_reproducible_and_not_all_rejected(tmp_path: Path) -> None:
    """The same seed makes the same text, and enough mutants pass the check for the later stages to be fuzzed."""
    passed = 0
    for seed in range(60):
        made = mutant(seed)
        assert made == mutant(seed)
        (tmp_path / "workflow.yaml").write_bytes(made.text.encode())
        passed += not check_paths(("workflow.yaml",), tmp_path).failed
    assert passed >= 5


def test_a_fault_is_found(projects: Projects, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oracles themselves: a compiler that crashes, and one that writes a machine without states."""
    base = bases()[0]

    def crashing(_: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr("tests.fuzz.oracles.definition", crashing)
    assert "KeyError" in str(projects.problem(Mutant(base, base.text, base.text), 0))
    monkeypatch.setattr("tests.fuzz.oracles.definition", lambda _: {"StartAt": "A", "States": {}})
    assert "validator" in str(projects.problem(Mutant(base, base.text, base.text), 0))
