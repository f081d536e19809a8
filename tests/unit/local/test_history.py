"""The history in the form of GetExecutionHistory."""

from __future__ import annotations

from datetime import UTC, datetime

from flowgen.local import execute
from flowgen.local.history import iso_time


def test_events_have_the_form_of_the_api() -> None:
    """Ids count from 1, values are JSON texts, each kind of event has its own details."""
    definition = {
        "QueryLanguage": "JSONata",
        "StartAt": "A",
        "States": {"A": {"Type": "Pass", "Assign": {"x": [1]}, "Output": {"é": 1}, "End": True}},
    }
    history = execute(definition, {"n": 1}, start=datetime(2025, 6, 1, tzinfo=UTC)).history
    base = {"timestamp": "2025-06-01T00:00:00.000Z"}
    assert history == [
        {
            **base,
            "type": "ExecutionStarted",
            "id": 1,
            "previousEventId": 0,
            "executionStartedEventDetails": {
                "input": '{"n":1}',
                "inputDetails": {"truncated": False},
                "roleArn": "arn:aws:iam::111111111111:role/StepFunctionsRole",
            },
        },
        {
            **base,
            "type": "PassStateEntered",
            "id": 2,
            "previousEventId": 0,
            "stateEnteredEventDetails": {"name": "A", "input": '{"n":1}', "inputDetails": {"truncated": False}},
        },
        {
            **base,
            "type": "PassStateExited",
            "id": 3,
            "previousEventId": 2,
            "stateExitedEventDetails": {
                "name": "A",
                "output": '{"é":1}',
                "outputDetails": {"truncated": False},
                "assignedVariables": {"x": "[1]"},
                "assignedVariablesDetails": {"truncated": False},
            },
        },
        {
            **base,
            "type": "ExecutionSucceeded",
            "id": 4,
            "previousEventId": 3,
            "executionSucceededEventDetails": {"output": '{"é":1}', "outputDetails": {"truncated": False}},
        },
    ]


def test_times_of_events_are_virtual() -> None:
    """A wait of a day lies between the events around it."""
    definition = {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 86_400.5, "End": True}}}
    times = [event["timestamp"] for event in execute(definition, {}).history]
    assert times[1:3] == ["2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.500Z"]


def test_times_as_the_service_writes_them() -> None:
    """Milliseconds and a Z."""
    assert iso_time(datetime(2024, 2, 28, tzinfo=UTC), 86_400.25) == "2024-02-29T00:00:00.250Z"
