"""Ids beyond 2^53 on their way through a whole execution: expressions, handlers, variables, loops and the history."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowgen.local import compile_machine, execute

DEFINITION: dict[str, Any] = {
    "QueryLanguage": "JSONata",
    "StartAt": "Assign",
    "States": {
        "Assign": {
            "Type": "Pass",
            "Assign": {"id": "{% $states.input.id %}", "many": "{% [1..200].{'id': $states.input.id} %}"},
            "Next": "Call",
        },
        "Call": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Arguments": {"FunctionName": "echo", "Payload": {"id": "{% $states.input.id %}"}},
            "Output": {"echoed": "{% $states.result.Payload.id %}", "found": "{% $count($many[id = $id]) %}"},
            "Next": "Compare",
        },
        "Compare": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $states.input.echoed = $id %}", "Next": "Each"}],
            "Default": "Different",
        },
        "Different": {"Type": "Fail"},
        "Each": {
            "Type": "Map",
            "Items": "{% [$states.input.echoed, $states.input.found] %}",
            "ItemProcessor": {
                "StartAt": "Text",
                "States": {
                    "Text": {"Type": "Pass", "Output": "{% [$states.input, 'id-' & $states.input] %}", "End": True}
                },
            },
            "End": True,
        },
    },
}


@pytest.mark.parametrize("given", [2**53 + 1, 2**63 - 1, -(2**63) + 1, 1234567890123456789, 2**53 - 1])
def test_ids_pass_unchanged(given: int) -> None:
    received: list[Any] = []

    def echo(event: dict[str, Any]) -> dict[str, Any]:
        received.append(event)
        return event

    execution = execute(compile_machine(DEFINITION), {"id": given}, tasks={"echo": echo})

    assert execution.output == [[given, f"id-{given}"], [200, "id-200"]]
    assert received == [{"id": given}]
    history = json.dumps(execution.history)
    assert str(given) in history
    assert "e+" not in history
