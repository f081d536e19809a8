"""State machines through boto3: create, update, delete, describe, list, validate, tags, TestState."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from flowgen.serving.actions import ACTIONS
from flowgen.serving.service_model import service_model
from tests.unit.serving.conftest import ROLE, Client
from tests.unit.serving.test_executions import PASS, code

FAIL = {"StartAt": "Fail", "States": {"Fail": {"Type": "Fail"}}}


def test_the_documentation_names_every_action_of_the_model() -> None:
    """The table lists the supported actions, and the paragraph below it the others."""
    page = (Path(__file__).resolve().parents[3] / "docs/how-to/replace-step-functions-local.md").read_text(
        encoding="utf-8"
    )
    section = page.partition("\n## Actions\n")[2].partition("\n## ")[0]
    operations = set(service_model().operation_names)
    table = "".join(line for line in section.splitlines() if line.startswith("|"))
    paragraph = next((part for part in section.split("\n\n") if "UnknownOperationException" in part), "")
    assert set(re.findall(r"\w+", table)) & operations == set(ACTIONS)
    assert set(re.findall(r"\w+", paragraph)) & operations == operations - set(ACTIONS)
    assert set(ACTIONS) <= operations


def test_unsupported_actions_say_what_is_supported(client: Client) -> None:
    for action in set(service_model().operation_names) - set(ACTIONS):
        target = {"X-Amz-Target": f"AWSStepFunctions.{action}"}
        assert post(client.url, b"{}", target)["__type"] == "UnknownOperationException"
    assert "StartExecution" in post(client.url, b"{}", {"X-Amz-Target": "AWSStepFunctions.Nothing"})["message"]


def post(url: str, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
    """The body of a response with an error."""
    import http.client
    from urllib.parse import urlsplit

    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    connection.request("POST", "/", body, headers)
    found: dict[str, Any] = json.loads(connection.getresponse().read())
    connection.close()
    return found


def test_creation_is_idempotent(client: Client) -> None:
    machine = client.create(PASS)
    assert machine == "arn:aws:states:us-east-1:123456789012:stateMachine:machine"
    assert client.create(PASS) == machine
    with pytest.raises(ClientError) as other:
        client.create(FAIL)
    assert code(other) == ("StateMachineAlreadyExists", f"State Machine Already Exists: '{machine}'")


def test_update_and_describe(client: Client) -> None:
    machine = client.create(PASS)
    before = client.start(machine, 1)
    client.ended(before)
    client.api.update_state_machine(stateMachineArn=machine, definition=json.dumps(FAIL))
    described = client.api.describe_state_machine(stateMachineArn=machine)
    assert (json.loads(described["definition"]), described["roleArn"], described["status"]) == (FAIL, ROLE, "ACTIVE")
    assert client.ended(client.start(machine))["status"] == "FAILED"
    of_before = client.api.describe_state_machine_for_execution(executionArn=before)
    assert json.loads(of_before["definition"]) == PASS
    with pytest.raises(ClientError) as nothing:
        client.api.update_state_machine(stateMachineArn=machine)
    assert code(nothing)[0] == "MissingRequiredParameter"


def test_invalid_definitions_are_rejected_with_the_text_of_aws(client: Client) -> None:
    with pytest.raises(ClientError) as invalid:
        client.create({"StartAt": "W", "States": {"W": {"Type": "Wait", "Timestamp": "soon", "End": True}}})
    problem = "SCHEMA_VALIDATION_FAILED: String does not match RFC3339 timestamp at /States/W/Timestamp"
    assert code(invalid) == ("InvalidDefinition", f"Invalid State Machine Definition: '{problem}'")
    found = client.api.validate_state_machine_definition(definition='{"StartAt": "A"}')
    assert found["result"] == "FAIL"
    assert found["diagnostics"][0]["code"] == "SCHEMA_VALIDATION_FAILED"
    assert client.api.validate_state_machine_definition(definition=json.dumps(PASS))["result"] == "OK"


def test_lists_in_pages(client: Client) -> None:
    for name in ("c", "a", "b"):
        client.create(PASS, name)
    pages = client.api.get_paginator("list_state_machines").paginate(PaginationConfig={"PageSize": 2})
    assert [one["name"] for page in pages for one in page["stateMachines"]] == ["a", "b", "c"]
    client.api.delete_state_machine(stateMachineArn="arn:aws:states:us-east-1:123456789012:stateMachine:a")
    assert [one["name"] for one in client.api.list_state_machines()["stateMachines"]] == ["b", "c"]


def test_tags(client: Client) -> None:
    machine = client.create(PASS)
    client.api.tag_resource(resourceArn=machine, tags=[{"key": "a", "value": "1"}, {"key": "b", "value": "2"}])
    client.api.untag_resource(resourceArn=machine, tagKeys=["a"])
    assert client.api.list_tags_for_resource(resourceArn=machine)["tags"] == [{"key": "b", "value": "2"}]


@pytest.mark.parametrize("name", ["a b", "a*", "ä\u0001", "a/b"])
def test_invalid_names(client: Client, name: str) -> None:
    with pytest.raises(ClientError) as invalid:
        client.create(PASS, name)
    assert code(invalid) == ("InvalidName", f"Invalid Name: '{name}'")


def test_one_state_with_a_mock(client: Client) -> None:
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": "f", "Payload.$": "$"},
        "OutputPath": "$.Payload",
        "Next": "After",
    }
    found = client.api.test_state(
        definition=json.dumps(state),
        input='{"x": 1}',
        inspectionLevel="DEBUG",
        mock={"result": '{"Payload": {"y": 2}, "StatusCode": 200}'},
    )
    assert (found["status"], json.loads(found["output"]), found["nextState"]) == ("SUCCEEDED", {"y": 2}, "After")
    assert json.loads(found["inspectionData"]["afterParameters"]) == {"FunctionName": "f", "Payload": {"x": 1}}
