"""The template: which resources there are, what they are called and how they are set."""

from __future__ import annotations

import re
from typing import Any

import pytest

from flowgen.backends.cloudformation import build_template
from flowgen.backends.cloudformation.resources import resource
from tests.unit.backends.cloudformation.support import (
    PLACE_ORDER,
    REMIND_USER,
    CloudFormation,
    resources,
    small_unit,
    unit,
    unit_with,
)


def test_logical_ids_begin_with_the_workflow() -> None:
    """Each function and the machine come with a role and a log group."""
    ids = [
        re.sub("Version[0-9a-f]{10}$", "Version…", name) for name in build_template([unit(REMIND_USER)])["Resources"]
    ]
    assert ids == [
        "RemindUserStateMachine",
        "RemindUserStateMachineVersion",
        "RemindUserStateMachineAlias",
        "RemindUserStateMachineRole",
        "RemindUserStateMachineLogGroup",
        "RemindUserSendEmailFunction",
        "RemindUserSendEmailFunctionVersion…",
        "RemindUserSendEmailRole",
        "RemindUserSendEmailLogGroup",
        "RemindUserStateMachineFailedAlarm",
        "RemindUserStateMachineTimedOutAlarm",
        "RemindUserStateMachineThrottledAlarm",
        "RemindUserStateMachineAbortedAlarm",
    ]


def test_another_workflow_changes_nothing_of_the_first() -> None:
    """A stack may grow without a resource being renamed or replaced."""
    alone, both = build_template([unit(REMIND_USER)]), build_template([unit(PLACE_ORDER), unit(REMIND_USER)])

    assert both["Resources"] | alone["Resources"] == both["Resources"]
    assert both["Outputs"] | alone["Outputs"] == both["Outputs"]
    assert both["Parameters"] == alone["Parameters"]


def test_an_outer_function_is_not_deployed() -> None:
    """Nothing is made for a function with an `arn`."""
    assert list(resources(build_template([unit(PLACE_ORDER)]), "AWS::Lambda::Function")) == [
        "PlaceOrderChargeCardFunction",
        "PlaceOrderReviewOrderFunction",
    ]


def test_a_function_is_set_as_it_says_then_as_the_defaults_say() -> None:
    """Its own sizing wins, then the workflow's defaults, then ours; environments are merged."""
    text = (
        "flowgen: 1\nname: small\n"
        "defaults: {function: {memory: 1024, timeout: 2m, environment: {STAGE: test, LEVEL: info}}}\n"
        "functions:\n"
        "  plain: {}\n"
        "  own: {memory: 128, timeout: 15m, architecture: x86_64, runtime: python3.12, environment: {LEVEL: debug}}\n"
        "steps: []\n"
    )
    made = unit_with(text, small_unit().definition)

    functions = resources(build_template([made]), "AWS::Lambda::Function")

    keys = ("MemorySize", "Timeout", "Architectures", "Runtime", "Environment")
    plain, own = ([functions[name][key] for key in keys] for name in ("SmallPlainFunction", "SmallOwnFunction"))
    assert plain == [1024, 120, ["arm64"], "python3.13", {"Variables": {"STAGE": "test", "LEVEL": "info"}}]
    assert own == [128, 900, ["x86_64"], "python3.12", {"Variables": {"STAGE": "test", "LEVEL": "debug"}}]


def test_a_function_without_settings_gets_ours() -> None:
    """256 MiB, 30 seconds, arm64 and the newest Python but one; no empty environment."""
    function = resources(build_template([small_unit()]), "AWS::Lambda::Function")["SmallSendEmailFunction"]

    assert function == {
        "Runtime": "python3.13",
        "Architectures": ["arm64"],
        "Handler": "shop.small.generated.entry_points.send_email.handler",
        "Code": {"S3Bucket": {"Ref": "CodeBucket"}, "S3Key": {"Ref": "CodeKey"}},
        "MemorySize": 256,
        "Timeout": 30,
        "Role": {"Fn::GetAtt": ["SmallSendEmailRole", "Arn"]},
        "LoggingConfig": {"LogFormat": "JSON", "LogGroup": {"Ref": "SmallSendEmailLogGroup"}},
        "TracingConfig": {"Mode": "Active"},
    }


