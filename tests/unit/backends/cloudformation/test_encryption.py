"""A key of the user's own: what is encrypted with it, and who may use it for what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from flowgen.backends.cloudformation import WorkflowStack, build_template, findings
from tests.unit.backends.cloudformation.support import CloudFormation, allows, resources, unit, units
from tests.unit.backends.cloudformation.test_operations import MACHINE, made
from tests.unit.backends.cloudformation.workflows import A

GIVEN_KEY = "arn:aws:kms:eu-west-1:123456789012:key/0a1b"
OWN = {"Fn::GetAtt": ["SmallStateMachineKey", "Arn"]}
OWN_KEY = f"arn:aws:kms:{A}:key/physical-SmallStateMachineKey"
_CONTEXT = "kms:EncryptionContext"


def _statements(template: Mapping[str, Any], role: str) -> list[dict[str, Any]]:
    """What a role allows, in all of its policies."""
    policies = template["Resources"][role]["Properties"]["Policies"]
    documents = [policy["PolicyDocument"] for policy in policies]
    documents += [
        one["Properties"]["PolicyDocument"]
        for one in template["Resources"].values()
        if one["Type"] == "AWS::IAM::Policy" and {"Ref": role} in one["Properties"]["Roles"]
    ]
    return [one for document in documents for one in CloudFormation(template).resolve(document)["Statement"]]


def _uses(statements: list[dict[str, Any]], action: str, key: str, context: Mapping[str, str]) -> bool:
    return any(
        allows(one, action, key, {f"{_CONTEXT}:{name}": value for name, value in context.items()}) for one in statements
    )


@pytest.mark.parametrize(
    ("encryption", "key"),
    [
        ("true", OWN),
        ("{reuse: 15m}", OWN),
        (f"{{key: '{GIVEN_KEY}'}}", GIVEN_KEY),
        ("{key: !Ref Theirs}", {"Fn::GetAtt": ["Theirs", "Arn"]}),
        ("{key: !ImportValue key}", {"Fn::ImportValue": "key"}),
    ],
)
def test_everything_is_encrypted_with_the_key(encryption: str, key: Any) -> None:
    """Executions, activities, logs and environments; an empty environment needs no key."""
    top = f"encryption: {encryption}\nresources: {{Theirs: {{Type: 'AWS::KMS::Key', Properties: {{KeyPolicy: {{}}}}}}}}"
    template = build_template([made(top, "f: {environment: {AB: c}}, g: {}, ask: {activity: true}")])

    encrypted = {
        "Type": "CUSTOMER_MANAGED_KMS_KEY",
        "KmsKeyId": key,
        **({"KmsDataKeyReusePeriodSeconds": 900} if "reuse" in encryption else {}),
    }
    properties = {name: one["Properties"] for name, one in template["Resources"].items() if "Properties" in one}
    assert properties["SmallStateMachine"]["EncryptionConfiguration"] == encrypted
    assert properties["SmallAskActivity"]["EncryptionConfiguration"] == encrypted
    assert {str(one["KmsKeyId"]) for one in resources(template, "AWS::Logs::LogGroup").values()} == {str(key)}
    assert properties["SmallFFunction"]["KmsKeyArn"] == key
    assert "KmsKeyArn" not in properties["SmallGFunction"]
    assert ("SmallStateMachineKey" in properties) == (key == OWN)


def test_without_a_key_nothing_speaks_of_one() -> None:
    """AWS encrypts with its own keys anyway."""
    template = build_template([made("encryption: false", "f: {environment: {AB: c}}, ask: {activity: true}")])

    assert "kms" not in str(template).lower()
    assert template == build_template([made("", "f: {environment: {AB: c}}, ask: {activity: true}")])


def test_a_key_of_the_stack_outlives_it() -> None:
    """What it encrypted can be read with it alone; it is made again each year."""
    template = build_template([made("encryption: true")])

    key = template["Resources"]["SmallStateMachineKey"]
    assert (key["DeletionPolicy"], key["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert key["Properties"]["EnableKeyRotation"] is True


def test_the_policy_of_the_key() -> None:
    """The account by its own IAM, and CloudWatch Logs for the log groups of this workflow."""
    template = build_template([made("encryption: true")])
    policy = CloudFormation(template).resolve(template["Resources"]["SmallStateMachineKey"]["Properties"]["KeyPolicy"])

    account, logs, delivery = policy["Statement"]
    assert account["Principal"] == {"AWS": "arn:aws:iam::111111111111:root"}
    assert logs["Principal"] == {"Service": "logs.eu-west-1.amazonaws.com"}
    for group in resources(template, "AWS::Logs::LogGroup").values():
        name = CloudFormation(template).resolve(group["LogGroupName"])
        arn = f"arn:aws:logs:{A}:log-group:{name}"
        assert _uses([logs], "kms:GenerateDataKey", "*", {"aws:logs:arn": arn})
    assert not _uses([logs], "kms:Decrypt", "*", {"aws:logs:arn": f"arn:aws:logs:{A}:log-group:/aws/lambda/other"})
    assert delivery["Principal"] == {"Service": "delivery.logs.amazonaws.com"}
    assert _uses([delivery], "kms:Decrypt", "*", {"SourceArn": f"arn:aws:logs:{A}:*"})
    quiet = build_template([made("encryption: true\nlogging: false", "ask: {activity: true}")])
    assert len(quiet["Resources"]["SmallStateMachineKey"]["Properties"]["KeyPolicy"]["Statement"]) == 1


def test_the_machine_uses_the_key_for_itself() -> None:
    """For its own executions, its activities and its logs, and for nothing else."""
    template = build_template([made("encryption: true", "f: {}, ask: {activity: true}, look: {activity: true}")])
    statements = _statements(template, "SmallStateMachineRole")

    uses = {
        "aws:states:stateMachineArn": MACHINE,
        "aws:states:activityArn": "physical-SmallLookActivity",
        "SourceArn": f"arn:aws:logs:{A}:*",
    }
    for name, value in uses.items():
        assert _uses(statements, "kms:GenerateDataKey", OWN_KEY, {name: value}), name
        assert _uses(statements, "kms:Decrypt", OWN_KEY, {name: value}) == (name != "SourceArn"), name
        assert not _uses(statements, "kms:GenerateDataKey", OWN_KEY, {name: f"{value}-other"}), name
    assert not _uses(statements, "kms:Decrypt", OWN_KEY, {})
    quiet = _statements(build_template([made("encryption: true\nlogging: false")]), "SmallStateMachineRole")
    assert not _uses(quiet, "kms:GenerateDataKey", OWN_KEY, {"SourceArn": f"arn:aws:logs:{A}:*"})


def test_nothing_starts_before_the_machine_may_use_its_key() -> None:
    """The policy names the machine and so comes after it; the alias waits for both."""
    template = build_template([made("encryption: true")])

    assert template["Resources"]["SmallStateMachineAlias"]["DependsOn"] == ["SmallStateMachineOwnPolicy"]
    assert "DependsOn" not in build_template([made("")])["Resources"]["SmallStateMachineAlias"]


def test_a_function_decrypts_its_environment() -> None:
    """And nothing else that is encrypted with the key."""
    template = build_template([made("encryption: true", "f: {environment: {AB: c}}, g: {}")])
    with_environment, without = (_statements(template, f"Small{name}Role") for name in "FG")

    own = {"aws:lambda:FunctionArn": f"arn:aws:lambda:{A}:function:physical-SmallFFunction"}
    assert _uses(with_environment, "kms:Decrypt", OWN_KEY, own)
    assert not _uses(with_environment, "kms:Decrypt", OWN_KEY, {"aws:states:stateMachineArn": MACHINE})
    assert not _uses(without, "kms:Decrypt", OWN_KEY, own)


_PARENT = """\
flowgen: 1
name: parent
steps:
  - id: run
    workflow: child
    {more}
