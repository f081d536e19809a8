"""Calls of AWS, against moto in the place of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.session import get_session
from moto import mock_aws

from flowgen.aws.error_names import error_prefix
from flowgen.running import Options, run
from flowgen.running.aws import Aws, connect
from flowgen.running.aws_names import botocore_service
from flowgen.running.boto_values import from_boto, to_boto
from tests.unit.running.machines import program, service

JSON = Any

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        boto3.client("dynamodb").create_table(
            TableName="t",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        boto3.client("s3").create_bucket(Bucket="bucket")
        yield connect(None, sleep=lambda _: None)


def result(aws: Aws, state: JSON) -> Any:
    return run(program({"A": state}), {}, Options(services=(aws.answer,), objects=aws.objects())).execution


def test_an_optimized_integration_answers_with_metadata(aws: Aws) -> None:
    """DynamoDB's own members, and the two of the SDK."""
    done = result(aws, service("dynamodb:putItem", {"TableName": "t", "Item": {"id": {"S": "1"}}}))
    assert done.status == "SUCCEEDED"
    assert done.output["SdkHttpMetadata"]["HttpStatusCode"] == 200
    assert "RequestId" in done.output["SdkResponseMetadata"]


@pytest.mark.parametrize(
    ("action", "arguments", "error"),
    [
        (
            "dynamodb:putItem",
            {"TableName": "t", "Item": {"id": {"S": "2"}}, "ConditionExpression": "attribute_exists(id)"},
            "DynamoDB.ConditionalCheckFailedException",
        ),
        ("dynamodb:getItem", {"TableName": "none", "Key": {"id": {"S": "1"}}}, "DynamoDB.ResourceNotFoundException"),
        (
            "aws-sdk:dynamodb:getItem",
            {"TableName": "none", "Key": {"id": {"S": "1"}}},
            "DynamoDb.ResourceNotFoundException",
        ),
        ("aws-sdk:s3:getObject", {"Bucket": "bucket", "Key": "none"}, "S3.NoSuchKeyException"),
        ("aws-sdk:s3:listObjectsV2", {"Bucket": "nothing-here"}, "S3.NoSuchBucketException"),
        ("aws-sdk:secretsmanager:getSecretValue", {"SecretId": "x"}, "SecretsManager.ResourceNotFoundException"),
        ("aws-sdk:dynamodb:putItem", {"TableName": "t"}, "DynamoDb.DynamoDbException"),
    ],
)
def test_errors_have_step_functions_names(aws: Aws, action: str, arguments: JSON, error: str) -> None:
    """The prefix is that of the integration, and every name ends in Exception."""
    failed = result(aws, service(action, arguments))
    assert (failed.status, failed.error) == ("FAILED", error)


def test_objects_are_texts(aws: Aws) -> None:
    """A body that is not text is sent as JSON, and comes back as the text that it is."""
    put = service("aws-sdk:s3:putObject", {"Bucket": "bucket", "Key": "k", "Body": [1, 2]})
    assert result(aws, put).status == "SUCCEEDED"
    assert result(aws, service("aws-sdk:s3:getObject", {"Bucket": "bucket", "Key": "k"})).output["Body"] == "[1,2]"
    objects = aws.objects()
    objects["bucket/other"] = "x"
    assert (objects["bucket/k"], list(objects), len(objects)) == ("[1,2]", ["bucket/k", "bucket/other"], 2)
    objects.clear()
    assert "bucket/k" not in objects


@pytest.mark.parametrize("resource", ["getObject", "listObjectsV2"])
def test_map_states_read_buckets(aws: Aws, resource: str) -> None:
    """Items come from an object, or are the objects under a prefix."""
    aws.objects()["bucket/in/a.json"] = "[1, 2]"
    arguments = {"Bucket": "bucket", **({"Key": "in/a.json"} if resource == "getObject" else {"Prefix": "in/"})}
    config = {"ReaderConfig": {"InputType": "JSON"}} if resource == "getObject" else {}
    state = {
        "Type": "Map",
        "ItemReader": {"Resource": f"arn:aws:states:::s3:{resource}", "Arguments": arguments, **config},
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": "P",
            "States": {"P": {"Type": "Pass", "End": True}},
        },
    }
    output = result(aws, state).output
    aws.objects().clear()
    assert output == [1, 2] if resource == "getObject" else [item["Key"] for item in output] == ["in/a.json"]


