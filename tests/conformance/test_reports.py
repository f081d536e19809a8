"""Bug reports about validation and compilation, rebuilt as minimal inputs: each is answered as it should be."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowgen.diagnostics import Diagnostic
from flowgen.pipeline import check_paths
from flowgen.pipeline.definitions import read_definition

_ONLY_JSONPATH = "field 'Parameters' is only supported for the 'JSONPath' QueryLanguage"
DEFINITIONS = {
    "42-top-level-name": ["Reference to 'phone' at the top level is not supported."],
    "43-dollar-dollar": ["Reference to '$$' at the top level is not supported."],
    "44-error-output-outside": ["Field '$states.errorOutput' does not exist."],
    "45-unparseable": ["Unexpected end of expression"],
    "47-field-on-wrong-state": [f"Field '{name}' is not supported" for name in ("TimeoutSeconds", "Catch", "Retry")],
    "49-result-writer": [f"The QueryLanguage is set to 'JSONata', but {_ONLY_JSONPATH}"],
    "50-jsonata-fields": [],
    "53-literal-dollar-key": [],
}
"""What is reported for the definition of each."""

WORKFLOWS = {
    "02-depth-of-compiled-text": [],
    "42-top-level-name": ["FG413"],
    "43-dollar-dollar": ["FG203", "FG203"],
    "44-error-output-outside": ["FG413"],
}
"""The codes for the workflow of each."""


@pytest.mark.parametrize("name", DEFINITIONS)
def test_definition(name: str, cases_dir: Path) -> None:
    """The findings have the words of AWS, and no valid definition is rejected."""
    path = cases_dir / "reports" / name / "input.asl.json"
    found = read_definition(path.name, path.read_text(encoding="utf-8"))
    assert [one.message for one in _errors(found.diagnostics)] == DEFINITIONS[name]
    assert (found.value is None) == bool(DEFINITIONS[name])


@pytest.mark.parametrize("name", WORKFLOWS)
def test_workflow(name: str, cases_dir: Path) -> None:
    """What AWS rejects in a definition is reported in a workflow that would become one."""
    folder = cases_dir / "reports" / name
    [path] = folder.glob("*.yaml")
    report = check_paths((str(path),), folder)
    assert [one.code for one in _errors(report.diagnostics)] == WORKFLOWS[name]


def _errors(diagnostics: tuple[Diagnostic, ...]) -> list[Diagnostic]:
    return [one for one in diagnostics if one.severity == "error"]
