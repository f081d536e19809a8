"""Types are inferred from what states read, from AWS's models, from examples and from histories."""

from __future__ import annotations

from typing import Any

import pytest

from flowgen.aws.api import has_models
from flowgen.importing.inferred_types import Contract, Unknown, infer_types
from flowgen.local import execute

PAY: dict[str, Any] = {
    "QueryLanguage": "JSONata",
    "StartAt": "method",
    "States": {
        "method": {
            "Type": "Choice",
            "Choices": [
                {"Condition": "{% $states.input.method = 'card' %}", "Next": "charge"},
                {"Condition": "{% $states.input.method = 'invoice' %}", "Next": "send"},
            ],
            "Default": "unknown",
        },
        "charge": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Arguments": {
                "FunctionName": "${Charge}",
                "Payload": {"number": "{% $states.input.number %}", "cents": "{% $states.input.cents + 0 %}"},
            },
            "Assign": {"receipt": "{% $states.result.Payload.receipt %}"},
            "Output": "{% $states.result.Payload.accepted = true ? 1 : 2 %}",
            "End": True,
        },
        "send": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "Arguments": {
                "QueueUrl": "{% $states.input.queue %}",
                "MessageBody": {"lines": "{% $states.input.lines.sku %}", "cents": "{% $states.input.cents %}"},
            },
            "End": True,
        },
        "unknown": {"Type": "Fail", "Error": "UnknownMethod"},
    },
}


def test_a_choice_on_a_literal_field_is_a_tagged_union() -> None:
    found = infer_types(PAY)
    assert found.input == "Input"
    assert found.types["Input"] == {"one_of": {"card": "InputCard", "invoice": "InputInvoice"}, "tag": "method"}
    assert found.types["InputCard"]["fields"] == {"method": ["card"], "number": "any", "cents": "number"}
    assert set(found.types["InputInvoice"]["fields"]) == {"method", "queue", "lines", "cents"}


def test_a_function_gets_a_contract() -> None:
    found = infer_types(PAY)
    assert found.functions == {"Charge": Contract("ChargeInput", "ChargeOutput")}
    assert found.types["ChargeOutput"]["fields"] == {"receipt": "any", "accepted": "boolean"}
    assert found.types["ChargeInput"]["fields"] == {"number": "any", "cents": "number"}


def test_what_remains_unknown_is_listed_with_what_settles_it() -> None:
    found = infer_types(PAY)
    assert Unknown("input.number", "an example input") in found.unknown
    assert Unknown("Charge.output.receipt", "a recorded history") in found.unknown


@pytest.mark.skipif(not has_models(), reason="needs botocore")
def test_arguments_of_aws_calls_have_the_types_of_its_models() -> None:
    assert infer_types(PAY).types["InputInvoice"]["fields"]["queue"] == "string"


def test_examples_give_types_and_optional_fields() -> None:
    examples = [
        {"method": "card", "number": "4711", "cents": 100},
        {"method": "invoice", "queue": "q", "cents": 5, "lines": [{"sku": "A"}], "note": None},
    ]
    found = infer_types({**PAY, "StartAt": "charge"}, examples)
    assert found.types["Input"]["fields"] == {
        "method": "string",
        "number?": "string",
        "cents": "number",
        "queue?": "string",
        "lines?": "InputLinesItem[]",
        "note?": "any",
    }


def test_histories_give_the_types_of_inputs_and_results() -> None:
    answered = execute(
        PAY,
        {"method": "card", "number": "4711", "cents": 3},
        mock=lambda _request: lambda *_arguments: {"Payload": {"receipt": "R-1", "accepted": True}},
    )
    assert answered.status == "SUCCEEDED"
    found = infer_types(PAY, histories=[answered.events])
    assert found.types["ChargeOutput"]["fields"] == {"receipt": "string", "accepted": "boolean"}
    assert found.types["InputCard"]["fields"]["number"] == "string"


def test_inferring_twice_gives_the_same() -> None:
    assert infer_types(PAY) == infer_types(PAY)


def test_names_of_types_have_at_most_sixty_characters() -> None:
    machine: Any = {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": f"${{{'Very' * 20}}}", "End": True}}}
    found = infer_types(machine, [{"outer": {"middle" * 6: {"inner" * 6: {"a": 1}}}}])
    assert all(len(name) <= 60 for name in found.types)
    assert found.functions == {"Very" * 20: Contract("Input", "any")}
