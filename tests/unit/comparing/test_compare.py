"""`compare` finds each change of behavior, and no other."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from flowgen.comparing import compare

LAMBDA = "arn:aws:lambda:us-east-1:111111111111:function"

ORDER: dict[str, Any] = {
    "StartAt": "Check",
    "States": {
        "Check": {
            "Type": "Task",
            "Resource": f"{LAMBDA}:check",
            "Parameters": {"order.$": "$.order.id", "amount.$": "$.order.amount"},
            "ResultPath": "$.checked",
            "Retry": [{"ErrorEquals": ["Lambda.TooManyRequestsException"], "IntervalSeconds": 2, "MaxAttempts": 3}],
            "Catch": [{"ErrorEquals": ["CheckError"], "ResultPath": "$.error", "Next": "Refused"}],
            "Next": "Decide",
        },
        "Decide": {
            "Type": "Choice",
            "Choices": [
                {
                    "And": [
                        {"Variable": "$.checked.state", "StringEquals": "GOOD"},
                        {"Variable": "$.order.amount", "NumericGreaterThan": 1000},
                    ],
                    "Next": "Ask",
                },
                {"Variable": "$.checked.state", "StringEquals": "GOOD", "Next": "Charge"},
            ],
            "Default": "Refused",
        },
        "Ask": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": {"QueueUrl": "queue", "MessageBody": {"token.$": "$$.Task.Token", "order.$": "$.order"}},
            "TimeoutSeconds": 3600,
            "ResultPath": None,
            "Next": "Charge",
        },
        "Charge": {
            "Type": "Map",
            "ItemsPath": "$.order.lines",
            "ItemProcessor": {
                "StartAt": "Reserve",
                "States": {
                    "Reserve": {"Type": "Task", "Resource": f"{LAMBDA}:reserve", "Next": "Wait"},
                    "Wait": {"Type": "Wait", "Seconds": 5, "End": True},
                },
            },
            "End": True,
        },
        "Refused": {"Type": "Fail", "Error": "Refused", "Cause": "not good"},
    },
}


def test_a_machine_equals_itself() -> None:
    found = compare(ORDER, ORDER, runs=60)
    assert found.equal
    assert found.runs == 60


def test_every_state_rule_and_catcher_is_reached() -> None:
    found = compare(ORDER, ORDER, runs=100)
    assert found.unreached == ()
    assert found.reached == found.parts == 7 + 3 + 1


def test_the_names_of_states_and_the_order_of_keys_do_not_matter() -> None:
    assert compare(ORDER, _renamed(ORDER), runs=60).equal


def _renamed(value: Any, field: str = "") -> Any:
    """The machine with ` 2` after each state's name, and with its keys in reverse order."""
    if isinstance(value, list):
        return [_renamed(item) for item in value]
    if isinstance(value, dict):
        suffix = " 2" if field == "States" else ""
        return {f"{key}{suffix}": _renamed(member, key) for key, member in reversed(value.items())}
    return f"{value} 2" if field in {"Next", "Default", "StartAt"} else value


@pytest.mark.parametrize(
    ("path", "value", "kind"),
    [
        (("Check", "Parameters", "amount.$"), "$.order.id", "calls"),
        (("Check", "Retry", 0, "MaxAttempts"), 2, "calls"),
        (("Check", "Retry", 0, "IntervalSeconds"), 3, "time"),
        (("Check", "Catch", 0, "ErrorEquals"), ["OtherError"], "status"),
        (("Check", "ResultPath"), "$", "status"),
        (("Decide", "Choices", 0, "And", 1, "NumericGreaterThan"), 1001, "calls"),
        (("Decide", "Choices", 1, "StringEquals"), "BAD", "calls"),
        (("Decide", "Default"), "Charge", "calls"),
        (("Ask", "TimeoutSeconds"), 60, "time"),
        (("Charge", "ItemProcessor", "States", "Wait", "Seconds"), 6, "elapsed"),
        (("Charge", "ItemsPath"), "$.order.other", "calls"),
        (("Refused", "Error"), "Other", "error"),
        (("Refused", "Cause"), "bad", "cause"),
    ],
)
def test_a_change_is_found(path: tuple[str | int, ...], value: Any, kind: str) -> None:
    changed = copy.deepcopy(ORDER)
    place: Any = changed["States"]
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    found = compare(ORDER, changed, runs=100)
    assert found.difference is not None
    # A change shows in more than one way; the smallest counterexample shows one of them.
    assert found.difference.kind in {kind, "calls", "status", "elapsed", "error"}


def test_a_function_is_the_same_however_it_is_called() -> None:
    direct = _single({"Type": "Task", "Resource": f"{LAMBDA}:send", "End": True})
    invoked = _single(
        {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "${SendArn}", "Payload.$": "$"},
            "OutputPath": "$.Payload",
            "End": True,
        }
    )
    assert not compare(direct, invoked, runs=20).equal
    assert compare(direct, invoked, runs=20, names={"SendArn": "send"}).equal


def test_the_query_language_does_not_matter() -> None:
    jsonpath = _single(
        {
            "Type": "Task",
            "Resource": f"{LAMBDA}:send",
            "Parameters": {"to.$": "$.user.email"},
            "ResultPath": "$.sent",
            "End": True,
        }
    )
    jsonata = {
        "QueryLanguage": "JSONata",
        **_single(
            {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Arguments": {"FunctionName": "send", "Payload": {"to": "{% $states.input.user.email %}"}},
                "Output": "{% $merge([$states.input, {'sent': $states.result.Payload}]) %}",
                "End": True,
            }
        ),
    }
    assert compare(jsonpath, jsonata, runs=60, strict=True).equal


def test_what_follows_an_evaluation_error_of_the_original_counts_only_if_strict() -> None:
    fails = _single({"Type": "Pass", "Parameters": {"to.$": "$.email"}, "End": True})
    expression = "{% $exists($states.input.email) ? $states.input.email : 'nobody' %}"
    continues = {"QueryLanguage": "JSONata", **_single({"Type": "Pass", "Output": {"to": expression}, "End": True})}
    found = compare(fails, continues, runs=60)
    assert found.equal
    assert {difference.kind for difference in found.evaluation} == {"status"}
    assert not compare(fails, continues, runs=60, strict=True).equal
    assert not compare(continues, fails, runs=60).equal


def test_an_endless_loop_is_cut() -> None:
    loop = {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": f"{LAMBDA}:a", "Next": "A"}}}
    found = compare(loop, loop, runs=5)
    assert found.equal
    assert found.cut > 0


def test_a_counterexample_is_small() -> None:
    changed = copy.deepcopy(ORDER)
    changed["States"]["Charge"]["ItemProcessor"]["States"]["Wait"]["Seconds"] = 6
    found = compare(ORDER, changed, runs=100).difference
    assert found is not None
    assert found.input["order"]["lines"] in (["a"], [])
    assert [call.key for call in found.left.calls] == ["function check", "function reserve"]


def _single(state: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": "Only", "States": {"Only": state}}


def test_an_integration_may_name_its_region_and_account() -> None:
    short = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": True}
    long = {**short, "Resource": "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:sqs:sendMessage"}
    assert compare(_single(short), _single(long), runs=20).equal
