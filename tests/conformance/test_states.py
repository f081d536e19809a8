"""Every recorded call of the TestState API, made here: what the state came to, and the data between its fields."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowgen.local import StateTest, test_state
from tests.conformance.behaviours import task_of
from tests.conformance.comparison import Comparison, with_cause_json


def test_recorded_state(
    state_case: dict[str, Any], request: pytest.FixtureRequest, known_failures: dict[str, str]
) -> None:
    """The state comes to what AWS was recorded to make of it."""
    request.node.user_properties.append(("group", state_case["group"]))
    problem = problem_of(state_case, run(state_case))
    if state_case["id"] in known_failures:
        assert problem is not None, "the case passes: take it off the list of known failures"
        pytest.xfail(known_failures[state_case["id"]])
    assert problem is None, problem


def run(case: dict[str, Any]) -> StateTest:
    """The state of a case, tested."""
    return test_state(
        case["definition"],
        case["input"],
        state_name=case.get("state_name"),
        context=case.get("context"),
        variables=case.get("variables"),
        mock=case.get("mock"),
        configuration=case.get("state_configuration"),
        tasks={name: task_of(behaviour) for name, behaviour in case["tasks"].items()},
    )


def problem_of(case: dict[str, Any], result: StateTest) -> str | None:
    """What is different from the recording, or None."""
    expected = case["expected"]
    comparison = Comparison(case["volatile"]["placeholders"], set(case["volatile"]["ignore_keys"]))
    actual: dict[str, Any] = {"status": result.status}
    if "output" in expected:
        actual["output"] = result.output
    told = {"error": result.error, "cause": result.cause, "next_state": result.next_state}
    actual |= {name: text for name, text in told.items() if text is not None}
    if "inspection" in expected:
        actual["inspection"] = result.inspection
    actual = with_cause_json(expected, actual)
    if comparison.same(expected, actual):
        return None
    return f"result\n  expected {json.dumps(expected)}\n  got      {json.dumps(actual)}"
