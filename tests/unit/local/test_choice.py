"""Which Output and Assign of a Choice state count (States Language, "Choice State" for JSONata)."""

from __future__ import annotations

from typing import Any

import pytest

from flowgen.local import execute

JSON = Any


def machine(rule: JSON, **fields: JSON) -> JSON:
    choice = {
        "Type": "Choice",
        "Choices": [{"Condition": "{% $states.input.n = 1 %}", "Next": "End", **rule}],
        **fields,
    }
    tell = {"Type": "Pass", "Output": {"input": "{% $states.input %}", "v": "{% $exists($v) ? $v : 'none' %}"}}
    return {
        "QueryLanguage": "JSONata",
        "StartAt": "Choose",
        "States": {"Choose": {**choice, "Default": "End"}, "End": {**tell, "End": True}},
    }


STATE = {"Output": "{% 'of the state' %}", "Assign": {"v": "of the state"}}
RULE = {"Output": "{% 'of the rule' %}", "Assign": {"v": "of the rule"}}


@pytest.mark.parametrize(
    ("rule", "fields", "n", "output", "variable"),
    [
        (RULE, STATE, 1, "of the rule", "of the rule"),
        (RULE, STATE, 2, "of the state", "of the state"),
        ({}, STATE, 1, {"n": 1}, "none"),
        ({}, {}, 1, {"n": 1}, "none"),
        ({}, {}, 2, {"n": 2}, "none"),
        ({"Assign": {"v": "of the rule"}}, STATE, 1, {"n": 1}, "of the rule"),
    ],
)
def test_a_rule_has_its_own(rule: JSON, fields: JSON, n: int, output: JSON, variable: str) -> None:
    """A chosen rule without Output passes the state's input on; the state's own fields are for its default."""
    execution = execute(machine(rule, **fields), {"n": n})
    assert execution.output == {"input": output, "v": variable}
