"""Workflows that moving public applications to flowgen led to: each compiles to a machine that does what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flowgen.asl.validation import validate
from flowgen.pipeline import Build, check_paths, definition
from tests.cases.running import outcome
from tests.property.assignments import unassigned_reads

JSON = Any
_ROWS = {"rows": [{"ids": ["a", "b"]}, {"ids": ["c"]}], "job": "J"}
_IDS = {"ids": ["a", "b"], "job": "J"}
_ECHO = {"functions": {"one": {"echo": True}}}
_BUCKETS = {"states": {"ask": [{"return": {}}, {"return": {"Owner": {"ID": "me"}}}]}}
_BROKEN = {"raise": "Broken", "details": {"items": ["x", "y"]}}


def _called(*ids: JSON) -> list[JSON]:
    return [{"id": one, "job": "J"} for one in ids]


RUNS: dict[str, tuple[JSON, dict[str, JSON], JSON, int]] = {
    "k1": ({}, {"functions": {"one": _BROKEN, "two": {"echo": True}}}, ["x", "y"], 0),
    "n1": (_ROWS, _ECHO, [["a", "b"], ["c"]], 0),
    "n2": (_ROWS, _ECHO, [["a", "b"], ["c"]], 0),
    "n6": ({"jobs": ["j"]}, {"functions": {"status": [{"return": "no"}, {"return": "j"}]}}, ["j"], 10),
    "g1": (_ROWS, _ECHO, [_called("a", "b"), _called("c")], 0),
    "g2": (_ROWS, _ECHO, [_called("a", "b", 0), _called("c", 1)], 0),
    "g3": (_ROWS, _ECHO, [_called("a", "b"), _called("c")], 0),
    "g4": (_ROWS, _ECHO, [_called("a", "b", 0), _called("c", 1)], 0),
    "g5": (_IDS, _ECHO, [_called("a", "b", "x")], 0),
    "g6": (_IDS, _ECHO, [_called("x")], 0),
    "g7": (_IDS, _ECHO, [[{"id": "J"}]], 0),
    "g8": (_IDS, _ECHO, [[{"id": "J"}], [{"id": "J"}]], 0),
    "f": (_IDS, _ECHO, [_called("a", "b")], 0),
    "f9": (_IDS, _ECHO, [_called("a", "b")], 0),
    "d": ({}, _BUCKETS, {"Owner": {"ID": "me"}}, 0),
    "d2": ({}, _BUCKETS, {"Owner": {"ID": "me"}}, 1),
}
"""For each workflow: its input, what it calls, its output, and the virtual seconds that it takes."""


def _loaded(path: Path) -> Build:
    report = check_paths((str(path),), path.parent)
    assert not report.failed, report.diagnostics
    return report.loaded[0]


@pytest.mark.parametrize("name", RUNS)
def test_body_that_starts_with_a_loop(name: str, cases_dir: Path) -> None:
    """What a loop reads where it is the first step of a body is bound there; an endless loop has a next round."""
    given, calls, expected, seconds = RUNS[name]
    execution, _ = outcome(_loaded(cases_dir / "migration" / f"{name}.yaml"), {"input": given, **calls})
    assert (execution.status, execution.output, execution.elapsed) == ("SUCCEEDED", expected, seconds)


def test_parameter_with_an_apostrophe(cases_dir: Path) -> None:
    """The value of a parameter is a value, whatever is in it."""
    run = {"input": {}, "parameters": {"Greeting": "it's me"}}
    execution, _ = outcome(_loaded(cases_dir / "migration" / "q.yaml"), run)
    assert (execution.status, execution.output) == ("SUCCEEDED", "it's me Ada")


def test_every_machine_is_sound(cases_dir: Path) -> None:
    """Every machine is valid and reads no variable that some path has not assigned."""
    paths = [*sorted((cases_dir / "migration").glob("*.yaml")), *sorted(cases_dir.glob("reports/*/*.yaml"))]
    loaded = [one for path in paths for one in check_paths((str(path),), path.parent).loaded]
    assert loaded
    for one in loaded:
        machine = definition(one)
        errors = [problem for problem in validate(json.dumps(machine)) if problem.severity == "ERROR"]
        assert (one.found.shown, errors, unassigned_reads(machine)) == (one.found.shown, [], [])


def test_members_have_the_names_of_the_sdk_for_java(cases_dir: Path) -> None:
    """`DbClusterIdentifier` is right and `DBInstanceIdentifier` is not, though the API's model has it."""
    folder = cases_dir / "migration"
    found = {name: check_paths((str(folder / f"{name}.yaml"),), folder).diagnostics for name in ("e", "e2", "e3")}
    codes = {name: [one.code for one in diagnostics] for name, diagnostics in found.items()}
    # e3 has a comment that silenced the wrong finding.
    assert codes == {"e": [], "e2": ["FG302"], "e3": ["FG290"]}
    assert found["e2"][0].help == "did you mean `DbInstanceIdentifier`?"
