"""Exploration: each call fails with each of its errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flowgen.local import Task
from flowgen.pipeline import check_paths
from flowgen.running import Options
from flowgen.running.explore import Exploration, as_json, as_text, explore
from flowgen.running.program import of_workflow
from tests.unit.running.machines import function, program

JSON = Any

RETRY = [{"ErrorEquals": ["Busy"], "IntervalSeconds": 10, "MaxAttempts": 2, "BackoffRate": 1}]
CATCH = [{"ErrorEquals": ["Declined"], "Next": "refund"}, {"ErrorEquals": ["States.ALL"], "Next": "sorry"}]

SHOP = program(
    {
        "route": {"Type": "Choice", "Choices": [{"Condition": "{% false %}", "Next": "never"}], "Default": "charge"},
        "charge": function("f", Retry=RETRY, Catch=CATCH, TimeoutSeconds=60, Next="done"),
        "done": {"Type": "Succeed"},
        "refund": function("f", Next="sorry"),
        "sorry": {"Type": "Fail", "Error": "Sorry"},
        "never": function("f"),
    }
)


def found() -> Exploration:
    return explore(SHOP, {}, Options(tasks={"f": Task(lambda event: event)}), None)


def test_every_error_is_tried() -> None:
    """Once where it is tried again, and for good; with what becomes of it, and when."""
    rows = [
        (trial.state, trial.error, trial.times, trial.execution.status, trial.execution.error, trial.execution.elapsed)
        for trial in found().trials
    ]
    assert rows == [
        ("charge", "Busy", 1, "SUCCEEDED", None, 10),
        ("charge", "Busy", None, "FAILED", "Sorry", 20),
        ("charge", "Declined", None, "FAILED", "Sorry", 0),
        ("charge", "States.TaskFailed", None, "FAILED", "Sorry", 0),
        ("charge", "States.Timeout", None, "FAILED", "Sorry", 60),
        ("refund", "States.Timeout", None, "FAILED", "States.Timeout", 0),
    ]


def test_what_is_reached_after_a_failure_is_explored_below_it() -> None:
    """The refund only happens when the charge was declined; nothing reaches the last state."""
    explored = found()
    [refund] = [trial for trial in explored.trials if trial.state == "refund"]
    assert [(trial.state, trial.error) for trial in refund.before] == [("charge", "Declined")]
    assert explored.unreached == ("never",)


def test_the_table_tells_it() -> None:
    """A row an outcome; errors with the same one share it."""
    assert as_text(found(), None).splitlines() == [
        "step                     fails with         times   status        after  continues with",
        "                                                    SUCCEEDED     0 s    route > charge > done",
        "charge                   Busy               once    SUCCEEDED     10 s   same path",
        "charge                   Busy               always  FAILED Sorry  20 s   sorry",
        "charge                   Declined           always  FAILED Sorry  0 s    refund > sorry",
        "charge                   States.TaskFailed  always  FAILED Sorry  0 s    sorry",
        "charge                   States.Timeout     always  FAILED Sorry  1 min  sorry",
        "charge=Declined, refund  States.Timeout     always  FAILED        0 s    ends there",
        "",
        "6 injected errors: 5 FAILED, 1 SUCCEEDED",
        "not reached with this input: never",
    ]


def test_as_json() -> None:
    """Everything for programs."""
    told = as_json(found())
    assert told["base"] == {"status": "SUCCEEDED", "elapsed": 0.0, "path": ["route", "charge", "done"]}
    assert told["trials"][0] == {
        "step": "charge",
        "error": "Busy",
        "times": 1,
        "after": [],
        "status": "SUCCEEDED",
        "elapsed": 10.0,
        "path": ["route", "charge", "done"],
    }
    assert told["trials"][5]["after"] == [{"step": "charge", "error": "Declined"}]
    assert told["unreached"] == ["never"]


CHILD = """\
flowgen: 1
name: child
{kind}input: any
functions:
  transfer: {{input: any, errors: {{TransferRejected: {{fields: {{reason: string}}}}}}}}
steps:
  - {{id: sent, call: transfer, with: {{a: 1}}}}
"""
PARENT = """\
flowgen: 1
name: parent
steps:
  - id: paid
    workflow: child
    with: {a: 1}
    catch: [{errors: [TransferRejected], steps: [{id: rejected, return: "${ $error.details.reason }"}]}]
"""


@pytest.mark.parametrize(("kind", "error"), [("", "States.TaskFailed"), ("type: express\n", None)])
def test_a_child_fails_in_the_form_of_step_functions(tmp_path: Path, kind: str, error: str | None) -> None:
    """A standard child with a cause that describes the execution, an express one with a result."""
    (tmp_path / "pyproject.toml").write_text("[tool.flowgen]\n")
    folder = tmp_path / "workflows"
    folder.mkdir()
    (folder / "child.yaml").write_text(CHILD.format(kind=kind))
    (folder / "parent.yaml").write_text(PARENT)
    report = check_paths(("workflows",), tmp_path)
    loaded = {one.workflow.name: one for one in report.loaded}
    program = of_workflow(loaded["parent"], loaded.get, {})

    [trial] = [
        one
        for one in explore(program, {}, Options(), None).trials
        if (one.state, one.error) == ("paid", "TransferRejected")
    ]

    failed = [event.details for event in trial.execution.events if event.type == "TaskFailed"]
    assert [one["error"] for one in failed] == ([] if error is None else [error])
    assert trial.path[-1] == "rejected"
    assert isinstance(trial.execution.output, str)