def test_a_machine_is_traced_and_logged_without_data() -> None:
    """A standard machine; every event goes to its own log group, input and output do not."""
    machine = resources(build_template([small_unit()]), "AWS::StepFunctions::StateMachine")["SmallStateMachine"]

    assert machine == {
        "StateMachineType": "STANDARD",
        "RoleArn": {"Fn::GetAtt": ["SmallStateMachineRole", "Arn"]},
        "LoggingConfiguration": {
            "Level": "ALL",
            "IncludeExecutionData": False,
            "Destinations": [
                {"CloudWatchLogsLogGroup": {"LogGroupArn": {"Fn::GetAtt": ["SmallStateMachineLogGroup", "Arn"]}}}
            ],
        },
        "TracingConfiguration": {"Enabled": True},
        "Definition": {"StartAt": "end", "States": {"end": {"Type": "Succeed"}}},
    }


def test_log_groups_carry_the_stacks_name() -> None:
    """Two stacks of one workflow do not collide; logs are kept for thirty days."""
    template = build_template([unit(REMIND_USER)])

    groups = CloudFormation(template).resolve(resources(template, "AWS::Logs::LogGroup"))

    assert groups == {
        "RemindUserStateMachineLogGroup": {
            "LogGroupName": "/aws/vendedlogs/states/test-stack/remind_user",
            "RetentionInDays": 30,
        },
        "RemindUserSendEmailLogGroup": {
            "LogGroupName": "/aws/lambda/test-stack/remind_user/send_email",
            "RetentionInDays": 30,
        },
    }


def test_the_arns_of_the_machine_and_its_alias_are_outputs() -> None:
    """Others may import it under the stack's name."""
    template = build_template([unit(REMIND_USER)])

    assert CloudFormation(template).resolve(template["Outputs"]) == {
        "RemindUserStateMachineArn": {
            "Description": "The ARN of the state machine of remind_user.",
            "Value": "arn:aws:states:eu-west-1:111111111111:stateMachine:physical-RemindUserStateMachine",
            "Export": {"Name": "test-stack-RemindUserStateMachineArn"},
        },
        "RemindUserStateMachineAliasArn": {
            "Description": "The ARN that starts remind_user: the alias of its current version.",
            "Value": "arn:aws:states:eu-west-1:111111111111:stateMachine:physical-RemindUserStateMachine:live",
            "Export": {"Name": "test-stack-RemindUserStateMachineAliasArn"},
        },
    }


def test_the_code_is_asked_for_only_where_there_is_some() -> None:
    """A parameter that nothing uses is a finding of cfn-lint, and a burden to whoever deploys."""
    assert list(build_template([small_unit()])["Parameters"]) == ["CodeBucket", "CodeKey"]
    assert "Parameters" not in build_template([small_unit(functions="")])


def _described(description: str) -> dict[str, Any]:
    described = f"description: {description}"
    text = f"flowgen: 1\nname: small\n{described}\nfunctions: {{f: {{{described}}}}}\nsteps: []\n"
    return build_template([unit_with(text, small_unit().definition)])


def _function_description(template: dict[str, Any]) -> Any:
    return CloudFormation(template).resolve(template["Resources"]["SmallFFunction"]["Properties"].get("Description"))


def test_descriptions_are_cut_at_awss_limits() -> None:
    """1,024 bytes for a template, 256 characters for a function, where a character beyond the BMP counts twice."""
    short, accented, emoji = (_described(f'"{text * 600}"') for text in ("a", "é", "🎉"))

    assert short["Description"] == "a" * 600
    assert _function_description(short) == "a" * 255 + "…"
    assert accented["Description"] == "é" * 510 + "…"
    assert _function_description(accented) == "é" * 255 + "…"
    assert emoji["Description"] == "🎉" * 255 + "…"
    assert _function_description(emoji) == "🎉" * 127 + "…"


