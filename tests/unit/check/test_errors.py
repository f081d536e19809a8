"""Names of errors in `catch` and `retry`: those of AWS services and of child workflows."""

from __future__ import annotations

import pytest

from flowgen.check import check_children
from flowgen.pipeline import check_text
from tests.unit.check.test_projects import workflow

STEP = """\
flowgen: 1
name: shop
functions:
  charge: {{input: any, errors: {{CardDeclined: any}}}}
  await_card: {{input: any, errors: {{CardDeclined: any}}}}
steps:
  - id: tried
    {step}
    catch: [{{errors: [{name}], steps: []}}]
"""

CALLS = {
    "optimized": "aws: dynamodb:getItem\n    with: {TableName: a, Key: {id: {S: a}}}",
    "sdk": "aws: dynamodb:listTables",
    "s3": "aws: s3:getObject\n    with: {Bucket: a, Key: a}",
    "rds": "aws: rds:describeDBClusters",
    "child": "aws: states:startExecution\n    with: {StateMachineArn: a}",
    "lambda": "aws: lambda:invoke\n    with: {FunctionName: a}",
    "call": "call: charge",
    "waiting": "call: await_card\n    callback: any",
}


def helps(call: str, name: str) -> list[str | None]:
    found = check_text(STEP.format(step=CALLS[call], name=name))
    return [one.help for one in found if one.code == "FG207"]


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ("optimized", "DynamoDB.ConditionalCheckFailedException"),
        ("optimized", "DynamoDB.ProvisionedThroughputExceededException"),
        ("optimized", "DynamoDB.AmazonDynamoDBException"),
        ("optimized", "DynamoDB.ThrottlingException"),
        ("optimized", "DynamoDB.SdkClientException"),
        ("sdk", "DynamoDb.ResourceNotFoundException"),
        ("sdk", "DynamoDb.DynamoDbException"),
        ("s3", "S3.NoSuchKeyException"),
        ("s3", "S3.S3Exception"),
        ("rds", "Rds.InvalidDbClusterStateException"),
        ("child", "StepFunctions.ExecutionAlreadyExistsException"),
        ("lambda", "Lambda.TooManyRequestsException"),
        ("lambda", "CardDeclined"),
        ("call", "com.example.NoSuchCard"),
        ("waiting", "anything_else"),
        ("waiting", "CardDeclined"),
    ],
)
def test_names_that_may_be_raised(call: str, name: str) -> None:
    pytest.importorskip("botocore")
    assert helps(call, name) == []


@pytest.mark.parametrize(
    ("call", "name", "help_"),
    [
        ("optimized", "DynamoDb.ConditionalCheckFailedException", "write `DynamoDB.ConditionalCheckFailedException`"),
        ("optimized", "Dynamodb.ConditionalCheckFailed", "write `DynamoDB.ConditionalCheckFailedException`"),
        ("sdk", "DynamoDB.ResourceNotFoundException", "write `DynamoDb.ResourceNotFoundException`"),
        ("optimized", "DynamoDB.ConditionalCheckFailed", "did you mean `DynamoDB.ConditionalCheckFailedException`?"),
        (
            "optimized",
            "DynamoDB.ConditionalChekFailedException",
            "did you mean `DynamoDB.ConditionalCheckFailedException`?",
        ),
        (
            "optimized",
            "DynamoDB.ConditionalCheckFailedExcepton",
            "did you mean `DynamoDB.ConditionalCheckFailedException`?",
        ),
        ("s3", "S3.NoSuchKey", "did you mean `S3.NoSuchKeyException`?"),
        ("s3", "DynamoDb.ResourceNotFoundException", "write `S3.ResourceNotFoundException`"),
        ("child", "Sfn.ExecutionAlreadyExistsException", "write `StepFunctions.ExecutionAlreadyExistsException`"),
        ("call", "Timeout", "write `States.Timeout`"),
        ("waiting", "Timeout", "write `States.Timeout`"),
        ("waiting", "TaskFailed", "write `States.TaskFailed`"),
        ("waiting", "CardDeclned", "did you mean `CardDeclined`?"),
        ("optimized", "States.timeout", "did you mean `States.Timeout`?"),
        ("call", "TooManyRequestsException", "write `Lambda.TooManyRequestsException`"),
        ("call", "'*'", "write `any`"),
        ("call", "all", "write `any`"),
    ],
)
def test_names_that_nothing_raises(call: str, name: str, help_: str) -> None:
    pytest.importorskip("botocore")
    assert helps(call, name) == [help_]


CHILD = """\
flowgen: 1
name: child
functions:
  transfer: {input: any, errors: {TransferRejected: {fields: {reason: string}}}}
steps:
  - {id: sent, call: transfer}
  - {id: refused, if: $sent = 1, fail: {error: Refused}}
"""
PARENT = """\
flowgen: 1
name: parent
steps:
  - id: paid
    workflow: child
    %s
"""


@pytest.mark.parametrize(
    ("handling", "help_"),
    [
        ("catch: [{errors: [TransferRejected, Refused], steps: []}]", None),
        ("catch: [{errors: [States.TaskFailed], steps: []}]", None),
        ("catch: [{errors: [TransferRejectd], steps: []}]", "did you mean `TransferRejected`?"),
        (
            "retry: {errors: [TransferRejected]}",
            "write `States.TaskFailed`, or `retry` inside the child; only `catch` sees the name",
        ),
        ("retry: {errors: [States.TaskFailed]}", None),
    ],
)
def test_errors_of_a_child_are_known(handling: str, help_: str | None) -> None:
    known = {"child": workflow(CHILD)}

    found = list(check_children(workflow(PARENT % handling), known))

    assert [(one.code, one.help) for one in found] == ([] if help_ is None else [("FG207", help_)])


def test_a_child_that_waits_for_an_answer_may_raise_anything() -> None:
    known = {"child": workflow(CHILD.replace("call: transfer", "call: transfer, callback: any"))}

    assert list(check_children(workflow(PARENT % "catch: [{errors: [Whatever], steps: []}]"), known)) == []


FOREIGN = """\
flowgen: 1
name: shop
functions:
  pay:
    %s
    errors: [card_declined, com.acme.Broken]
steps:
  - id: paid
    call: pay
    catch: [{errors: [%s], steps: []}]
"""
ARN = "arn: arn:aws:lambda:eu-west-1:123456789012:function:pay"


@pytest.mark.parametrize(
    ("function", "name", "found"),
    [
        (ARN, "card_declined", []),
        (ARN, "com.acme.Broken", []),
        (ARN, "card_declned", [("FG207", "did you mean `card_declined`?")]),
        ("python: shop.pay:pay", "card_declined", [("FG107", "did you mean `CardDeclined`?")]),
    ],
)
def test_errors_of_foreign_functions_have_any_name(function: str, name: str, found: list[tuple[str, str]]) -> None:
    """The errors of flowgen's own functions are classes."""
    assert [(one.code, one.help) for one in check_text(FOREIGN % (function, name))] == found
