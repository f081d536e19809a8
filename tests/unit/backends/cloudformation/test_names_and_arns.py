"""Values that are names, ARNs or either: the role is right whatever the deployment supplies."""

from __future__ import annotations

import re
from typing import Any

import pytest

from flowgen.aws.api import api_of
from flowgen.aws.iam import find_action, service_prefix
from flowgen.aws.iam_resources import ARGUMENTS, NAME_OR_ARN
from flowgen.backends.cloudformation import build_template, findings
from flowgen.backends.cloudformation.iam.arn_templates import variables
from flowgen.backends.cloudformation.iam.service_arns import SPECIAL
from tests.unit.backends.cloudformation.support import CloudFormation, unit

HERE = "eu-west-1:111111111111"
ELSEWHERE = "us-east-1:222222222222"
_STEP = """\
flowgen: 1
name: small
parameters: {{Value: {{Type: String}}, OtherArn: {{Type: String}}}}
{resources}steps:
  - id: one
    aws: {call}
    with: {arguments}
"""


class Stack(CloudFormation):
    """With one value for both parameters and every import."""

    def __init__(self, template: dict[str, Any], given: str) -> None:
        super().__init__(template)
        self.given = given

    def ref(self, name: str) -> Any:
        return self.given if name in ("Value", "OtherArn") else super().ref(name)

    def resolve(self, value: Any) -> Any:
        return self.given if isinstance(value, dict) and "Fn::ImportValue" in value else super().resolve(value)


def _allowed(call: str, arguments: str, given: str, resources: str = "") -> set[tuple[str, str]]:
    """The actions and resources that the role allows, if the stack is deployed with `given`."""
    made = unit(_STEP.format(call=call, arguments=arguments, resources=resources))
    stack = Stack(build_template([made]), given)
    policies = stack.template["Resources"][made.machine.role]["Properties"]["Policies"]
    statements = [one for policy in policies for one in stack.resolve(policy["PolicyDocument"])["Statement"]]
    return {
        (action, resource)
        for statement in statements
        if "Sid" not in statement
        for action in (statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]])
        for resource in (statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]])
    }


SOURCES = ["!Ref Value", "!Ref OtherArn", "!ImportValue shop-x", "!ImportValue shop-xArn", '!Sub "${Value}"']
EITHER = [
    ("dynamodb:getItem", "{TableName: V, Key: {}}", "dynamodb:GetItem", "arn:aws:dynamodb:@:table/x", "x"),
    ("dynamodb:query", "{TableName: V, IndexName: i}", "dynamodb:Query", "arn:aws:dynamodb:@:table/x/index/i", "x"),
    (
        "batch:submitJob",
        "{JobName: j, JobQueue: V, JobDefinition: d}",
        "batch:SubmitJob",
        "arn:aws:batch:@:job-queue/x",
        "x",
    ),
    ("codebuild:startBuild", "{ProjectName: V}", "codebuild:StartBuild", "arn:aws:codebuild:@:project/x", "x"),
    ("events:putEvents", "{Entries: [{EventBusName: V}]}", "events:PutEvents", "arn:aws:events:@:event-bus/x", "x"),
    ("kms:encrypt", "{KeyId: V, Plaintext: a}", "kms:Encrypt", "arn:aws:kms:@:key/x", "x"),
    (
        "secretsmanager:getSecretValue",
        "{SecretId: V}",
        "secretsmanager:GetSecretValue",
        "arn:aws:secretsmanager:@:secret:x",
        "x",
    ),
    ("lambda:invoke", "{FunctionName: V}", "lambda:InvokeFunction", "arn:aws:lambda:@:function:x", "x"),
]


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(("call", "arguments", "action", "arn", "name"), EITHER)
def test_either_is_right_for_names_and_arns(
    call: str, arguments: str, action: str, arn: str, name: str, source: str
) -> None:
    """Here for a name; where the ARN says for an ARN. The name of the parameter or export does not matter."""
    written = arguments.replace("V", source, 1)
    whole = arn.replace("@", ELSEWHERE)
    given = whole.removesuffix("/index/i")

    assert (action, arn.replace("@", HERE)) in _allowed(call, written, name)
    assert (action, whole) in _allowed(call, written, given)