"""
_CHILD = "flowgen: 1\nname: child\nencryption: true\nsteps:\n  - id: pause\n    wait: 1s\n"


@pytest.mark.parametrize(("more", "reads"), [("timeout: 1h", True), ("detached: true", False)])
def test_a_parent_reads_what_an_encrypted_child_gives(more: str, reads: bool) -> None:  # noqa: FBT001 - a parameter
    """Where it waits for it: the result is the child's data."""
    made_units = units(_PARENT.format(more=more), _CHILD)
    template = build_template(made_units)

    child = f"arn:aws:states:{A}:stateMachine:physical-ChildStateMachine"
    statements = _statements(template, "ParentStateMachineRole")
    key = f"arn:aws:kms:{A}:key/physical-ChildStateMachineKey"
    assert findings(made_units) == []
    assert _uses(statements, "kms:Decrypt", key, {"aws:states:stateMachineArn": child}) == reads
    assert not _uses(statements, "kms:GenerateDataKey", key, {"aws:states:stateMachineArn": child})


_DISTRIBUTED = """\
flowgen: 1
name: small
encryption: true
steps:
  - id: all_of_them
    for_each: $input.items
    as: one
    mode: distributed
    steps:
      - id: pause
        wait: 1s
"""


def test_the_executions_of_a_distributed_map_are_the_machines_too() -> None:
    """Their machine is identified by a label after the machine's own ARN."""
    distributed: WorkflowStack = unit(_DISTRIBUTED)
    statements = _statements(build_template([distributed]), "SmallStateMachineRole")

    for machine in (MACHINE, f"{MACHINE}/all_of_them"):
        assert _uses(statements, "kms:GenerateDataKey", OWN_KEY, {"aws:states:stateMachineArn": machine})
    assert not _uses(statements, "kms:GenerateDataKey", OWN_KEY, {"aws:states:stateMachineArn": f"{MACHINE}2"})
