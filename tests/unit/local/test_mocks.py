"""Mocks by rules."""

from __future__ import annotations

import math
from typing import Any

import pytest

from flowgen.local import execute
from flowgen.local.mocks import NEVER, Mocks, Outcome, Rule, is_part
from flowgen.local.runtime_types import Request

JSON = Any


def request(state: str, attempt: int = 0, arguments: JSON = None, resource: str = "r") -> Request:
    return Request(state, resource, attempt, arguments, None)


def mocks(**rules: tuple[Rule, ...]) -> Mocks:
    return Mocks(rules, lambda request: request.arguments)


@pytest.mark.parametrize(
    ("part", "value", "holds"),
    [
        ({}, {"a": 1}, True),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, True),
        ({"a": {"b": 1}}, {"a": {"c": 2}}, False),
        ({"a": 1}, None, False),
        ([1], [1, 2], False),
        ([{}], [{"a": 1}], True),
        (1, 1.0, True),
        (1, True, False),
        (None, None, True),
        ("1", 1, False),
    ],
)
def test_parts(part: JSON, value: JSON, holds: bool) -> None:  # noqa: FBT001 - a column
    """An object has the members of its part, a list is equal item by item, a boolean is not a number."""
    assert is_part(part, value) is holds


def test_the_first_rule_that_applies_counts() -> None:
    """Conditions are looked at in the order in which they are."""
    first, second, third = Outcome("a"), Outcome("b"), Outcome("c")
    rules = mocks(S=(Rule(first, when={"n": 1}), Rule(second, attempts=frozenset({2})), Rule(third)))
    found = [rules(request("S", attempt, {"n": n})) for n, attempt in ((1, 0), (2, 0), (2, 1), (1, 1))]
    assert [rule and rule.outcome for rule in found] == [first, third, second, first]


def test_visits_are_counted_by_state() -> None:
    """Retries belong to their visit; another state has its own count."""
    rules = mocks(S=(Rule(Outcome(1), visits=frozenset({2})),), T=(Rule(Outcome(2), visits=frozenset({1})),))
    asked = [
        rules(request("S")),
        rules(request("S", 1)),
        rules(request("T")),
        rules(request("S")),
        rules(request("S", 1)),
    ]
    assert [rule is not None for rule in asked] == [False, False, True, True, True]


def test_rules_may_be_for_functions_and_resources() -> None:
    """A rule under a resource or the name of a function is for every state that calls it, unless it has its own."""
    rules = Mocks({"r": (Rule(Outcome(1)),), "fn": (Rule(Outcome(2)),), "Own": (Rule(Outcome(3)),)}, lambda _: None)
    asked = [
        rules(request("A")),
        rules(request("B", resource="lambda", arguments={"FunctionName": "fn"})),
        rules(request("Own")),
        rules(request("C", resource="other")),
    ]
    assert [rule.outcome.value if rule and rule.outcome else None for rule in asked] == [1, 2, 3, None]


INVOKE = {
    "QueryLanguage": "JSONata",
    "StartAt": "A",
    "States": {
        "A": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Arguments": {"FunctionName": "f", "Payload": 1},
            "TimeoutSeconds": 60,
            "Output": "{% $states.result.Payload %}",
            "End": True,
        }
    },
}


def test_a_mock_of_a_function_gives_what_it_returns() -> None:
    """The response of `lambda:invoke` is made around the value, unless the whole response is given."""
    assert execute(INVOKE, mock=lambda _: Outcome("value").task).output == "value"
    assert execute(INVOKE, mock=lambda _: Outcome({"Payload": "raw"}, whole=True).task).output == "raw"


def test_outcomes_take_their_time() -> None:
    """A delay passes before the value or the error; what never answers runs into the timeout."""
    assert execute(INVOKE, mock=lambda _: Outcome(1, seconds=59).task).elapsed == 59
    failed = execute(INVOKE, mock=lambda _: Outcome(error="E", cause="why", seconds=3).task)
    assert (failed.error, failed.cause, failed.elapsed) == ("E", "why", 3)
    never = execute(INVOKE, mock=lambda _: NEVER.task)
    assert (never.error, never.elapsed, math.isinf(NEVER.seconds)) == ("States.Timeout", 60, True)
