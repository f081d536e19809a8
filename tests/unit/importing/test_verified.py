"""Imported workflows behave like the state machines that they come from."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from flowgen.pipeline.importing import ImportedFile, import_file

LAMBDA = "arn:aws:states:::lambda:invoke"


def verified(states: dict[str, Any], language: str = "JSONPath") -> ImportedFile:
    """The workflow of a machine that starts with `A`, after 20 executions of both."""
    definition = {"QueryLanguage": language, "StartAt": "A", "States": states}
    return import_file("machine.asl.json", json.dumps(definition), "machine", runs=20)


def assert_same(found: ImportedFile) -> None:
    assert found.comparison is None, found.comparison
    assert found.verified.startswith("behaves like the state machine"), (found.verified, found.diagnostics)


def test_a_function_without_a_valid_name_is_the_one_that_its_parameter_names() -> None:
    task = {"Type": "Task", "Resource": LAMBDA, "Parameters": {"FunctionName": "<MY FUNCTION>", "Payload.$": "$"}}
    assert_same(verified({"A": {**task, "End": True}}))


def test_connections_are_those_of_the_state_machine() -> None:
    """Two connections with the same last word have two names."""

    def call(connection: str, **fields: Any) -> dict[str, Any]:
        arguments = {
            "ApiEndpoint": "https://example.com",
            "Method": "GET",
            "Authentication": {"ConnectionArn": connection},
        }
        resource = "arn:aws:states:::http:invoke"
        return {
            "Type": "Task",
            "Resource": resource,
            "Parameters": arguments,
            "OutputPath": "$.ResponseBody",
            **fields,
        }

    arn = "arn:aws:events:eu-west-1:111111111111:connection/shop/1"
    found = verified({"A": call("${ShopConnectionArn}", Next="B"), "B": call(arn, End=True)})
    assert_same(found)
    assert found.text is not None
    assert "connection: shop\n" in found.text
    assert "connection: shop_2\n" in found.text


@pytest.mark.parametrize(
    "field",
    [{"MaxConcurrency": "${limit}"}, {"ToleratedFailureCount": "${limit}"}, {"ToleratedFailurePercentage": "${limit}"}],
    ids=lambda field: next(iter(field)),
)
def test_a_placeholder_in_a_number_field_is_a_number(field: dict[str, Any]) -> None:
    """The workflow needs no ignored finding of the check for it."""
    distributed = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    processor = {
        "ProcessorConfig": distributed,
        "StartAt": "B",
        "States": {"B": {"Type": "Task", "Resource": "${Fn.Arn}", "End": True}},
    }
    found = verified({"A": {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": processor, **field, "End": True}})
    assert_same(found)
    assert found.text is not None
    assert "Limit: {Type: Number}" in found.text
    assert found.accepted == ()


def test_a_placeholder_among_arguments_is_text() -> None:
    """Fields of arguments may have the names of number fields."""
    arguments = {"FunctionName": "f", "Payload": {"MaxConcurrency": "${limit}"}}
    found = verified({"A": {"Type": "Task", "Resource": LAMBDA, "Parameters": arguments, "End": True}})
    assert found.text is not None
    assert "Limit: {Type: String}" in found.text


def test_a_number_may_also_be_part_of_a_text() -> None:
    """The parameter is a number, and the text contains its digits."""
    states = {
        "A": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.size", "NumericLessThan": "${limit}", "Next": "B"}],
            "Default": "C",
        },
        "B": {"Type": "Wait", "Seconds": "${limit}", "Next": "C"},
        "C": {
            "Type": "Task",
            "Resource": LAMBDA,
            "Parameters": {"FunctionName": "f", "Payload": {"limit": "${limit}", "note": "at most ${limit}"}},
            "End": True,
        },
    }
    found = verified(states)
    assert_same(found)
    assert found.text is not None
    assert "Limit: {Type: Number}" in found.text


@pytest.mark.parametrize("batched", [False, True], ids=["items", "batches"])
def test_a_task_without_parameters_receives_the_item(*, batched: bool) -> None:
    """A state without `Parameters` passes on its whole input, which may be an item or a batch of items."""
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "B",
        "States": {"B": {"Type": "Task", "Resource": "${Fn.Arn}", "End": True}},
    }
    batcher = {"ItemBatcher": {"MaxItemsPerBatch": 2, "BatchInput": {"from": "a"}}} if batched else {}
    found = verified({"A": {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": processor, **batcher, "End": True}})
    assert_same(found)
    assert not any(one.code == "FG811" for one in found.diagnostics)


def test_a_shared_handler_knows_the_error_of_each_catcher_of_a_loop() -> None:
    """All catchers assign the same text, so no catcher's value is older than another's."""
    catch = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.data", "Next": "Tell"}]

    def task(name: str, **fields: Any) -> dict[str, Any]:
        parameters = {"FunctionName": name, "Payload.$": "$"}
        return {"Type": "Task", "Resource": LAMBDA, "Parameters": parameters, "Catch": catch, **fields}

    states = {
        "A": task("a", ResultPath="$.a", Next="B"),
        "B": task("b", ResultPath="$.b", Next="C"),
        "C": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.b.Payload", "StringEquals": "done", "Next": "E"}],
            "Default": "D",
        },
        "D": task("d", ResultPath="$.d", Next="W"),
        "W": {"Type": "Wait", "Seconds": 5, "Next": "B"},
        "E": {"Type": "Succeed", "OutputPath": "$.b"},
        "Tell": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sns:publish",
            "Parameters": {"TopicArn": "t", "Message.$": "$.data.Cause"},
            "Next": "F",
        },
        "F": {"Type": "Fail", "Error": "Stopped"},
    }
    found = verified(states)
    assert_same(found)
    assert found.accepted == ()
    assert not any(one.code == "FG811" for one in found.diagnostics)


@pytest.mark.parametrize(
    ("errors", "raised"),
    [
        (["States.ALL"], {"error": "${ $error.Error }", "cause": "${ $error.Cause }"}),
        (["Invalid", "States.Timeout"], {"error": "${ $error.Error }", "cause": "${ $error.Cause }"}),
        (["Invalid"], "$error"),
    ],
    ids=["any", "reserved", "own"],
)
def test_an_error_that_a_state_raises_again_keeps_its_name(errors: list[str], raised: Any) -> None:
    """`fail: $error` gives another name to AWS's own errors, so it is only for those of the function."""
    catch = [{"ErrorEquals": errors, "ResultPath": "$.error", "Next": "B"}]
    parameters = {"FunctionName": "f", "Payload.$": "$"}
    found = verified(
        {
            "A": {"Type": "Task", "Resource": LAMBDA, "Parameters": parameters, "Catch": catch, "End": True},
            "B": {"Type": "Fail", "ErrorPath": "$.error.Error", "CausePath": "$.error.Cause"},
        }
    )
    assert_same(found)
    assert found.text is not None
    (step,) = yaml.safe_load(found.text)["steps"]
    assert step["catch"][0]["steps"][0]["fail"] == raised


