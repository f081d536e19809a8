"""Integers beyond 2^53, which a double can't hold, reach every place as they are (AWS keeps them up to 64 bits)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowgen.local import Task, execute
from flowgen.local.runtime_types import Request

JSON = Any

LARGE = 9_223_372_036_854_775_807
ARN = "arn:aws:states:us-east-1:111111111111:stateMachine:child"
FUNCTION = "arn:aws:lambda:us-east-1:111111111111:function:f"
CALL = {"Type": "Task", "Resource": FUNCTION, "End": True}
PASS = {"Type": "Pass", "End": True}
CHILD = {"StateMachineArn": ARN, "Input": {"n.$": "$.n"}}
DISTRIBUTED = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}


def alone(state: JSON) -> JSON:
    return {"StartAt": "S", "States": {"S": state}}


@pytest.mark.parametrize(
    ("state", "output"),
    [
        (PASS, {"n": LARGE}),
        ({**PASS, "Parameters": {"m.$": "$.n"}}, {"m": LARGE}),
        ({**PASS, "Result": LARGE}, LARGE),
        ({**PASS, "Parameters": {"t.$": "States.JsonToString($.n)"}}, {"t": str(LARGE)}),
        ({**PASS, "Parameters": {"n.$": f"States.StringToJson('{LARGE}')"}}, {"n": LARGE}),
        ({**PASS, "Parameters": {"a.$": "States.Array($.n)"}}, {"a": [LARGE]}),
        (CALL, {"n": LARGE}),
        ({"Type": "Parallel", "Branches": [alone(PASS)], "End": True}, [{"n": LARGE}]),
        ({"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": alone(PASS), "End": True}, [LARGE]),
        (
            {
                "Type": "Map",
                "ItemReader": {
                    "Resource": "arn:aws:states:::s3:getObject",
                    "ReaderConfig": {"InputType": "JSON"},
                    "Parameters": {"Bucket": "b", "Key": "k"},
                },
                "ItemProcessor": {**alone(PASS), "ProcessorConfig": DISTRIBUTED},
                "End": True,
            },
            [LARGE],
        ),
    ],
)
def test_states_keep_them(state: JSON, output: JSON) -> None:
    """In values, in JSON texts, and in the history."""
    given = {"n": LARGE, "items": [LARGE]} if "ItemsPath" in state else {"n": LARGE}
    execution = execute(alone(state), given, tasks={"f": lambda event: event}, s3_objects={"b/k": f"[{LARGE}]"})
    assert execution.output == output
    exited = execution.history[-1]["executionSucceededEventDetails"]
    assert json.loads(exited["output"]) == output


def test_choices_tell_them_apart() -> None:
    """Two integers that are one double are not equal."""
    for path, expected in ((f"{LARGE}", "Same"), (f"{LARGE - 1}", "Other")):
        choice = {"Variable": "$.n", "NumericEquals": json.loads(path), "Next": "Same"}
        states = {"S": {"Type": "Choice", "Choices": [choice], "Default": "Other"}, "Same": PASS, "Other": PASS}
        events = execute({"StartAt": "S", "States": states}, {"n": LARGE}).events
        assert events[-2].details["name"] == expected


def test_workflows_and_mocks_keep_them() -> None:
    """What a task starts, and what stands for its answer."""
    start = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "Parameters": CHILD}
    state = {**start, "OutputPath": "$.Output", "End": True}
    assert execute(alone(state), {"n": LARGE}, machines={ARN: alone(PASS)}).output == {"n": LARGE}

    def mock(request: Request) -> Task:
        assert request.arguments == {"n": LARGE}
        return Task(lambda _arguments: {"m": LARGE})

    assert execute(alone(CALL), {"n": LARGE}, mock=mock).output == {"m": LARGE}


def test_expressions_are_given_them() -> None:
    """A literal without an expression is not evaluated."""
    state = {"Type": "Pass", "QueryLanguage": "JSONata", "Output": {"n": LARGE}, "Assign": {"v": LARGE}, "End": True}
    execution = execute(alone(state), {})
    assert execution.output == {"n": LARGE}
    assert execution.events[-2].details["assignedVariables"] == {"v": LARGE}
