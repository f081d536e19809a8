"""How Step Functions spells members of APIs and the services in errors."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowgen.aws.api import api_of
from flowgen.aws.member_names import sdk_member, sdk_spellings
from flowgen.pipeline import check_text
from flowgen.running.boto_values import from_boto, to_boto

JSON = Any


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("DBInstanceIdentifier", "DbInstanceIdentifier"),
        ("SNSTopicArn", "SnsTopicArn"),
        ("ACL", "Acl"),
        ("SSEKMSKeyId", "SsekmsKeyId"),
        ("ARN", "Arn"),
        ("ETag", "ETag"),
        ("S3Bucket", "S3Bucket"),
        ("VpcId", "VpcId"),
        ("EnableIAMDatabaseAuthentication", "EnableIAMDatabaseAuthentication"),
        ("resourceArn", "ResourceArn"),
        ("equals", "EqualsValue"),
    ],
)
def test_spelling_of_a_member(name: str, spelled: str) -> None:
    """The first run of capitals is one word, as in the SDK for Java; later ones stay."""
    assert sdk_member(name) == spelled
    assert sdk_spellings("service", "Shape", name) == (spelled,)


def test_no_two_members_have_one_spelling() -> None:
    """In the shapes of a large API each spelling means one member."""
    for service in ("ec2", "rds", "s3", "dynamodb"):
        api = api_of(service)
        assert api is not None
        for name, shape in api.shapes.items():
            spelled = [one for member in shape.get("members", {}) for one in sdk_spellings(api.name, name, member)]
            assert len(spelled) == len(set(spelled)), (service, name)


def test_calls_of_aws_translate_both_ways() -> None:
    """What goes to botocore and what comes from it have its own names there, and Step Functions' names here."""
    import boto3

    model = boto3.client("rds", region_name="us-east-1").meta.service_model.operation_model("DescribeDBInstances")
    assert to_boto({"DbInstanceIdentifier": "x"}, model.input_shape, "rds") == {"DBInstanceIdentifier": "x"}
    answer = {"DBInstances": [{"DBInstanceStatus": "available", "DBSubnetGroup": {"VpcId": "v"}}]}
    assert from_boto(answer, model.output_shape, "rds") == {
        "DbInstances": [{"DbInstanceStatus": "available", "DbSubnetGroup": {"VpcId": "v"}}]
    }


def test_calls_of_dynamodb_translate_both_spellings() -> None:
    """Both spellings of a value's type reach botocore, and a response has the preferred one."""
    import boto3

    service = boto3.client("dynamodb", region_name="us-east-1").meta.service_model
    get, put = service.operation_model("GetItem").output_shape, service.operation_model("PutItem").input_shape
    stored = {"Item": {"a": {"NULL": True}, "b": {"L": [{"BOOL": True}, {"SS": ["x"]}]}}}
    spelled = {"Item": {"a": {"Nul": True}, "b": {"L": [{"Bool": True}, {"Ss": ["x"]}]}}}
    assert to_boto(spelled, put, "dynamodb") == to_boto(stored, put, "dynamodb") == stored
    assert from_boto(stored, get, "dynamodb") == spelled
    assert from_boto(stored, get) == stored


def _codes(step: dict[str, JSON], *, after: list[JSON] | None = None) -> list[str]:
    return [f"{one.code} {one.help}" for one in check_text(_workflow(step, *(after or [])))]


def _workflow(step: dict[str, JSON], *after: JSON) -> str:
    return json.dumps({"flowgen": 1, "name": "w", "steps": [{"id": "a", **step}, *after]})


def test_checks_ask_for_the_spelling_of_step_functions() -> None:
    """The name in the API's reference is rejected, with the right one."""
    call = "rds:describeDBInstances"
    read = {"id": "status", "set": "${ $a.DbInstances[0].DbInstanceStatus }"}
    assert _codes({"aws": call, "with": {"DbInstanceIdentifier": "x"}}, after=[read]) == []
    assert _codes({"aws": call, "with": {"DBInstanceIdentifier": "x"}}) == [
        "FG302 did you mean `DbInstanceIdentifier`?"
    ]


@pytest.mark.parametrize(
    ("call", "item", "written", "preferred"),
    [
        ("aws-sdk:dynamodb:putItem", {"on": {"BOOL": True}}, "BOOL", "Bool"),
        ("aws-sdk:dynamodb:putItem", {"l": {"L": [{"M": {"x": {"NULL": True}}}]}}, "NULL", "Nul"),
        ("aws-sdk:dynamodb:putItem", {"l": "${ {'SS': ['a']} }"}, "SS", "Ss"),
        ("aws-sdk:dynamodb:putItem", {"on": {"Bool": True}, "s": {"S": "x"}, "l": {"L": [{"Nul": True}]}}, None, None),
        ("dynamodb:putItem", {"on": {"BOOL": True}}, None, None),
    ],
)
def test_arguments_of_uncertain_spelling(call: str, item: JSON, written: str | None, preferred: str | None) -> None:
    """The spelling that is not preferred is accepted with a warning that names the other one."""
    found = check_text(_workflow({"aws": call, "with": {"TableName": "t", "Item": item}}))
    expected = [("FG315", f"Step Functions may not accept the spelling `{written}`", preferred)] if written else []
    assert [(one.code, one.message, preferred) for one in found] == expected
    assert all(f"`{preferred}`" in str(one.help) for one in found)


def test_responses_of_uncertain_spelling() -> None:
    """A response is read under the preferred spelling without a warning."""
    get = {"aws": "aws-sdk:dynamodb:getItem", "with": {"TableName": "t", "Key": {"id": {"S": "x"}}}}
    for member, codes in (("Bool", []), ("BOOL", ["FG315"])):
        read = {"id": "on", "set": f"${{ $exists($a.Item.on.{member}) }}"}
        assert [one.code for one in check_text(_workflow(get, read))] == codes


def test_one_spelling_where_the_rule_is_certain() -> None:
    """Only names that Java reserves and the types of DynamoDB values have two."""
    assert sdk_spellings("service", "Tag", "value") == ("Value",)
    assert sdk_spellings("service", "Shape", "Default") == ("DefaultValue", "Default")
    assert sdk_spellings("dynamodb", "AttributeValue", "S") == ("S",)
    assert sdk_spellings("dynamodb", "AttributeValue", "BOOL") == ("Bool", "BOOL")


@pytest.mark.parametrize(
    ("call", "error", "help_"),
    [
        ("dynamodb:getItem", "DynamoDb.ThrottlingException", "write `DynamoDB.ThrottlingException`"),
        ("aws-sdk:dynamodb:getItem", "DynamoDB.ThrottlingException", "write `DynamoDb.ThrottlingException`"),
        ("ecs:listTasks", "ECS.ClientException", "write `Ecs.ClientException`"),
        ("dynamodb:getItem", "DynamoDB.ThrottlingException", None),
        ("ecs:listTasks", "Ecs.ClientException", None),
    ],
)
def test_prefix_of_an_error(call: str, error: str, help_: str | None) -> None:
    """An error with the prefix of the other kind of integration is never raised."""
    given = {"TableName": "t", "Key": {"id": {"S": "x"}}} if "dynamodb" in call else {}
    for handled in ({"catch": [{"errors": [error], "steps": []}]}, {"retry": [{"attempts": 2, "errors": [error]}]}):
        assert _codes({"aws": call, "with": given, **handled}) == ([] if help_ is None else [f"FG207 {help_}"])
