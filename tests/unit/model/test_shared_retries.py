"""Named retries and handlers, which several files can share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flowgen.diagnostics import Diagnostic
from flowgen.pipeline import check_paths, definition
from tests.marked import findings, the_finding, workflow

SHARED = """\
flowgen: 1
retries:
  patient: {attempts: 9, backoff: 2}
  timeouts: {errors: [States.Timeout], attempts: 1}
functions:
  tell: {input: {fields: {why: string}}, output: any, retry: patient}
handlers:
  report:
    - {id: told, call: tell, with: {why: "${ $error.Cause }"}, catch: [{errors: [any], handler: give_up}]}
    - {id: reported, fail: $error}
  give_up: [{id: gave_up, fail: {error: GaveUp}}]
  never: [{id: unreached, fail: $error}]
"""
WORKFLOW = """\
flowgen: 1
name: small
import: shared.yaml
output: any
defaults: {retry: careful}
retries:
  careful: [timeouts, twice]
  twice: 2
functions: {make: {}, slow: {retry: [timeouts, patient]}}
steps:
  - {id: one, call: make, catch: [{errors: [any], handler: report}]}
  - {id: two, call: slow}
  - {id: three, call: make, retry: twice}
"""


def _checked(folder: Path, workflow_text: str, shared: str = SHARED) -> tuple[list[Diagnostic], Any]:
    (folder / "shared.yaml").write_text(shared)
    (folder / "small.yaml").write_text(workflow_text)
    report = check_paths((str(folder / "small.yaml"),), folder)
    return list(report.diagnostics), definition(report.loaded[0]) if report.loaded else None


def test_shared_retries_and_handlers(tmp_path: Path) -> None:
    """They compile as if they were written in place; handlers that nothing names are not part of the workflow."""
    reported, machine = _checked(tmp_path, WORKFLOW)
    assert reported == []
    attempts = {
        name: [one["MaxAttempts"] for one in state.get("Retry", ()) if one["ErrorEquals"] != ["ContractViolation"]]
        for name, state in machine["States"].items()
    }
    assert attempts == {"one": [1, 2], "two": [1, 9], "three": [2], "told": [9], "reported": [], "gave_up": []}
    assert machine["States"]["one"]["Catch"][0]["Next"] == "told"


def test_same_as_written_in_place(tmp_path: Path) -> None:
    """The same machine, whether the declarations are in one file or in two."""
    _, machine = _checked(tmp_path, WORKFLOW)
    own = SHARED.removeprefix("flowgen: 1\n").replace("  never: [{id: unreached, fail: $error}]\n", "")
    sections = {name: own.partition(f"{name}:\n")[2] for name in ("retries", "functions", "handlers")}
    handlers = f"handlers:\n{sections['handlers']}"
    retries = sections["retries"].partition("functions:")[0]
    tell = sections["functions"].partition("handlers:")[0]
    together = (
        WORKFLOW.replace("import: shared.yaml\n", "")
        .replace("retries:\n", f"retries:\n{retries}")
        .replace("functions: {make: {}, slow: {retry: [timeouts, patient]}}\n",
                 f"functions:\n  make: {{}}\n  slow: {{retry: [timeouts, patient]}}\n{tell}")
    )  # fmt: skip
    reported, other = _checked(tmp_path, together + handlers)
    assert reported == []
    assert other["States"] == machine["States"], json.dumps(other)


@pytest.mark.parametrize(
    ("retries", "retry", "help_"),
    [
        ("", "«often»", "declare it under `retries`, or write a number of retries"),
        ("retries: {oftn: 3}\n", "«often»", "did you mean `oftn`?"),
        ("retries: {zzzzz: 3}\n", "[«often»]", "the retries are `zzzzz`, or write a number of retries"),
        ("retries: {a: «b», b: a}\n", "3", "declare it under `retries`, or write a number of retries"),
    ],
)
def test_unknown_retry(retries: str, retry: str, help_: str) -> None:
    """FG212 at the name, also for a retry that is declared in terms of itself."""
    text = f"{retries}functions: {{make: {{}}}}\nsteps: [{{id: one, call: make, retry: {retry}}}]\n"
    reported = [one for one in findings(workflow(text.replace("«", "").replace("»", ""))) if one.code == "FG212"]
    assert reported[0].help == help_


def test_unused_retry() -> None:
    """FG209 at its name."""
    found = the_finding(workflow("retries: {«often»: 3}\noutput: any\nsteps: [{id: one, set: 1}]\n"), "FG209")
    assert found.message == "no `retry` names `often`"


@pytest.mark.parametrize("section", ["retries: {patient: 1}", "handlers: {report: [{id: x, fail: $error}]}"])
def test_declared_twice(section: str, tmp_path: Path) -> None:
    """FG205 at the second declaration, as for types and functions."""
    text = f"flowgen: 1\nname: small\nimport: shared.yaml\n{section}\nsteps: [{{id: one, set: 1}}]\n"
    reported, _ = _checked(tmp_path, text)
    assert [one.code for one in reported if one.severity == "error"] == ["FG205"]