@pytest.mark.parametrize("source", SOURCES)
def test_a_cluster_may_be_a_name_or_an_arn(source: str) -> None:
    """Tasks are in a cluster with this name."""
    call, arguments = "ecs:stopTask", f"{{Cluster: {source}, Task: ab12}}"

    expected = {("ecs:StopTask", f"arn:aws:ecs:{HERE}:task/x/ab12")}
    assert _allowed(call, arguments, "x") == expected
    assert _allowed(call, arguments, f"arn:aws:ecs:{HERE}:cluster/x") == expected


@pytest.mark.parametrize("given", ["x", "x:3", f"arn:aws:ecs:{HERE}:task-definition/x:3"])
def test_a_task_definition_includes_all_revisions(given: str) -> None:
    call = ("ecs:runTask", "{TaskDefinition: !Ref Value}")

    assert ("ecs:RunTask", f"arn:aws:ecs:{HERE}:task-definition/x:*") in _allowed(*call, given)


@pytest.mark.parametrize("given", ["/shop/x", f"arn:aws:ssm:{ELSEWHERE}:parameter/shop/x"])
def test_a_parameter_of_systems_manager(given: str) -> None:
    """With the slash of the name."""
    place = ELSEWHERE if given.startswith("arn:") else HERE

    found = _allowed("ssm:getParameter", "{Name: !Ref Value}", given)

    assert ("ssm:GetParameter", f"arn:aws:ssm:{place}:parameter/shop/x") in found


@pytest.mark.parametrize(
    ("call", "arguments", "action", "arn"),
    [
        ("sns:publish", "{TopicArn: V, Message: a}", "sns:Publish", f"arn:aws:sns:{HERE}:x"),
        (
            "states:startExecution",
            "{StateMachineArn: V}",
            "states:StartExecution",
            f"arn:aws:states:{HERE}:stateMachine:x",
        ),
        ("scheduler:createSchedule", "{Name: a, Target: {RoleArn: V}}", "iam:PassRole", "arn:aws:iam::3:role/x"),
    ],
)
@pytest.mark.parametrize("source", SOURCES)
def test_an_argument_that_is_an_arn_is_one(call: str, arguments: str, action: str, arn: str, source: str) -> None:
    """`…Arn` of the API is never a name."""
    assert (action, arn) in _allowed(call, arguments.replace("V", source), arn)


def test_an_object_of_an_access_point() -> None:
    """S3 user guide, "Configuring IAM policies for using access points"."""
    point = f"arn:aws:s3:{HERE}:accesspoint/orders"

    assert _allowed("s3:getObject", f"{{Bucket: '{point}', Key: a/b}}", "") == {("s3:GetObject", f"{point}/object/a/b")}


def test_an_alias_of_a_state_machine_needs_the_state_machine() -> None:
    """IAM knows an alias only as a condition."""
    found = _allowed(
        "states:startExecution", "{StateMachineArn: !Ref Value}", f"arn:aws:states:{HERE}:stateMachine:x:live"
    )

    assert found == {("states:StartExecution", f"arn:aws:states:{HERE}:stateMachine:x")}


