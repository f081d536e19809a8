"""The normal form of a machine makes the same calls with the same arguments, and returns the same result."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from flowgen.importing.normal_form import CannotNormalize, normalize
from flowgen.local import Execution, Task, TaskError, execute
from flowgen.local.runtime_types import Request

JSON = Any
_LAMBDA = "arn:aws:lambda:us-east-1:111111111111:function:"


def _machine(**states: JSON) -> dict[str, JSON]:
    return {"StartAt": next(iter(states)), "States": states}


def _task(following: str | None = None, **fields: JSON) -> dict[str, JSON]:
    end = {"End": True} if following is None else {"Next": following}
    return {"Type": "Task", "Resource": _LAMBDA + "work", **fields, **end}


def _pass(following: str | None = None, **fields: JSON) -> dict[str, JSON]:
    end = {"End": True} if following is None else {"Next": following}
    return {"Type": "Pass", **fields, **end}


def _run(
    definition: Mapping[str, JSON], data: JSON, results: Mapping[str, JSON]
) -> tuple[Execution, list[tuple[str, str]]]:
    """The execution and its calls. A result may be an exception, or a list with one result for each call."""
    calls: list[tuple[str, str]] = []

    def mock(request: Request) -> Task:
        calls.append((request.state, json.dumps(request.arguments, sort_keys=True)))
        result = results.get(request.state, {"echo": request.arguments})
        if isinstance(result, list):
            result = result[min(sum(state == request.state for state, _ in calls), len(result)) - 1]

        def answer(*_: JSON) -> JSON:
            if isinstance(result, Exception):
                raise result
            return result

        return Task(answer)

    return execute(definition, data, mock=mock), calls


LOOP = _machine(
    Init=_pass("Check", Result=0, ResultPath="$.count"),
    Check={
        "Type": "Choice",
        "Choices": [{"Variable": "$.count", "NumericLessThan": 3, "Next": "Work"}],
        "Default": "Done",
    },
    Work=_task("Add", ResultPath="$.last", Parameters={"n.$": "$.count", "last.$": "$.input"}),
    Add=_pass("Check", Parameters={"n.$": "States.MathAdd($.count, 1)", "old.$": "$.count"}, ResultPath="$.step"),
    Done={"Type": "Succeed"},
)
LOOP["States"]["Add"]["Next"] = "Move"
LOOP["States"]["Move"] = _pass("Check", InputPath="$.step.n", ResultPath="$.count")

CATCH = _machine(
    First=_task(
        "Second",
        ResultPath="$.first",
        Catch=[{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Second"}],
    ),
    Second={
        "Type": "Choice",
        "Choices": [{"Variable": "$.error", "IsPresent": True, "Next": "Report"}],
        "Default": "Whole",
    },
    Report=_task("Whole", Parameters={"cause.$": "$.error.Cause", "all.$": "$"}, ResultPath=None),
    Whole=_pass(),
)

SWAP = _machine(
    A=_pass("B", Parameters={"x.$": "$.a", "y.$": "$.b", "n": 0}),
    B={"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": 2, "Next": "C"}], "Default": "Swap"},
    Swap=_pass("B", Parameters={"x.$": "$.y", "y.$": "$.x", "n.$": "States.MathAdd($.n, 1)"}),
    C=_task(),
)

MAP = _machine(
    Each={
        "Type": "Map",
        "ItemsPath": "$.items",
        "ItemSelector": {"item.$": "$$.Map.Item.Value", "at.$": "$$.Map.Item.Index", "all.$": "$.name"},
        "ItemProcessor": _machine(
            One=_task("Two", ResultPath="$.one"),
            Two=_pass(Parameters={"both.$": "States.Format('{}-{}', $.item, $.all)", "one.$": "$.one"}),
        ),
        "ResultPath": "$.made",
        "Next": "Fork",
    },
    Fork={
        "Type": "Parallel",
        "Branches": [
            _machine(Left=_task(Parameters={"n.$": "$.made[0].both"})),
            _machine(Right=_pass("Last", Result={"r": 1}, ResultPath="$.extra"), Last=_pass()),
        ],
        "ResultSelector": {"left.$": "$[0]", "right.$": "$[1].extra"},
        "End": True,
    },
)

MERGE = {
    "QueryLanguage": "JSONata",
    **_machine(
        A={
            "Type": "Task",
            "Resource": _LAMBDA + "work",
            "Arguments": {"x": "{% $states.input.a.b %}"},
            "Output": "{% $merge([$states.input, {'made': $states.result.echo}]) %}",
            "Next": "B",
        },
        B={
            "Type": "Choice",
            "Choices": [{"Condition": "{% $exists($states.input.made.y) %}", "Next": "D"}],
            "Default": "C",
        },
        C={"Type": "Pass", "Assign": {"kept": "{% $states.input.made %}"}, "Next": "D"},
        D={"Type": "Pass", "Output": "{% {'all': $states.input, 'x': $states.input.made.x} %}", "End": True},
    ),
}

SAME: dict[str, tuple[dict[str, JSON], JSON, dict[str, JSON]]] = {
    "loop with a counter": (LOOP, {"input": "i"}, {}),
    "caught error": (CATCH, {"a": 1}, {"First": TaskError("Boom", "because")}),
    "no error": (CATCH, {"a": 1}, {}),
    "an error in the input": (CATCH, {"error": {"Cause": "earlier"}}, {}),
    "values that change places": (SWAP, {"a": 1, "b": 2}, {}),
    "map and parallel": (MAP, {"items": ["p", "q"], "name": "n"}, {}),
    "map over nothing": (MAP, {"items": [], "name": "n"}, {}),
    "jsonata": (MERGE, {"a": {"b": 2}, "c": None}, {}),
    "nested result paths": (
        _machine(
            A=_task("B", ResultPath="$.a.b"),
            B=_task("C", ResultPath="$.a.c", InputPath="$.a"),
            C=_task(InputPath="$.a.b", OutputPath="$.echo"),
        ),
        {"a": {"z": 1}},
        {},
    ),
    "whole objects": (
        _machine(
            A=_task("B", ResultPath="$.r", ResultSelector={"v.$": "$.echo.k", "c": [1, "x"]}),
            B=_task("C", Parameters={"all.$": "$", "f.$": "$.list[?(@.n > 1)].n", "w.$": "$.list[*].n"}),
            C=_pass(),
        ),
        {"k": 1, "list": [{"n": 1}, {"n": 2}]},
        {},
    ),
    "loop to the first state": (
        _machine(
            A=_task("B", ResultPath="$.r"),
            B={
                "Type": "Choice",
                "Choices": [{"Variable": "$.r.again", "BooleanEquals": True, "Next": "A"}],
                "Default": "C",
            },
            C={"Type": "Succeed", "OutputPath": "$.r"},
        ),
        {},
        {"A": [{"again": True}, {"again": True}, {"again": False}]},
    ),
    "an index past the end": (
        _machine(A=_task(Parameters={"x.$": "$.l[2]", "y.$": "$.l[0].n"})),
        {"l": [{"n": 1}]},
        {},
    ),
    "error and cause from paths": (
        _machine(
            A=_task("F", Catch=[{"ErrorEquals": ["States.ALL"], "Next": "F"}]),
            F={"Type": "Fail", "ErrorPath": "$.Error", "CausePath": "States.Format('it: {}', $.Cause)"},
        ),
        {},
        {"A": TaskError("Boom", "because")},
    ),
}


@pytest.mark.parametrize("case", SAME)
def test_same_calls_and_result(case: str) -> None:
    """The machine and its normal form agree."""
    definition, data, results = SAME[case]
    normal = normalize(definition).definition
    expected, calls = _run(definition, data, results)
    found, normal_calls = _run(normal, data, results)
    assert normal_calls == calls
    assert (found.status, found.output, found.error, found.cause) == (
        expected.status,
        expected.output,
        expected.error,
        expected.cause,
    )


@pytest.mark.parametrize("case", SAME)
def test_variable_style(case: str) -> None:
    """Only a state that ends its machine has an Output, and the states keep their names."""
    definition = SAME[case][0]
    normal = normalize(definition).definition
    assert normal["QueryLanguage"] == "JSONata"
    assert set(definition["States"]) <= set(normal["States"])
    assert all("Output" not in state for state in normal["States"].values() if "Next" in state)
    assert "JSONPath" not in json.dumps(normal)


def test_readable_expressions() -> None:
    """A result is a variable named after its ResultPath, and paths read its members."""
    definition = _machine(
        GetOrder=_task("Charge", ResultPath="$.order"),
        Charge=_task(Parameters={"amount.$": "$.order.total", "customer.$": "$.customer.id"}),
    )
    states = normalize(definition).definition["States"]
    assert states["GetOrder"]["Assign"] == {"order": "{% $states.result %}"}
    assert states["Charge"]["Arguments"] == {
        "amount": "{% $order.total %}",
        "customer": "{% $states.context.Execution.Input.customer.id %}",
    }


def test_what_has_no_counterpart_is_named() -> None:
    """A path that JSONata cannot express is reported with its state and its place."""
    definition = _machine(A=_pass(Parameters={"x.$": "$.l[?(@.n subsetof [1])]"}))
    with pytest.raises(CannotNormalize) as caught:
        normalize(definition)
    assert (caught.value.note.state, caught.value.note.place) == ("A", "/States/A")
    assert "subsetof" in caught.value.note.text
