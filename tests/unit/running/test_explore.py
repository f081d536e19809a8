"""Exploration: each call fails with each of its errors."""

from __future__ import annotations

from typing import Any

from flowgen.local import Task
from flowgen.running import Options
from flowgen.running.explore import Exploration, as_json, as_text, explore
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
        "step                     fails with         times   status        after  goes on with",
        "                                                    SUCCEEDED     0 s    route > charge > done",
        "charge                   Busy               once    SUCCEEDED     10 s   as without it",
        "charge                   Busy               always  FAILED Sorry  20 s   sorry",
        "charge                   Declined           always  FAILED Sorry  0 s    refund > sorry",
        "charge                   States.TaskFailed  always  FAILED Sorry  0 s    sorry",
        "charge                   States.Timeout     always  FAILED Sorry  1 min  sorry",
        "charge=Declined, refund  States.Timeout     always  FAILED        0 s    ends there",
        "",
        "6 faults: 5 FAILED, 1 SUCCEEDED",
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
