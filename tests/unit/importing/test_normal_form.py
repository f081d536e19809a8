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


def test_inserted_states_have_unique_names() -> None:
    """A loop to the first state of several machines inserts a state in each, if it has something to assign."""
    loop = _machine(
        A=_task("B", Parameters={"all.$": "$"}, ResultPath="$.r"),
        B={"Type": "Choice", "Choices": [{"Variable": "$.r", "IsString": True, "Next": "A"}], "Default": "C"},
        C={"Type": "Succeed"},
    )
    each = {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": loop, "End": True}
    definition = _machine(Fork={"Type": "Parallel", "Branches": [loop, _machine(Each=each)], "Next": "Start"})
    definition["States"]["Start"] = _pass()
    text = json.dumps(normalize(definition).definition)
    assert [text.count(f'"StartAt": "{name}"') for name in ("Start", "Start 2", "Start 3")] == [0, 1, 1]


def test_nothing_is_inserted_without_need() -> None:
    """A loop to the first state that carries nothing keeps its start."""
    definition = _machine(
        A=_task("B"),
        B={"Type": "Choice", "Choices": [{"Variable": "$.r", "IsString": True, "Next": "A"}], "Default": "C"},
        C={"Type": "Fail"},
    )
    definition["States"]["A"]["Parameters"] = {}
    normal = normalize(definition).definition
    assert (normal["StartAt"], list(normal["States"])) == ("A", ["A", "B", "C"])


def test_items_have_a_name() -> None:
    """The first state of an item processor assigns the item to a variable named after the items."""
    definition = _machine(
        Each={
            "Type": "Map",
            "ItemsPath": "$.orders",
            "ItemProcessor": _machine(One=_task("Two", ResultPath=None), Two=_pass(OutputPath="$.id")),
            "End": True,
        }
    )
    inner = normalize(definition).definition["States"]["Each"]["ItemProcessor"]["States"]
    assert inner["One"]["Assign"] == {"order": "{% $states.input %}"}
    assert inner["Two"]["Output"] == "{% $order.id %}"


def test_placeholders_stay() -> None:
    """Placeholders of a template are not braces of States.Format."""
    definition = _machine(A=_pass(Parameters={"arn.$": "States.Format('arn:{}:${Name}', $.account)"}))
    output = normalize(definition).definition["States"]["A"]["Output"]
    assert output == {"arn": "{% 'arn:' & $states.context.Execution.Input.account & ':${Name}' %}"}


def test_an_old_value_is_kept_under_its_own_name() -> None:
    """A value that another place still refers to is copied before its variable changes."""
    definition = _machine(
        A=_task("B", ResultPath="$.now"),
        B=_pass("C", InputPath="$.now", ResultPath="$.before"),
        C=_task("D", ResultPath="$.now", Parameters={"n": 2}),
        D=_pass(Parameters={"before.$": "$.before", "now.$": "$.now"}),
    )
    results = {"A": "first", "C": "second"}
    found, _ = _run(normalize(definition).definition, {}, results)
    assert found.output == {"before": "first", "now": "second"}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"Variable": "$.s", "StringEquals": "it's"}, '$states.context.Execution.Input.s = "it\'s"'),
        ({"Variable": "$.n", "NumericGreaterThanEquals": 3}, "$states.context.Execution.Input.n >= 3"),
        ({"Variable": "$.b", "BooleanEquals": False}, "$states.context.Execution.Input.b = false"),
        ({"Variable": "$.x", "IsNull": True}, "$states.context.Execution.Input.x = null"),
        ({"Variable": "$.x", "IsPresent": False}, "$not($exists($states.context.Execution.Input.x))"),
        ({"Variable": "$.x", "IsNumeric": True}, "$type($states.context.Execution.Input.x) = 'number'"),
        (
            {"Variable": "$.s", "StringMatches": "a\\*b*.log"},
            "$contains($string($states.context.Execution.Input.s), /^a\\*b[\\s\\S]*\\.log$/)",
        ),
        (
            {"Variable": "$.t", "TimestampLessThanPath": "$$.Execution.StartTime"},
            "$toMillis($states.context.Execution.Input.t) < $toMillis($states.context.Execution.StartTime)",
        ),
        (
            {
                "And": [
                    {"Variable": "$.a", "IsPresent": True},
                    {"Or": [{"Variable": "$.a", "NumericEquals": 1}, {"Not": {"Variable": "$.b", "IsString": True}}]},
                ]
            },
            (
                "$exists($states.context.Execution.Input.a) and ($states.context.Execution.Input.a = 1 or "
                "$not($type($states.context.Execution.Input.b) = 'string'))"
            ),
        ),
    ],
)
def test_choice_rules(rule: dict[str, JSON], expected: str) -> None:
    """Every kind of choice rule has its condition."""
    definition = _machine(
        A={"Type": "Choice", "Choices": [{**rule, "Next": "B"}], "Default": "B"}, B={"Type": "Succeed"}
    )
    condition = normalize(definition).definition["States"]["A"]["Choices"][0]["Condition"]
    assert condition == f"{{% {expected} %}}"


def test_many_states() -> None:
    """The document of a thousand states, each of which adds to it, stays manageable."""
    states = {f"S{number}": _task(f"S{number + 1}", ResultPath=f"$.r{number}", Parameters={}) for number in range(1000)}
    definition = _machine(**states, S1000=_pass())
    normal = normalize(definition).definition
    assert len(normal["States"]["S999"]["Assign"]) == 1
    assert normal["States"]["S1000"]["Output"].count("$r") == 1000
