"""A run in a diagram: the status of each state, how often it was entered, its retries."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowgen.diagrams import StateRun, Status, structure_of_machine, svg, with_run
from flowgen.diagrams.layout import layout
from flowgen.local import execute
from flowgen.running import report
from flowgen.running.recorded import BadHistory
from flowgen.running.state_runs import read_state_runs, state_runs
from tests.drawings import faults

RETRY = [{"ErrorEquals": ["Busy"], "MaxAttempts": 2}]
MACHINE: dict[str, Any] = {
    "QueryLanguage": "JSONata",
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "Items": "{% [1, 2, 3] %}",
            "ItemProcessor": {
                "StartAt": "Flaky",
                "States": {"Flaky": {"Type": "Task", "Resource": "flaky", "Retry": RETRY, "End": True}},
            },
            "Next": "Guarded",
        },
        "Guarded": {
            "Type": "Task",
            "Resource": "broken",
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Handled"}],
            "Next": "Skipped",
        },
        "Skipped": {"Type": "Pass", "End": True},
        "Handled": {"Type": "Task", "Resource": "broken", "End": True},
    },
}


class Busy(Exception):  # noqa: N818 - the error's name
    """Fails a task."""


def history() -> str:
    """The history of a run in which `flaky` fails every other time, and `broken` always."""
    calls = iter(range(100))

    def flaky(_: Any) -> str:
        if next(calls) % 2 == 0:
            raise Busy
        return "ok"

    def broken(_: Any) -> str:
        raise Busy

    return report.history(execute(MACHINE, {}, tasks={"flaky": flaky, "broken": broken}))


def test_the_status_of_each_state() -> None:
    assert read_state_runs(history()) == {
        "Each": StateRun(Status.SUCCEEDED),
        "Flaky": StateRun(Status.SUCCEEDED, visits=3, retries=3),
        "Guarded": StateRun(Status.CAUGHT),
        "Handled": StateRun(Status.FAILED),
    }


def test_a_run_that_has_not_ended() -> None:
    """States that were entered and not left are running."""
    events = json.loads(history())["events"]
    entered = [event["type"] for event in events].index("TaskStateEntered")
    found = read_state_runs(json.dumps({"events": events[: entered + 1]}))
    assert found == {"Each": StateRun(Status.RUNNING), "Flaky": StateRun(Status.RUNNING)}


def test_no_events() -> None:
    assert state_runs(()) == {}


@pytest.mark.parametrize("text", ["{", "[1]", "{}", '{"events": 3}', '{"events": [{}]}', "[]", "null"])
def test_something_else_than_a_history(text: str) -> None:
    with pytest.raises(BadHistory):
        read_state_runs(text)


def test_the_diagram_shows_the_run() -> None:
    """In words as well as in color; states that were not entered are faint."""
    drawn = with_run(structure_of_machine(MACHINE), read_state_runs(history()))
    drawing = layout(drawn)
    assert faults(drawing) == []
    found = {node.box.state: node for node in drawing.nodes if node.box is not None and node.box.state is not None}
    texts = {name: node.lines[-1].text for name, node in found.items()}
    assert texts == {
        "Each": "✓ succeeded",
        "Flaky": "✓ succeeded, 3 visits, 3 retries",
        "Guarded": "↷ caught",
        "Handled": "✗ failed",
        "Skipped": "pass",
    }
    text = svg(drawn)
    assert 'class="node task status-failed" data-state="Handled"' in text
    assert 'class="node value status-not-entered" data-state="Skipped"' in text
