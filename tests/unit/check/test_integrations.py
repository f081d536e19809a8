"""Calls of AWS services, and who answers them."""

from __future__ import annotations

import pytest

from flowgen.aws.sdk_actions import sdk_services, service_name
from tests.unit.check.marks import found, one

STEP = "steps:\n  - id: a\n    aws: «%s»\n"


@pytest.mark.parametrize(
    ("action", "help_"),
    [
        ("dynamodb:getItm", "did you mean `dynamodb:getItem`?"),
        ("dynamodb:GetItem", "did you mean `dynamodb:getItem`?"),
        ("ec2:describeInstance", "did you mean `ec2:describeInstances`?"),
        ("dynamdb:getItem", "did you mean `dynamodb`?"),
        ("logs:putLogEvents", "write `cloudwatchlogs:putLogEvents`"),
        ("states:describeExecution", "write `sfn:describeExecution`"),
        ("events:putRule", "write `eventbridge:putRule`"),
        ("stepfunctions:describeExecution", "write `sfn:describeExecution`"),
        ("configservice:describeConfigRules", "write `config:describeConfigRules`"),
        ("glue:startJobRn", "did you mean `glue:startJobRun`?"),
        ("frobnicate:doIt", None),
        ("aws-sdk:frobnicate:doIt", None),
    ],
)
def test_unknown_action(action: str, help_: str | None) -> None:
    """What Step Functions can't call is reported, with what was likely meant."""
    assert one(STEP % action, "FG404").help == help_


@pytest.mark.parametrize(
    "action",
    [
        "dynamodb:getItem",
        "dynamodb:query",
        "aws-sdk:dynamodb:query",
        "s3:listObjectsV2",
        "ecs:runTask.sync",
        "states:startExecution.sync:2",
        "states:startExecution.sync",
        "glue:startJobRun.sync",
        "sfn:describeExecution",
        "emr-serverless:startJobRun.sync",
        "bedrockruntime:invokeModel",
        "databasemigration:startReplicationTask",
    ],
)
def test_known_action(action: str) -> None:
    """Optimized integrations and those of the SDK, under the names that Step Functions gives them."""
    assert found(STEP.replace("«", "").replace("»", "") % action, "FG404") == []


@pytest.mark.parametrize(
    ("action", "help_"),
    [
        ("dynamodb:getItem.sync", None),
        ("s3:listObjectsV2.sync", "wait for the job with a `repeat` that polls its state"),
        ("ecs:runTask.sync:2", "it has `.sync`"),
        ("sqs:sendMessage.sync", None),
    ],
)
def test_pattern_that_is_lacking(action: str, help_: str | None) -> None:
    """`.sync` is there for the actions that the documentation lists."""
    finding = one(STEP % action, "FG404")
    assert "cannot wait" in finding.message
    assert finding.help == help_


def test_callback_where_none_is() -> None:
    """An optimized integration hands a token on only where it is made for it; the SDK's always does."""
    text = "    callback: string\n    with: {Message: '${ $context.Task.Token }'}\n"
    assert "cannot pass on a task token" in one(STEP % "dynamodb:putItem" + text, "FG404").message
    assert "cannot wait for both" in one(STEP % "ecs:runTask.sync" + text, "FG404").message
    assert found("steps:\n  - id: a\n    aws: sqs:sendMessage\n" + text, "FG404") == []
    assert found("steps:\n  - id: a\n    aws: aws-sdk:dynamodb:putItem\n" + text, "FG404") == []


@pytest.mark.parametrize(
    ("argument", "passed"),
    [
        ("", False),
        ("    with: {Message: hello}\n", False),
        ("    with: {Message: '${ $context.Execution.Id }'}\n", False),
        ("    with: {Message: '${ $context.Task.Token }'}\n", True),
        ("    with: {Message: {token: 'it is ${ $context.Task.Token }!'}}\n", True),
        ("    with: {Message: '${ $context.Task }'}\n", True),
        ("    with: {Message: '${ $string($context) }'}\n", True),
    ],
)
def test_token(argument: str, passed: bool) -> None:  # noqa: FBT001 - a parameter of a test
    """Who is to answer needs the token, or something that it is part of."""
    text = (
        f"steps:\n  - id: a\n    aws: sqs:sendMessage\n    {'callback' if passed else '«callback»'}: string\n{argument}"
    )
    assert len(found(text, "FG405")) == (0 if passed else 1)


def test_token_of_functions() -> None:
    """Our functions find it in their context; an existing Lambda function receives it only if `with` contains it."""
    head = (
        "flowgen: 1\nname: place_order\nfunctions:\n"
        "  ours: {}\n  activity: {activity: true}\n"
        "  theirs: {arn: 'arn:aws:lambda:eu-west-1:123456789012:function:theirs'}\n"
    )
    text = "steps:\n  - {id: a, call: ours, callback: string}\n"
    assert found(text, "FG405", head) == []
    text = "steps:\n  - {id: a, call: theirs, «callback»: string}\n"
    assert one(text, "FG405", head).help == "put `${ $context.Task.Token }` into `with`"
    text = "steps:\n  - {id: a, call: theirs, callback: string, with: '${ $context.Task.Token }'}\n"
    assert found(text, "FG405", head) == []
    text = "steps:\n  - {id: a, call: activity, «callback»: string}\n"
    assert one(text, "FG404", head).help == "remove the `callback`"


def test_heartbeat() -> None:
    """Heartbeats come from those who hold a token, from workers and from observed jobs."""
    head = "flowgen: 1\nname: place_order\nfunctions:\n  ours: {}\n  activity: {activity: true}\n"
    assert one("steps:\n  - {id: a, call: ours, «heartbeat»: 1m}\n", "FG406", head).severity == "warning"
    assert one("steps:\n  - {id: a, aws: 'sqs:sendMessage', «heartbeat»: 1m}\n", "FG406", head).severity == "warning"
    text = (
        "steps:\n  - {id: a, call: ours, callback: string, heartbeat: 1m}\n"
        "  - {id: b, call: activity, heartbeat: 1m}\n  - {id: c, aws: 'ecs:runTask.sync', heartbeat: 1m}\n"
    )
    assert found(text, "FG406", head) == []


def test_names_of_services() -> None:
    """Names are as the developer guide's list has them."""
    assert service_name("SFN") == "sfn"
    assert service_name("Elastic Load Balancing v2") == "elasticloadbalancingv2"
    assert service_name("Directory Service") == "directory"
    services = sdk_services()
    assert {"sfn", "cloudwatchlogs", "eventbridge", "costexplorer", "ssm", "iotdataplane"} <= services.actions.keys()
    assert "startSyncExecution" in services.actions["sfn"]
    assert not services.aliases.keys() & services.actions.keys()
    assert "subscribeToShard" not in services.actions["kinesis"]
