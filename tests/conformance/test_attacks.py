"""Workflows that once crashed a command, hung it, or compiled to a machine that AWS rejects."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from flowgen.asl.validation import validate
from flowgen.diagnostics.render import FORMATS
from flowgen.pipeline import check_paths, definition
from tests.property.assignments import unassigned_reads

HARMFUL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]|^::", re.MULTILINE)


def test_each_file_is_checked_and_compiles(cases_dir: Path) -> None:
    """No bug in flowgen (FG901), and what has no error compiles to a valid machine that reads what it has assigned."""
    files = sorted(cases_dir.glob("attack/*/*.yaml"))
    assert files
    wrong = []
    for file in files:
        report = check_paths((str(file),), file.parent)
        FORMATS["text"](report.diagnostics, report.sources)
        wrong += [f"{file}: {one.message}" for one in report.diagnostics if one.code == "FG901"]
        for loaded in () if report.failed else report.loaded:
            machine = json.loads(json.dumps(definition(loaded)))
            wrong += [f"{file}: {one}" for one in [*validate(machine), *unassigned_reads(machine)]]
    assert wrong == []


def runs(cases_dir: Path) -> Iterator[list[str]]:
    """The arguments of runs that once crashed, hung, or let what they print steer a terminal."""
    folder = cases_dir / "attack"
    yield [str(folder / "04" / "w.asl.json")]
    for name in ("w", "w2"):
        yield [str(folder / "07" / f"{name}.yaml")]
    for name in ("w", "w2", "w3"):
        yield [str(folder / "08" / f"{name}.yaml"), "-i", '{"lines": [7, 8]}']
    for name in ("w", "m"):
        yield [str(folder / "12" / f"{name}.yaml")]
    for value in ("' & $states.input.secret & '", '"', "\\"):
        yield [str(folder / "13" / "par.yaml"), "-i", '{"secret": "S"}', "-p", f"Limit={value}"]
    for name in ("abort", "oom", "panic"):
        yield [str(folder / "16" / f"{name}.yaml")]
    for number in range(1, 6):
        yield [str(folder / "22" / f"f{number}.yaml")]
    for number in range(1, 5):
        yield [str(folder / "22" / "w.yaml"), "--mock", str(folder / "22" / f"m{number}.yaml")]


def test_each_run_ends_as_it_should(cases_dir: Path, tmp_path: Path) -> None:
    """With its own status, without a bug in flowgen, and without what steers a terminal or a CI system."""
    wrong = []
    for arguments in runs(cases_dir):
        done = subprocess.run(
            [sys.executable, "-m", "flowgen", "run", *arguments], cwd=tmp_path, capture_output=True, check=False
        )
        shown = (done.stdout + done.stderr).decode()
        harmful = HARMFUL.search(shown)
        if done.returncode not in {0, 1, 2, 3} or harmful is not None or "FG901" in shown:
            wrong.append(f"{arguments}: {done.returncode}\n{shown[-500:]}")
        if "par.yaml" in arguments[0] and "SUCCEEDED" not in shown:
            wrong.append(f"{arguments}: {shown[-500:]}")
    assert wrong == []
