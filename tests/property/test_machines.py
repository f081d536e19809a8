"""What holds for every compiled machine of the repository's own workflows."""

from __future__ import annotations

import json
from pathlib import Path

from flowgen.asl.validation import validate
from flowgen.check import check_compiled_depth
from flowgen.pipeline import check_paths, definition
from tests.property.assignments import unassigned_reads

ROOT = Path(__file__).parents[2]


def test_every_machine_of_the_repository_is_sound() -> None:
    """It is valid, reads no variable that some path has not assigned, and no expression is too deep for AWS."""
    paths = [*ROOT.glob("tests/cases/*/*/workflow.yaml"), *ROOT.glob("examples/*/workflows/*.yaml")]
    machines = {
        one.found.shown: (one.workflow, definition(one))
        for path in sorted(paths)
        for one in check_paths((str(path),), ROOT).loaded
    }
    assert len(machines) > 100
    for name, (workflow, machine) in machines.items():
        errors = [problem for problem in validate(json.dumps(machine)) if problem.severity == "ERROR"]
        assert (name, errors, unassigned_reads(machine)) == (name, [], [])
        assert list(check_compiled_depth(workflow, machine)) == [], name