def test_descriptions_hold_nothing_that_cloudformation_acts_on() -> None:
    """A function's text stays what it is but for dynamic references, which prose does not mean."""
    template = _described('"In ${AWS::Region}: {{resolve:ssm:x}} of ${CodeBucket}"')

    assert template["Description"] == "In $ {AWS::Region}: { {resolve:ssm:x}} of $ {CodeBucket}"
    assert _function_description(template) == "In ${AWS::Region}: { {resolve:ssm:x}} of ${CodeBucket}"


def test_an_environment_stays_as_it_is() -> None:
    """Variables are texts; a dynamic reference in one is meant, since it is how a parameter gets there."""
    text = (
        "flowgen: 1\nname: small\nfunctions: {f: {environment: "
        '{REGION: "${AWS::Region}-1", TOKEN: "{{resolve:ssm:/token}}", EMPTY: ""}}}\nsteps: []\n'
    )
    template = build_template([unit_with(text, small_unit().definition)])

    variables = template["Resources"]["SmallFFunction"]["Properties"]["Environment"]["Variables"]
    assert variables.pop("TOKEN") == "{{resolve:ssm:/token}}"
    assert CloudFormation(template).resolve(variables) == {"REGION": "${AWS::Region}-1", "EMPTY": ""}


def test_a_stack_of_several_workflows_names_them() -> None:
    """No workflow's description speaks for all."""
    assert (
        build_template([unit(REMIND_USER), unit(PLACE_ORDER)])["Description"]
        == "Step Functions: remind_user, place_order."
    )
    assert build_template([small_unit()])["Description"] == "Step Functions: small."


def test_colliding_ids_are_a_bug_here() -> None:
    """`findings` tells them first; a template that lost a resource is never built."""
    with pytest.raises(ValueError, match="SmallStateMachine"):
        build_template([small_unit(), small_unit()])


def test_troposphere_accepts_every_property_of_a_function() -> None:
    """troposphere 4.11.1 lost `LogFormat`, so every property that flowgen can set is set here."""
    sizing = "{description: d, storage: 512, concurrency: 1, layers: [!Ref Layer], environment: {AB: c},"
    network = "vpc: {subnets: [s], security_groups: [g]}}"
    text = f"flowgen: 1\nname: small\nencryption: true\nfunctions: {{f: {sizing} {network}}}\nsteps: []\n"

    [made] = resources(build_template([unit_with(text, small_unit().definition)]), "AWS::Lambda::Function").values()

    assert made["LoggingConfig"] == {"LogFormat": "JSON", "LogGroup": {"Ref": "SmallFLogGroup"}}
    assert (made["Layers"], made["VpcConfig"]) == ([{"Ref": "Layer"}], {"SubnetIds": ["s"], "SecurityGroupIds": ["g"]})


@pytest.mark.parametrize(
    ("resource_type", "properties", "message"),
    [
        ("AWS::Logs::LogGroup", {"RetentionInDays": 31}, "30, 60"),
        ("AWS::Logs::LogGroup", {"Retention": 30}, "no property Retention"),
        ("AWS::Lambda::Function", {"LoggingConfig": {"LogFormats": "JSON"}}, "no property LogFormats"),
        ("AWS::Lambda::Version", {"FunctionName": None}, "FunctionName required"),
        ("AWS::Lambda::Function", {"Layers": "l"}, "Layers"),
    ],
)
def test_an_invalid_property_is_a_bug(resource_type: str, properties: dict[str, Any], message: str) -> None:
    """Unknown, missing and wrong properties are rejected at any depth."""
    with pytest.raises((AttributeError, TypeError, ValueError), match=message):
        resource(resource_type, properties)