def test_a_parameter_as_timeout_of_the_machine_is_a_listed_difference() -> None:
    parameters = {"FunctionName": "f", "Payload.$": "$"}
    states = {"A": {"Type": "Task", "Resource": LAMBDA, "Parameters": parameters, "TimeoutSeconds": 60, "End": True}}
    definition = {"StartAt": "A", "TimeoutSeconds": "${limit}", "States": states}
    found = import_file("machine.asl.json", json.dumps(definition), "machine", runs=20)
    assert_same(found)
    assert any(one.code == "FG812" and "timeout" in one.message for one in found.diagnostics)
    assert found.text is not None
    assert "parameters" not in found.text


@pytest.mark.parametrize("language", ["JSONPath", "JSONata"])
def test_a_placeholder_in_an_expression_is_the_same_text_in_both(language: str) -> None:
    message = {
        "JSONPath": {"Message.$": "States.Format('{} in ${Stage.Name}', $.id)", "TopicArn": "${Stage.Name}"},
        "JSONata": {"Message": "{% $states.input.id & ' in ${Stage.Name}' %}", "TopicArn": "${Stage.Name}"},
    }[language]
    arguments = {"JSONPath": "Parameters", "JSONata": "Arguments"}[language]
    publish = {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", arguments: message, "End": True}
    assert_same(verified({"A": publish}, language))


def test_names_of_states_are_those_of_steps_where_the_context_passes_them_on() -> None:
    message = {"Message.$": "$$.State.Name", "TopicArn": "t"}
    publish = {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Parameters": message}
    definition = {
        "StartAt": "Say Hello",
        "States": {"Say Hello": {**publish, "Next": "Bye"}, "Bye": {**publish, "End": True}},
    }
    assert_same(import_file("machine.asl.json", json.dumps(definition), "machine", runs=20))


def test_executions_of_items_have_other_identifiers_in_each_machine() -> None:
    """The label of a distributed Map, which may be the name of its state, is part of the ARNs of its executions."""
    message = {"Message.$": "$$.Execution.Id", "TopicArn": "t"}
    publish = {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Parameters": message, "End": True}
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}, "StartAt": "B"}
    item = {**processor, "States": {"B": publish}}
    definition = {
        "StartAt": "Each Item",
        "States": {"Each Item": {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": item, "End": True}},
    }
    assert_same(import_file("machine.asl.json", json.dumps(definition), "machine", runs=20))
