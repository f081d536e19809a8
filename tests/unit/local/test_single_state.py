"""Single states under test."""

from __future__ import annotations

from typing import Any

import pytest

from flowgen.local import test_state
from flowgen.local.failures import InvalidDefinition

TASK = {
    "Type": "Task",
    "QueryLanguage": "JSONata",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Arguments": {"FunctionName": "f"},
    "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 3, "MaxAttempts": 2}],
    "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Handle"}],
    "Next": "After",
}


def error(name: str) -> dict[str, Any]:
    return {"error_output": {"error": name, "cause": "c"}}


def test_a_mocked_result_flows_through_the_fields() -> None:
    """The mock stands for the call's result."""
    result = test_state(
        {**TASK, "Output": "{% $states.result.n + $v %}"}, {}, mock={"result": {"n": 1}}, variables={"v": 2}
    )
    assert (result.status, result.output, result.next_state) == ("SUCCEEDED", 3, "After")
    assert result.inspection == {
        "input": {},
        "afterArguments": {"FunctionName": "f"},
        "result": {"n": 1},
        "variables": {"v": 2},
    }


@pytest.mark.parametrize(
    ("name", "used", "status", "details"),
    [
        ("Busy", 0, "RETRIABLE", {"retryIndex": 0, "retryBackoffIntervalSeconds": 3}),
        ("Busy", 1, "RETRIABLE", {"retryIndex": 0, "retryBackoffIntervalSeconds": 6}),
        ("Busy", 2, "CAUGHT_ERROR", {"retryIndex": 0, "catchIndex": 0}),
        ("Other", 0, "CAUGHT_ERROR", {"catchIndex": 0}),
    ],
)
def test_what_would_be_retried_is_reported(name: str, used: int, status: str, details: dict[str, Any]) -> None:
    """Nothing is retried; the retrier, its wait, or the catcher are reported."""
    result = test_state(TASK, {}, mock=error(name), configuration={"retrierRetryCount": used})
    assert (result.status, result.error) == (status, name)
    assert result.inspection["errorDetails"] == details


def test_a_state_is_found_in_its_machine() -> None:
    """Also inside of Map and Parallel states."""
    inner = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}
    machine = {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": inner, "End": True}}}
    assert test_state(machine, 1, state_name="I").output == 1
    with pytest.raises(InvalidDefinition):
        test_state(machine, 1, state_name="X")


def test_tasks_are_called_without_a_mock() -> None:
    """A state under test may call what stands for its function."""
    result = test_state(TASK, {}, tasks={"f": lambda _: 5})
    assert result.output["Payload"] == 5


def test_variables_after_the_state() -> None:
    """Those that were given and those that the state, or its catcher, assigns."""
    state = {"Type": "Pass", "QueryLanguage": "JSONata", "Assign": {"v": "{% $v + 1 %}", "w": "x"}, "End": True}
    assert test_state(state, {}, variables={"v": 1, "u": 0}).inspection["variables"] == {"u": 0, "v": 2, "w": "x"}
    caught = {**TASK, "Catch": [{"ErrorEquals": ["States.ALL"], "Assign": {"why": "c"}, "Next": "H"}]}
    assert test_state(caught, {}, mock=error("Other")).inspection["variables"] == {"why": "c"}
    assert "variables" not in test_state(TASK, {}, mock={"result": 1}).inspection


@pytest.mark.parametrize("fields", [{}, {"InputPath": "$.a", "ResultPath": "$.r"}])
def test_a_parallel_state_shows_its_result_only(fields: dict[str, Any]) -> None:
    """Not what it works on, unlike a Map state."""
    branch = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    state = {"Type": "Parallel", "Branches": [branch, branch], "End": True, **fields}
    result = test_state(state, {"a": 1}, mock={"result": [1, 2]})
    assert result.inspection.keys() == {"input", "afterResultSelector", "afterResultPath"}


def test_a_map_state_shows_what_its_iterations_get() -> None:
    """The items behind ItemSelector, whose context has the item, also where a context object is given."""
    inner = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    selector = {"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value", "m.$": "$$.StateMachine.Name"}
    state = {"Type": "Map", "ItemProcessor": inner, "ItemSelector": selector, "End": True}
    context = {"StateMachine": {"Name": "mine"}}
    result = test_state(state, ["a"], mock={"result": ["b"]}, context=context)
    assert result.inspection["afterItemSelector"] == [{"i": 0, "v": "a", "m": "mine"}]


@pytest.mark.parametrize(
    ("context", "problem"),
    [
        ({"Map": {}}, "'Map' field is not supported when mocking a Context object"),
        ({"Pokedex": {}}, "Field 'Pokedex' is not allowed"),
        ({"Execution": {"pokemon": 1}}, "Field 'pokemon' is not allowed"),
        ({"Execution": {"Id": 1}}, "Execution.Id must be a string"),
        ({"State": {"RetryCount": "1"}}, "State.RetryCount must be a number"),
        ({"Execution": 1}, "Execution must be an object"),
    ],
)
def test_context_objects_that_the_api_rejects(context: dict[str, Any], problem: str) -> None:
    """With the words that it has for them."""
    with pytest.raises(InvalidDefinition) as refused:
        test_state({"Type": "Pass", "End": True}, {}, context=context)
    assert refused.value.message == f"Invalid Context object provided: {problem}"


def test_a_context_object_may_be_empty() -> None:
    """It takes the place of the whole context object."""
    state = {"Type": "Pass", "Parameters": {"c.$": "$$"}, "End": True}
    contexts: list[dict[str, Any]] = [{}, {"Execution": {}, "State": {}, "StateMachine": {}}]
    for context in contexts:
        assert test_state(state, {}, context=context).output == {"c": context}