def test_members_are_spelled_as_the_api_does() -> None:
    """Step Functions writes capitals where ECS has none, both ways; keys of maps stay as they are."""
    model = get_session().get_service_model("ecs").operation_model("RunTask")
    given = {"Cluster": "c", "TaskDefinition": "t", "Overrides": {"ContainerOverrides": [{"Name": "n", "Memory": 1}]}}
    asked = to_boto(given, model.input_shape, "ecs")
    assert asked == {
        "cluster": "c",
        "taskDefinition": "t",
        "overrides": {"containerOverrides": [{"name": "n", "memory": 1}]},
    }
    assert from_boto({"tasks": [{"taskArn": "a"}], "failures": []}, model.output_shape) == {
        "Tasks": [{"TaskArn": "a"}],
        "Failures": [],
    }
    tags = get_session().get_service_model("sqs").operation_model("CreateQueue")
    assert to_boto({"QueueName": "q", "Tags": {"my key": "v"}}, tags.input_shape, "sqs")["tags"] == {"my key": "v"}


@pytest.mark.parametrize(
    ("service_name", "known"),
    [
        ("dynamodb", "dynamodb"),
        ("aws-sdk:sfn", "stepfunctions"),
        ("aws-sdk:secretsmanager", "secretsmanager"),
        ("aws-sdk:eventbridge", "events"),
        ("aws-sdk:cognitoidentityprovider", "cognito-idp"),
        ("aws-sdk:cloudwatchlogs", "logs"),
        ("aws-sdk:rdsdata", "rds-data"),
        ("aws-sdk:bedrockruntime", "bedrock-runtime"),
        ("aws-sdk:directory", "ds"),
        ("aws-sdk:iotdataplane", "iot-data"),
        ("elasticmapreduce", "emr"),
        ("apigateway", None),
        ("aws-sdk:apigateway", "apigateway"),
        ("aws-sdk:nothing", None),
    ],
)
def test_services_have_botocores_names(service_name: str, known: str | None) -> None:
    """The names of integrations are found among those of the SDK."""
    assert botocore_service(service_name, get_session().get_available_services()) == known


@pytest.mark.parametrize(
    ("service_name", "service_id", "prefix"),
    [
        ("dynamodb", "DynamoDB", "DynamoDB"),
        ("aws-sdk:dynamodb", "DynamoDB", "DynamoDb"),
        ("aws-sdk:sfn", "SFN", "Sfn"),
        ("aws-sdk:s3", "S3", "S3"),
        ("aws-sdk:secretsmanager", "Secrets Manager", "SecretsManager"),
        ("events", "EventBridge", "EventBridge"),
    ],
)
def test_prefixes_of_errors(service_name: str, service_id: str, prefix: str) -> None:
    """Recordings of AWS have these before the names of errors."""
    assert error_prefix(service_name, service_id) == prefix


class _Jobs:
    """A client of Glue whose job takes two looks."""

    def __init__(self, ends: str) -> None:
        self.meta = boto3.client("glue", region_name="us-east-1").meta
        self.states = ["RUNNING", ends]

    def start_job_run(self, **_: JSON) -> JSON:
        return {"JobRunId": "r", "ResponseMetadata": {}}

    def get_job_run(self, **asked: JSON) -> JSON:
        return {"JobRun": {"Id": asked["RunId"], "JobName": asked["JobName"], "JobRunState": self.states.pop(0)}}


@pytest.mark.parametrize("ends", ["SUCCEEDED", "FAILED"])
def test_jobs_are_waited_for(ends: str) -> None:
    """`.sync` looks at the job until it has ended, and gives it, or fails with it."""
    waits: list[float] = []
    aws = Aws(lambda _: _Jobs(ends), lambda: ["glue"], waits.append)
    done = run(program({"A": service("glue:startJobRun.sync", {"JobName": "j"})}), {}, Options(services=(aws.answer,)))
    job = {"Id": "r", "JobName": "j", "JobRunState": ends}
    execution = done.execution
    assert len(waits) == 1
    if ends == "SUCCEEDED":
        assert execution.output == job
    else:
        assert (execution.error, json.loads(execution.cause or "")) == ("States.TaskFailed", job)