_MODEL = "anthropic.claude-3-5-sonnet-20240620-v1:0"
_PROFILE = f"arn:aws:bedrock:us-east-1:111111111111:inference-profile/us.{_MODEL}"
_PROVISIONED = "arn:aws:bedrock:eu-west-1:111111111111:provisioned-model/p"
_IN_THIS_REGION = "arn:${AWS::Partition}:bedrock:${AWS::Region}:${AWS::AccountId}"
_APPLICATION = """\
resources:
  Mine:
    Type: AWS::Bedrock::ApplicationInferenceProfile
    Properties: {InferenceProfileName: mine, ModelSource: {CopyFrom: "%s"}}
"""


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (_MODEL, {f"arn:aws:bedrock:eu-west-1::foundation-model/{_MODEL}"}),
        (_PROFILE, {_PROFILE, f"arn:aws:bedrock:*::foundation-model/{_MODEL}"}),
        (
            f"!Sub '{_IN_THIS_REGION}:inference-profile/eu.{_MODEL}'",
            {
                f"arn:aws:bedrock:{HERE}:inference-profile/eu.{_MODEL}",
                f"arn:aws:bedrock:*::foundation-model/{_MODEL}",
            },
        ),
        (
            f"global.{_MODEL}",
            {
                f"arn:aws:bedrock:{HERE}:inference-profile/global.{_MODEL}",
                f"arn:aws:bedrock:*::foundation-model/{_MODEL}",
            },
        ),
        (f"'{_PROVISIONED}'", {_PROVISIONED}),
    ],
)
def test_a_profile_includes_its_models(model: str, expected: set[str]) -> None:
    """Bedrock user guide, "Prerequisites for inference profiles"."""
    written = model if model.startswith(("!", "'")) else f"'{model}'"

    assert {arn for _, arn in _allowed("bedrock:invokeModel", f"{{ModelId: {written}, Body: {{}}}}", "")} == expected


@pytest.mark.parametrize(
    "model",
    ["!Ref Value", "!Sub 'us.${Value}'", "'arn:aws:bedrock:eu-west-1:111111111111:application-inference-profile/a1'"],
)
def test_a_model_that_the_file_does_not_show_is_asked_for(model: str) -> None:
    """It may be a profile, and its models are unknown."""
    made = unit(_STEP.format(call="bedrock:invokeModel", arguments=f"{{ModelId: {model}, Body: {{}}}}", resources=""))

    assert [found.code for found in findings([made])] == ["FG502"]


@pytest.mark.parametrize(
    ("copied", "model"),
    [
        (_PROFILE, f"arn:aws:bedrock:*::foundation-model/{_MODEL}"),
        (f"arn:aws:bedrock:us-east-1::foundation-model/{_MODEL}",) * 2,
    ],
)
def test_an_application_profile_of_the_file_shows_its_models(copied: str, model: str) -> None:
    text = _STEP.format(
        call="bedrock:invokeModel", arguments="{ModelId: !Ref Mine, Body: {}}", resources=_APPLICATION % copied
    )
    made = unit(text)
    document = build_template([made])["Resources"][made.machine.role]["Properties"]["Policies"][0]["PolicyDocument"]
    profile, models, *_ = document["Statement"]

    assert findings([made]) == []
    assert profile["Resource"] == [{"Fn::GetAtt": ["Mine", "InferenceProfileArn"]}]
    assert models["Resource"][0] in (model, {"Fn::Sub": model.replace("arn:aws", "arn:${AWS::Partition}")})
    assert models["Condition"] == {"ArnEquals": {"bedrock:InferenceProfileArn": profile["Resource"][0]}}


_BROKEN = """\
resources:
  Mine: {Type: AWS::Bedrock::ApplicationInferenceProfile, Properties: %s}
  Other: {Type: AWS::Bedrock::ApplicationInferenceProfile, Properties: {ModelSource: {CopyFrom: !Ref Mine}}}
"""


@pytest.mark.parametrize(
    "properties",
    ["[a]", "{ModelSource: a}", "{ModelSource: {CopyFrom: !Ref Mine}}", "{ModelSource: {CopyFrom: !Ref Other}}", "{}"],
)
def test_a_profile_without_a_model_is_asked_for(properties: str) -> None:
    """Malformed or circular, it ends in FG502."""
    text = _STEP.format(call="bedrock:invokeModel", arguments="{ModelId: !Ref Mine}", resources=_BROKEN % properties)

    assert "FG502" in {found.code for found in findings([unit(text)])}


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("!Ref Alias", "`KeyId` is an alias, but permissions are granted for keys"),
        ("alias/mine", "`KeyId` is an alias, but permissions are granted for keys"),
        ("!If [Own, !Ref Key, !Ref AWS::NoValue]", "a condition decides whether the resource has a key"),
        ("alias/aws/sqs", None),
        ("!Ref Key", None),
        ("!GetAtt Key.Arn", None),
    ],
)
def test_the_key_of_a_queue(key: str, reason: str | None) -> None:
    """A key of AWS needs no permission; what is not one key is asked for."""
    resources = (
        "conditions: {Own: !Equals [a, a]}\nresources:\n"
        "  Key: {Type: AWS::KMS::Key, Properties: {KeyPolicy: {}}}\n"
        "  Alias: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/mine, TargetKeyId: !Ref Key}}\n"
        f"  Queue: {{Type: AWS::SQS::Queue, Properties: {{KmsMasterKeyId: {key}}}}}\n"
    )
    text = _STEP.format(call="sqs:sendMessage", arguments="{QueueUrl: !Ref Queue, MessageBody: a}", resources=resources)

    found = {one.message.partition(": ")[2] for one in findings([unit(text)])}
    assert found == (set() if reason is None else {reason})


