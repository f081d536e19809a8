"""Public reports about models of JSON Schemas (`--cases`): what entry points do with the reported values."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from flowgen.backends import writing
from flowgen.pipeline import check_paths, plan_python
from tests.unit.backends.python.conftest import CONTEXT

ACCEPTED: dict[str, list[bool]] = {
    "56-oneof-beside-properties": [False, False],
    "57-oneof-required-only": [True, False, False],
    "58-keywords-at-run-time": [False, False, False, False],
    "59-true-for-one": [False, False, True, True, True],
    "60-enum-of-floats": [False, False, False],
    "62-duration-months": [True, True, True],
    "63-date-time-nanoseconds": [True],
    "64-regex-mixed": [True],
    "65-regex-anchors": [False, False],
    "67-schema-files": [True],
    "68-draft07-tuple": [True],
    "69-discriminator-inline": [True, False],
    "70-discriminator-alias": [True, True, False],
    "71-default-dict": [True, True],
    "72-field-names": [True],
    "73-recursive": [True, False],
    "75-nullable": [True, True, False],
    "76-numbers": [True, False, True, True, False],
}
"""Whether an entry point accepts each value of a report."""


@pytest.mark.parametrize("report", ACCEPTED)
def test_entry_points_enforce_the_schemas_of_reports(
    cases_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, report: str
) -> None:
    """Accepted values come out as they went in, except for defaults."""
    folder = cases_dir / "reports" / report
    types = YAML(typ="safe", pure=True).load(folder / "input.yaml")
    package = f"report_{report.partition('-')[0]}"
    (tmp_path / "pyproject.toml").write_text("[tool.flowgen]\n")
    if (folder / "files").exists():
        shutil.copytree(folder / "files", tmp_path, dirs_exist_ok=True)
    (tmp_path / "workflows").mkdir()
    workflow = {
        "flowgen": 1,
        "name": package,
        "types": types,
        "functions": {"echo": {"input": "T", "output": "T"}},
        "steps": [{"id": "pause", "wait": "1s"}],
    }
    (tmp_path / "workflows" / f"{package}.yaml").write_text(json.dumps(workflow))
    checked = check_paths((), tmp_path)
    assert not [one.message for one in checked.diagnostics if one.severity.value == "error"]
    for project, planned in plan_python(checked.loaded):
        assert not [one.message for one in planned.diagnostics if one.severity.value == "error"]
        writing.write(planned, project.root)
    source = tmp_path / "src" / package
    (source / "echo.py").write_text("def echo(event, context):\n    return event\n")
    handle = _handler(tmp_path, package, monkeypatch)
    values = json.loads((folder / "checks.json").read_text()) if (folder / "checks.json").exists() else _VALUES[report]
    for value, accepted in zip(values, ACCEPTED[report], strict=True):
        outcome = handle(value)
        assert (outcome is not None) == accepted, value
        if outcome is not None:
            assert {key: outcome[key] for key in value} == value


_VALUES: dict[str, list[Any]] = {}


def _handler(root: Path, package: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    import importlib
    import sys

    for name in [name for name in sys.modules if name == "shared" or name.startswith("shared.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(root / "src")
    importlib.invalidate_caches()
    handler = importlib.import_module(f"{package}.generated.entry_points.echo").handler
    violation = importlib.import_module("shared.generated.runtime").ContractViolation

    def handle(value: Any) -> Any:
        try:
            return handler({"input": value, "context": CONTEXT}, None)
        except violation:
            return None

    return handle
