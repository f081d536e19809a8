"""What a function gets next to its code: storage, concurrency, layers, a network, and what its role allows for them."""

from __future__ import annotations

from typing import Any

import pytest

from flowgen.backends.cloudformation import build_template, findings
from tests.unit.backends.cloudformation.support import CloudFormation, allows, resources
from tests.unit.backends.cloudformation.test_operations import made

LAYER = "arn:aws:lambda:eu-west-1:123456789012:layer:tools:3"
ENI = "ec2:CreateNetworkInterface"
OURS = {"lambda:SourceFunctionArn": "arn:aws:lambda:eu-west-1:111111111111:function:x"}


def _function(function: str, top: str = "") -> dict[str, Any]:
    return resources(build_template([made(top, f"f: {{{function}}}")]), "AWS::Lambda::Function")["SmallFFunction"]


def _role(function: str, top: str = "") -> list[dict[str, Any]]:
    template = build_template([made(top, f"f: {{{function}}}")])
    policies = CloudFormation(template).resolve(template["Resources"]["SmallFRole"]["Properties"]["Policies"])
    return [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]


def test_what_is_not_asked_for_is_not_there() -> None:
    """Lambda's own defaults need no words."""
    assert not {"EphemeralStorage", "ReservedConcurrentExecutions", "Layers", "VpcConfig", "KmsKeyArn"} & set(
        _function("")
    )


@pytest.mark.parametrize("at", ["function", "defaults"])
def test_options_at_a_function_or_for_all(at: str) -> None:
    """A list of subnets may come from a parameter."""
    options = (
        f"storage: 1024, concurrency: 0, layers: {LAYER}, vpc: {{subnets: !Ref Nets, security_groups: [sg-1, sg-2]}}"
    )
    top = "parameters: {Nets: {Type: 'List<AWS::EC2::Subnet::Id>'}}\n"

    found = (
        _function(options, top) if at == "function" else _function("", f"{top}defaults: {{function: {{{options}}}}}")
    )

    assert found["EphemeralStorage"] == {"Size": 1024}
    assert found["ReservedConcurrentExecutions"] == 0
    assert found["Layers"] == [LAYER]
    assert found["VpcConfig"] == {"SubnetIds": {"Ref": "Nets"}, "SecurityGroupIds": ["sg-1", "sg-2"]}


def test_lists_come_from_tags() -> None:
    """A tag that splits a string is a list; any other is one of its values."""
    options = 'vpc: {subnets: !Split [",", !ImportValue subnets], security_groups: !ImportValue group}'

    assert _function(options)["VpcConfig"] == {
        "SubnetIds": {"Fn::Split": [",", {"Fn::ImportValue": "subnets"}]},
        "SecurityGroupIds": [{"Fn::ImportValue": "group"}],
    }


def test_the_nearest_wins() -> None:
    """A function without layers among others that have some."""
    top = f"defaults: {{function: {{layers: {LAYER}, storage: 1024}}}}"

    assert "Layers" not in _function("layers: []", top)
    assert _function("storage: 2048", top)["EphemeralStorage"] == {"Size": 2048}


def test_concurrency_and_tags_make_no_other_version() -> None:
    """Lambda would not publish one: a version does not hold them."""

    def version(top: str, function: str) -> list[str]:
        return list(resources(build_template([made(top, f"f: {{{function}}}")]), "AWS::Lambda::Version"))

    assert version("tags: {a: b}", "concurrency: 3") == version("", "")
    assert version("", f"layers: {LAYER}") != version("", "")


def test_an_environment_holds_what_cloudformation_knows() -> None:
    """A tag stands for a value; texts stay what they are."""
    top = "resources: {Orders: {Type: 'AWS::DynamoDB::Table'}}"

    assert _function("environment: {TABLE: !Ref Orders, MODE: '${x}'}", top)["Environment"]["Variables"] == {
        "TABLE": {"Ref": "Orders"},
        "MODE": {"Fn::Join": ["", ["$", "{x}"]]},
    }


def test_policies_are_the_functions_own() -> None:
    """Those of the defaults and its own; the machine's role has none of them."""
    top = (
        "resources: {Told: {Type: 'AWS::SNS::Topic'}}\n"
        "defaults: {function: {policies: [{Effect: Allow, Action: 'sns:Publish', Resource: !Ref Told}]}}"
    )
    own = "policies: [{Effect: Allow, Action: 's3:GetObject', Resource: '*'}]"

    statements = _role(own, top)

    assert any(allows(one, "sns:Publish", "arn:aws:sns:eu-west-1:111111111111:physical-Told") for one in statements)
    assert any(allows(one, "s3:GetObject", "arn:aws:s3:::a/b") for one in statements)
    assert [one.get("Action") for one in _role("")] == [
        ["logs:CreateLogStream", "logs:PutLogEvents"],
        ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
    ]
    machine = build_template([made(top, f"f: {{{own}}}")])["Resources"]["SmallStateMachineRole"]["Properties"][
        "Policies"
    ]
    assert "s3:GetObject" not in str(machine)


def test_lambda_joins_a_network_and_the_code_does_not() -> None:
    """The role is the code's too; what Lambda alone does with it is kept from the code."""
    statements = _role("vpc: {subnets: [subnet-1], security_groups: [sg-1]}")

    allowed = [one for one in statements if one["Effect"] == "Allow" and allows(one, ENI, "*")]
    (denied,) = (one for one in statements if one["Effect"] == "Deny")
    assert len(allowed) == 1
    assert denied["Action"] == allowed[0]["Action"]
    assert allows({**denied, "Effect": "Allow"}, ENI, "*", OURS)
    assert not allows({**denied, "Effect": "Allow"}, ENI, "*")


@pytest.mark.parametrize("function", ["memory: 128", "environment: {TABLE: !Ref Orders}", "layers: []"])
def test_valid_options_have_no_findings(function: str) -> None:
    """As they are, with the resource that one of them names."""
    assert findings([made("resources: {Orders: {Type: 'AWS::DynamoDB::Table'}}", f"f: {{{function}}}")]) == []


def test_an_environment_is_measured_without_what_is_not_known() -> None:
    """Lambda checks the length of what CloudFormation substitutes."""
    longest = "x" * (4096 - len('{"AB":""}'))
    refs = ", ".join(f"A{number}: !Ref AWS::StackName" for number in range(10))

    assert findings([made("", f"f: {{environment: {{AB: {longest}, {refs}}}}}")]) == []
