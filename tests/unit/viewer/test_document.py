"""The run document: what it contains, and what it never contains."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowgen.local import execute
from flowgen.local.history import Event
from flowgen.running import Program
from flowgen.running.masking import MASK, Secrets
from flowgen.viewer import Recorded, report_page, run_document
from tests.unit.viewer.conftest import recorded


def value(document: dict[str, Any], index: int) -> Any:
    return document["values"][index]


def test_events_have_their_visits(succeeded: dict[str, Any]) -> None:
    (run,) = succeeded["runs"]
    entered = [
        (event["visit"], event["name"], event["parent"], event["label"])
        for event in run["events"]
        if event["type"].endswith("StateEntered")
    ]
    assert entered == [
        (0, "charge", None, ""),
        (1, "pause", None, ""),
        (2, "lines", None, ""),
        (3, "line", 2, "#0"),
        (4, "check", 2, "#0"),
        (5, "fine", 2, "#0"),
        (6, "line", 2, "#1"),
        (7, "check", 2, "#1"),
        (8, "fine", 2, "#1"),
    ]
    assert (run["status"], run["elapsed"], run["focus"]) == ("SUCCEEDED", 92.0, None)
    assert value(succeeded, run["output"]) == ["a", "b"]
    assert [event["visit"] for event in run["events"] if event["type"] == "TaskFailed"] == [0]


def test_a_value_is_stored_once(succeeded: dict[str, Any]) -> None:
    texts = [json.dumps(one) for one in succeeded["values"]]
    assert len(texts) == len(set(texts))
    assert '{"lines": ["a", "b"]}' in texts


def test_places_of_states(succeeded: dict[str, Any]) -> None:
    assert succeeded["machines"][0]["states"] == {
        "charge": {"source": 0, "line": 1},
        "pause": {"source": 0, "line": 2},
        "lines": {"source": 0, "line": 3},
        "line": {"source": 0, "line": 4},
    }


def test_the_failing_visit_is_shown_first(failed: dict[str, Any]) -> None:
    """In an item of a Map, not in the Map."""
    (run,) = failed["runs"]
    names = {event["visit"]: event["name"] for event in run["events"] if event["type"].endswith("StateEntered")}
    assert names[run["focus"]] == "broken"
    assert (run["status"], run["error"], run["cause"]) == ("FAILED", "BadLine", "a line is bad")


def test_secrets_are_masked(succeeded: dict[str, Any]) -> None:
    """By the names of members, and wherever the same string occurs; addresses in sources lose their passwords."""
    assert "hunter22" not in json.dumps(succeeded)
    assert MASK in json.dumps(succeeded)
    machine = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    program = Program(
        "a",
        machine,
        sources={"a.yaml": "url: https://ada:s3cret@example.com/"},
        secrets=Secrets(frozenset({"pin"}), frozenset({"parameter-value"})),
    )
    execution = execute(machine, {"pin": "123456", "text": "it is 123456, or parameter-value"})
    text = json.dumps(run_document("a", [Recorded(program, execution)]))
    assert [secret for secret in ("s3cret", "123456", "parameter-value") if secret in text] == []


def test_executions_that_a_run_started_are_runs() -> None:
    """Once each, below the visit that started them, with the states of their own machine."""
    child = {"StartAt": "inner", "States": {"inner": {"Type": "Fail", "Error": "Broken"}}}
    parent = {
        "StartAt": "ask",
        "States": {
            "ask": {
                "Type": "Task",
                "Resource": "arn:aws:states:::states:startExecution.sync:2",
                "Parameters": {"StateMachineArn": "${Child}", "Input.$": "$"},
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "end"}],
                "Next": "end",
            },
            "end": {"Type": "Succeed"},
        },
    }
    inside: dict[str, list[Event]] = {}
    execution = execute(parent, {"n": 1}, machines={"${Child}": child}, inside=inside)
    program = Program("parent", parent, machines={"${Child}": child}, machine_names={"${Child}": "child"})
    document = run_document("parent", [Recorded(program, execution, inside)])
    root, started = document["runs"]
    assert (root["status"], root["parent"]) == ("SUCCEEDED", None)
    assert (started["status"], started["error"], started["parent"]) == ("FAILED", "Broken", {"run": 0, "visit": 0})
    assert document["machines"][started["machine"]]["name"] == "child"
    assert [state["name"] for state in document["machines"][started["machine"]]["outline"]] == ["inner"]
    assert [event["runs"] for event in root["events"] if "runs" in event] == [[1]]


@pytest.mark.parametrize("depth", [150, 400, 900])
def test_values_that_are_nested_deeply(depth: int) -> None:
    """They do not end the report; what is too deep is masked."""
    machine = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    value: Any = "s3cret-s3cret"
    for _ in range(depth):
        value = [value]
    document = run_document("a", [Recorded(Program("a", machine), execute(machine, value))])
    page = report_page(document)
    assert ("s3cret-s3cret" in page) == (depth < 200)
    assert document["runs"][0]["status"] == "SUCCEEDED"


def test_the_same_run_makes_the_same_document() -> None:
    first, second = (run_document("shop", [recorded({"lines": ["a"]})]) for _ in range(2))
    assert json.dumps(first) == json.dumps(second)
