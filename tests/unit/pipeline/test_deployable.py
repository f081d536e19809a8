"""`check` finds what `template` would reject."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowgen.diagnostics import Diagnostic
from flowgen.pipeline import check_paths

HEAD = "flowgen: 1\nname: shop\n"
QUEUE = "resources:\n  Orders: {Type: AWS::SQS::Queue%s}\n"
SEND = "steps:\n  - id: sent\n    aws: sqs:sendMessage\n    with: {QueueUrl: %s, MessageBody: hi}\n"


def checked(folder: Path, text: str) -> list[Diagnostic]:
    (folder / "pyproject.toml").write_text("[tool.flowgen]\n")
    (folder / "workflow.yaml").write_text(text)
    return list(check_paths(("workflow.yaml",), folder, deployable=True).diagnostics)


@pytest.mark.parametrize(
    ("text", "code", "line", "help_"),
    [
        (
            HEAD + QUEUE % "" + SEND % "!Ref Order",
            "FG503",
            8,
            "did you mean `Orders`?",
        ),
        (
            HEAD + QUEUE % "" + SEND % "!GetAtt Orders.QueueURI",
            "FG503",
            8,
            "did you mean `QueueUrl`?",
        ),
        (
            HEAD + QUEUE % "" + SEND % '!Sub "${Orders.Nothing}"',
            "FG503",
            8,
            None,
        ),
        (
            HEAD + "steps:\n  - id: ran\n    aws: ecs:runTask.sync\n    with: {Cluster: main, TaskDefinition: job}\n",
            "FG502",
            5,
            None,
        ),
        (
            HEAD
            + "functions:\n  f:\n    environment: {MACHINE: !Ref ShopStateMachine}\nsteps:\n  - {id: a, call: f}\n",
            "FG526",
            5,
            None,
        ),
        (
            HEAD + QUEUE % ", Properties: {QueueName: !Ref ShopStateMachine}" + SEND % "!Ref Orders",
            "FG526",
            4,
            "write the ARN or name out with `!Sub`, from `${AWS::Region}`, `${AWS::AccountId}` and a name",
        ),
        (
            HEAD
            + "resources:\n  A: {Type: AWS::SNS::Topic, DependsOn: [B]}\n  B: {Type: AWS::SNS::Topic, DependsOn: A}\n"
            + "steps:\n  - {id: a, set: 1}\n",
            "FG526",
            4,
            "remove this `DependsOn`, or another one of the circle",
        ),
        (
            HEAD + "functions:\n  f: {memory: 200, timeout: 2 hours}\nsteps:\n  - {id: a, call: f}\n",
            "FG402",
            4,
            None,
        ),
    ],
)
def test_what_cloudformation_would_reject(tmp_path: Path, text: str, code: str, line: int, help_: str | None) -> None:
    [found] = [one for one in checked(tmp_path, text) if one.severity == "error"]

    assert found.span is not None
    assert (found.code, found.span.start.line) == (code, line)
    assert help_ is None or found.help == help_


def test_a_circle_of_resources_is_written_out(tmp_path: Path) -> None:
    """FG526 names each resource of the circle in the order of the references, and is at one of them."""
    resources = "resources:\n  A: {Type: AWS::SNS::Topic, Properties: {TopicName: !GetAtt B.TopicName}}\n"
    resources += "  B: {Type: AWS::SNS::Topic, DependsOn: C}\n  C: {Type: AWS::SNS::Topic, DependsOn: A}\n"

    [found] = [
        one for one in checked(tmp_path, HEAD + resources + "steps:\n  - {id: a, set: 1}\n") if one.code == "FG526"
    ]

    assert found.label == "each of these refers to the next: `B` → `C` → `A` → `B`"
    assert found.span is not None
    assert found.span.start.line == 4


@pytest.mark.parametrize(
    "text",
    [
        HEAD + QUEUE % "" + SEND % "!Ref Orders",
        HEAD + QUEUE % "" + SEND % "!GetAtt Orders.QueueUrl",
        HEAD + QUEUE % "" + SEND % '!Sub "${Orders.QueueUrl}"',
        HEAD
        + "resources:\n  Made: {Type: Custom::Thing, Properties: {ServiceToken: a}}\n"
        + SEND % "!GetAtt Made.Anything",
        HEAD + "steps:\n  - id: seen\n    aws: rekognition:detectModerationLabels\n    with: {Image: {Bytes: a}}\n",
    ],
)
def test_what_cloudformation_accepts(tmp_path: Path, text: str) -> None:
    assert [one for one in checked(tmp_path, text) if one.severity == "error"] == []


def test_ignore_comments_hold(tmp_path: Path) -> None:
    text = HEAD + QUEUE % "" + (SEND % "!Ref Order").rstrip() + "  # flowgen: ignore[FG503]\n"

    assert checked(tmp_path, text) == []


def test_one_note_says_that_calls_are_not_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without boto3, at the first `aws` step."""
    monkeypatch.setattr("flowgen.aws.api.has_models", lambda: False)

    [found] = checked(tmp_path, HEAD + QUEUE % "" + SEND % "!Ref Orders" + "  - {id: again, aws: s3:listBuckets}\n")

    assert found.span is not None
    assert (found.code, found.severity, found.span.start.line) == ("FG414", "note", 7)


def test_no_note_where_nothing_is_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flowgen.aws.api.has_models", lambda: False)

    assert checked(tmp_path, HEAD + "steps:\n  - {id: a, set: 1}\n") == []
