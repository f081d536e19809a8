"""Every recorded execution, run here: how it ended, and its history as far as its order can be relied on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowgen.local import Execution, execute
from flowgen.local.frame import Identity
from tests.conformance.behaviours import replay, task_of
from tests.conformance.comparison import Comparison, event_problem, flattened, with_cause_json

REPLAYED_EVENTS = ("StateEntered", "StateExited", "ExecutionStarted", "ExecutionSucceeded", "ExecutionFailed")


def test_recorded_execution(
    execution_case: dict[str, Any], request: pytest.FixtureRequest, known_failures: dict[str, str]
) -> None:
    """The execution ends, and went, as AWS was recorded to let it end and go."""
    request.node.user_properties.append(("group", execution_case["group"]))
    problem = problem_of(execution_case, run(execution_case))
    if execution_case["id"] in known_failures:
        assert problem is not None, "the case passes: take it off the list of known failures"
        pytest.xfail(known_failures[execution_case["id"]])
    assert problem is None, problem


def run(case: dict[str, Any]) -> Execution:
    """The execution of a case."""
    machine_type = case.get("machine_type", "STANDARD")
    synchronous = case["id"].endswith("#start_execution_sync_response")
    return execute(
        case["definition"],
        case["input"],
        tasks={name: task_of(behaviour) for name, behaviour in case["tasks"].items()},
        s3_objects=dict(case.get("s3_objects", {})),
        machine_type=machine_type,
        identity=Identity(machine_type=machine_type, synchronous=synchronous),
        mock=replay(case["tasks_by_state"]) if "tasks_by_state" in case else None,
    )


def problem_of(case: dict[str, Any], execution: Execution) -> str | None:
    """What is different from the recording, or None."""
    expected = dict(case["expected"])
    comparison = Comparison(case["volatile"]["placeholders"], set(case["volatile"]["ignore_keys"]))
    events, order = expected.pop("events", None), expected.pop("events_order", None)
    actual = with_cause_json(expected, _result(execution))
    if not comparison.same(expected, actual):
        return f"result\n  expected {json.dumps(expected)}\n  got      {json.dumps(actual)}"
    if events is None:
        return None
    found = flattened(execution.history)
    if "tasks_by_state" in case:
        events, found = _replayed(events), _replayed(found)
        order = "unordered"
    return event_problem(events, found, order, comparison)


def _result(execution: Execution) -> dict[str, Any]:
    result: dict[str, Any] = {"status": execution.status}
    if execution.status == "SUCCEEDED":
        result["output"] = execution.output
    told = {"error": execution.error, "cause": execution.cause}
    return result | {name: text for name, text in told.items() if text is not None}


def _replayed(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is compared of an execution whose task results were played back."""
    kept = [event for event in events if event["type"].endswith(REPLAYED_EVENTS)]
    return kept + [
        {"type": event["type"], "parameters": event["parameters"]}
        for event in events
        if event["type"] == "TaskScheduled"
    ]