def test_a_connection_that_a_state_names_shows_its_secret() -> None:
    """Written in Amazon States Language, by ARN: the secret of no other connection."""
    arn = f"arn:aws:events:{HERE}:connection/carrier/1-2"
    made = unit(
        "flowgen: 1\nname: small\nsteps:\n  - id: raw\n    asl:\n      Type: Task\n"
        "      Resource: arn:aws:states:::http:invoke\n      Arguments:\n"
        "        ApiEndpoint: https://a.example.com/b\n        Method: GET\n"
        f"        Authentication: {{ConnectionArn: '{arn}'}}\n"
    )
    template = build_template([made])
    document = template["Resources"][made.machine.role]["Properties"]["Policies"][0]["PolicyDocument"]
    secrets = CloudFormation(template).resolve(document)["Statement"][2]

    assert secrets["Resource"] == [f"arn:aws:secretsmanager:{HERE}:secret:events!connection/carrier/*"]


_SERVICES = (
    "athena batch bedrock bedrockruntime cloudformation codebuild codepipeline comprehend databrew dynamodb ecs eks "
    "emrcontainers emrserverless eventbridge firehose glue kinesis kms lambda mediaconvert rdsdata redshiftdata "
    "rekognition scheduler secretsmanager sfn sns sqs ssm textract transcribe"
)
_NAMES_ONLY = {
    "bedrock:projectidentifier",  # of OpenAI's API
    "glue:integrationidentifier",
    "glue:registryid",  # a structure
    "glue:schemaid",
    "kinesis:keyid",
    "lambda:capacityprovidername",
    "mediaconvert:jobid",
    "ssm:resourceid",
    "cloudformation:changesetname",
    "ecs:service",
    "ecs:servicename",
    "ecs:task",
    "batch:jobdefinition",
}
"""Arguments whose documentation mentions an ARN, but that are not resources, or have a rule of their own."""


@pytest.mark.parametrize("service", _SERVICES.split())
def test_arguments_with_arns_are_those_of_the_api(service: str) -> None:
    """An argument whose API model mentions an ARN is in the table, or has a rule of its own."""
    prefix, api = service_prefix(service), api_of(service)
    assert prefix is not None
    assert api is not None
    missing = set()
    for name, operation in api.operations.items():
        action = find_action(prefix, name)
        if action is None or "input" not in operation:
            continue
        members = api.shapes[operation["input"]["shape"]].get("members", {})
        arguments = {member.lower(): shape for member, shape in members.items()}
        for kind in action.resource_types:
            key = f"{prefix}:{kind.name}"
            rows = dict(row.split("=") for row in ARGUMENTS.get(key, "").split())
            for variable in variables(kind.arn) if key not in SPECIAL else ():
                written = next(
                    (a for a in rows.get(variable, variable).rstrip("~").lower().split(",") if a in arguments), None
                )
                if written is None or written.endswith("arn"):
                    continue
                text = arguments[written].get("documentation", "")
                pattern = api.shapes[arguments[written]["shape"]].get("pattern", "")
                if re.search(r"\bARN\b|Amazon Resource Name", text) or "arn:" in pattern:
                    missing.add(f"{prefix}:{written}")

    assert missing - NAME_OR_ARN.keys() - _NAMES_ONLY == set()
