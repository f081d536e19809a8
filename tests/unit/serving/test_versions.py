"""Versions and aliases through boto3."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.serving.conftest import ROLE, Client
from tests.unit.serving.test_executions import PASS, code

MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:machine"


def returning(value: str) -> dict[str, Any]:
    """A definition whose output is this value."""
    return {"StartAt": "Pass", "States": {"Pass": {"Type": "Pass", "Result": value, "End": True}}}


def update(client: Client, definition: dict[str, Any], **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = client.api.update_state_machine(
        stateMachineArn=MACHINE, definition=json.dumps(definition), **more
    )
    return found


def two_versions(client: Client) -> list[str]:
    """The ARNs of version 1, which returns "old", and version 2, which returns "new"."""
    client.create(returning("old"))
    first = client.api.publish_state_machine_version(stateMachineArn=MACHINE, description="one")
    second = update(client, returning("new"), publish=True, versionDescription="two")
    return [first["stateMachineVersionArn"], second["stateMachineVersionArn"]]


def routes(*weights: tuple[str, int]) -> list[dict[str, Any]]:
    return [{"stateMachineVersionArn": arn, "weight": weight} for arn, weight in weights]


def test_a_version_keeps_its_definition(client: Client) -> None:
    first, second = two_versions(client)
    assert [first, second] == [f"{MACHINE}:1", f"{MACHINE}:2"]
    assert client.ended(client.start(first))["output"] == '"old"'
    assert client.ended(client.start(second))["output"] == '"new"'
    described = client.api.describe_state_machine(stateMachineArn=first)
    assert (described["stateMachineArn"], described["description"]) == (first, "one")
    assert json.loads(described["definition"]) == returning("old")
    assert "revisionId" not in described
    listed = client.api.list_state_machine_versions(stateMachineArn=MACHINE)["stateMachineVersions"]
    assert [one["stateMachineVersionArn"] for one in listed] == [second, first]


def test_publishing_is_idempotent_for_a_revision(client: Client) -> None:
    client.create(PASS)
    first = client.api.publish_state_machine_version(stateMachineArn=MACHINE, revisionId="INITIAL")
    again = client.api.publish_state_machine_version(stateMachineArn=MACHINE)
    assert again["stateMachineVersionArn"] == first["stateMachineVersionArn"] == f"{MACHINE}:1"
    revision = update(client, returning("new"))["revisionId"]
    with pytest.raises(ClientError) as changed:
        client.api.publish_state_machine_version(stateMachineArn=MACHINE, revisionId="INITIAL")
    message = f"version for revision INITIAL. The current State Machine revision is {revision}."
    assert code(changed) == ("ConflictException", f"Failed to publish the State Machine {message}")
    assert update(client, returning("new"))["revisionId"] == revision


def test_the_number_of_a_deleted_version_is_not_used_again(client: Client) -> None:
    _, second = two_versions(client)
    execution = client.start(second)
    client.api.delete_state_machine_version(stateMachineVersionArn=second)
    client.api.delete_state_machine_version(stateMachineVersionArn=second)
    assert client.ended(execution)["stateMachineVersionArn"] == second
    with pytest.raises(ClientError) as deleted:
        client.start(second)
    assert code(deleted) == ("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{second}'")
    third = client.api.publish_state_machine_version(stateMachineArn=MACHINE)
    assert third["stateMachineVersionArn"] == f"{MACHINE}:3"


def test_creation_with_a_version(client: Client) -> None:
    request = {"name": "machine", "definition": json.dumps(PASS), "roleArn": ROLE}
    with pytest.raises(ClientError) as unpublished:
        client.api.create_state_machine(**request, versionDescription="one")
    assert code(unpublished) == (
        "ValidationException", "Version description can only be set when publish is true",
    )  # fmt: skip
    for _ in range(2):
        created = client.api.create_state_machine(**request, publish=True, versionDescription="one")
        assert created["stateMachineVersionArn"] == f"{MACHINE}:1"


def test_an_alias_selects_versions_by_weight(client: Client) -> None:
    first, second = two_versions(client)
    alias = client.api.create_state_machine_alias(name="live", routingConfiguration=routes((first, 75), (second, 25)))[
        "stateMachineAliasArn"
    ]
    assert alias == f"{MACHINE}:live"
    ended = [client.ended(client.start(alias)) for _ in range(200)]
    outputs = Counter(json.loads(one["output"]) for one in ended)
    assert 30 < outputs["new"] < 70
    for one in ended:
        assert one["stateMachineAliasArn"] == alias
        assert one["stateMachineVersionArn"] == {'"old"': first, '"new"': second}[one["output"]]
        assert one["executionArn"].startswith("arn:aws:states:us-east-1:123456789012:execution:machine:")
    of_second = client.api.list_executions(stateMachineArn=second, maxResults=1000)["executions"]
    assert {one["stateMachineVersionArn"] for one in of_second} == {second}
    assert len(of_second) == outputs["new"]
    assert len(client.api.list_executions(stateMachineArn=alias, maxResults=1000)["executions"]) == 200
    assert len(client.api.list_executions(stateMachineArn=MACHINE, maxResults=1000)["executions"]) == 200


def test_update_describe_list_and_delete_an_alias(client: Client) -> None:
    first, second = two_versions(client)
    request = {"name": "live", "description": "d", "routingConfiguration": routes((first, 100))}
    alias = client.api.create_state_machine_alias(**request)["stateMachineAliasArn"]
    assert client.api.create_state_machine_alias(**request)["stateMachineAliasArn"] == alias
    with pytest.raises(ClientError) as other:
        client.api.create_state_machine_alias(**{**request, "routingConfiguration": routes((second, 100))})
    assert code(other)[0] == "ConflictException"
    with pytest.raises(ClientError) as used:
        client.api.delete_state_machine_version(stateMachineVersionArn=first)
    assert code(used)[0] == "ConflictException"
    assert code(used)[1].endswith("Current list of aliases referencing this version: [live]")
    client.api.update_state_machine_alias(stateMachineAliasArn=alias, routingConfiguration=routes((second, 100)))
    found = client.api.describe_state_machine_alias(stateMachineAliasArn=alias)
    assert (found["name"], found["description"]) == ("live", "d")
    assert found["routingConfiguration"] == routes((second, 100))
    assert client.ended(client.start(alias))["output"] == '"new"'
    for arn, expected in ((MACHINE, [alias]), (second, [alias]), (first, [])):
        listed = client.api.list_state_machine_aliases(stateMachineArn=arn)["stateMachineAliases"]
        assert [one["stateMachineAliasArn"] for one in listed] == expected
    client.api.delete_state_machine_alias(stateMachineAliasArn=alias)
    with pytest.raises(ClientError) as missing:
        client.api.describe_state_machine_alias(stateMachineAliasArn=alias)
    assert code(missing) == ("ResourceNotFound", "Request references a resource that does not exist.")
    client.api.delete_state_machine_version(stateMachineVersionArn=first)


@pytest.mark.parametrize(
    ("routing", "message"),
    [
        ([(1, 50), (2, 49)], "Sum of routing configuration weights must equal 100. Received: [50, 49]"),
        ([(1, 50), (1, 50)], "distinct state machine version ARNs"),
        ([(9, 100)], "Routing configuration must contain state machine version ARNs."),
    ],
)
def test_invalid_routing(client: Client, routing: list[tuple[int, int]], message: str) -> None:
    two_versions(client)
    configuration = routes(*((f"{MACHINE}:{number}", weight) for number, weight in routing))
    with pytest.raises(ClientError) as invalid:
        client.api.create_state_machine_alias(name="live", routingConfiguration=configuration)
    assert code(invalid)[0] == "ValidationException"
    assert message in code(invalid)[1]


@pytest.mark.parametrize("name", ["1", "a b", "a:b", "ä"])
def test_an_alias_can_not_have_the_name_of_a_version(client: Client, name: str) -> None:
    first, _ = two_versions(client)
    with pytest.raises(ClientError) as invalid:
        client.api.create_state_machine_alias(name=name, routingConfiguration=routes((first, 100)))
    assert code(invalid) == ("InvalidName", f"Invalid Name: '{name}'")


def test_versions_of_other_machines_can_not_be_mixed(client: Client) -> None:
    first, _ = two_versions(client)
    other = client.api.create_state_machine(name="other", definition=json.dumps(PASS), roleArn=ROLE, publish=True)
    mixed = routes((first, 50), (other["stateMachineVersionArn"], 50))
    with pytest.raises(ClientError) as invalid:
        client.api.create_state_machine_alias(name="live", routingConfiguration=mixed)
    assert code(invalid)[0] == "ValidationException"


def test_deleting_a_machine_deletes_its_versions_and_aliases(client: Client) -> None:
    first, _ = two_versions(client)
    client.api.create_state_machine_alias(name="live", routingConfiguration=routes((first, 100)))
    client.api.delete_state_machine(stateMachineArn=MACHINE)
    for arn in (first, f"{MACHINE}:live"):
        with pytest.raises(ClientError) as gone:
            client.start(arn)
        assert code(gone)[0] == "StateMachineDoesNotExist"
    client.create(PASS)
    assert client.api.list_state_machine_versions(stateMachineArn=MACHINE)["stateMachineVersions"] == []


def test_a_task_starts_a_version(client: Client) -> None:
    first, _ = two_versions(client)
    start = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": first, "Name": "child"},
        "OutputPath": "$.Output",
        "End": True,
    }
    parent = client.create({"StartAt": "Start", "States": {"Start": start}}, "parent")
    assert client.ended(client.start(parent))["output"] == '"old"'
    child = client.ended(f"{MACHINE.replace('stateMachine', 'execution')}:child")
    assert child["stateMachineVersionArn"] == first
