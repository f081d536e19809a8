"""Workflows that once crashed a command, hung it, or compiled to a machine that AWS refuses."""

from __future__ import annotations

import json
from pathlib import Path

from flowgen.asl.validation import validate
from flowgen.diagnostics.render import FORMATS
from flowgen.pipeline import check_paths, definition
from tests.property.assignments import unassigned_reads


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
