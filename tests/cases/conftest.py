"""Cases: a workflow, the state machine that it compiles to, and how runs of that go.

A case is a folder `<feature>/<case>` with `workflow.yaml`, `expected/asl.json` (written again by `--update`, and read
by a person before it is kept) and `runs/<name>.json`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", [pytest.param(path, id=_name(path)) for path in _cases()])
    if "run" in metafunc.fixturenames:
        runs = [run for path in _cases() for run in sorted(path.glob("runs/*.json"))]
        metafunc.parametrize("run", [pytest.param(run, id=f"{_name(run.parent.parent)}/{run.stem}") for run in runs])


def _cases() -> Iterator[Path]:
    return iter(sorted(path.parent for path in FOLDER.glob("*/*/workflow.yaml")))


def _name(case: Path) -> str:
    return case.relative_to(FOLDER).as_posix()
