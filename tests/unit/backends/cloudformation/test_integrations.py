"""A simulation of IAM for each integration: a call's role allows every request of the call, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from flowgen.asl.integrations import OPTIMIZED
from flowgen.backends.cloudformation import build_template, findings
from flowgen.backends.cloudformation.iam.grants import derive
from flowgen.backends.cloudformation.stack_context import context_of
from tests.unit.backends.cloudformation.support import ACCOUNT, CloudFormation, allows, unit

_ALWAYS = ("DeliverLogs", "TraceExecutions")
_RESOURCES = """\
  Task: {Type: AWS::ECS::TaskDefinition, Properties: {Family: draw, ContainerDefinitions: []}}
  Key: {Type: AWS::KMS::Key, Properties: {KeyPolicy: {}}}
  Topic: {Type: AWS::SNS::Topic, Properties: {KmsMasterKeyId: !Ref Key}}
  Queue: {Type: AWS::SQS::Queue, Properties: {KmsMasterKeyId: !GetAtt Key.Arn}}
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketEncryption:
        ServerSideEncryptionConfiguration:
          - ServerSideEncryptionByDefault: {SSEAlgorithm: "aws:kms", KMSMasterKeyID: !GetAtt Key.Arn}
  Secret: {Type: AWS::SecretsManager::Secret, Properties: {KmsKeyId: !Ref Key}}
  Stream: {Type: AWS::Kinesis::Stream, Properties: {StreamEncryption: {EncryptionType: KMS, KeyId: !Ref Key}}}
"""


class _Reader(yaml.SafeLoader):
    """Reads CloudFormation's tags as their text, such as `!Ref Queue`."""


_Reader.add_multi_constructor("!", lambda _, tag, node: f"!{tag} {node.value}")
_TEXT = (Path(__file__).parent / "integrations.yaml").read_text("utf-8")
_CASES = {case["call"]: case for case in yaml.load(_TEXT, _Reader)}  # noqa: S506 - a SafeLoader
_WRITTEN = dict(
    zip(_CASES, (line.strip()[6:] for line in _TEXT.splitlines() if line.startswith("  with: ")), strict=True)
)


def _workflow(call: str, policies: list[str] | None = None) -> str:
    own = "" if policies is None else f"    policies: [{{Effect: Allow, Action: {policies}, Resource: '*'}}]\n"
    step = f"  - id: one\n    aws: {call}\n    with: {_WRITTEN[call]}\n{own}"
    return f"flowgen: 1\nname: small\nresources:\n{_RESOURCES}steps:\n{step}"


def _asked(case: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, str]]]:
    """The requests of a call: action, resource and context."""
    for row in case.get("asks", ()):
        actions, resource, *context = (
            row.replace("HERE", ACCOUNT).replace("ROLE", "arn:aws:iam::111111111111:role").split()
        )
        if actions == "rule":
            actions, resource = (
                "events:PutTargets,events:PutRule,events:DescribeRule",
                f"arn:aws:events:{ACCOUNT}:rule/{resource}",
            )
        for action in actions.split(","):
            yield action, resource, dict(pair.split("=", 1) for pair in context)


def _allowed(call: str) -> list[dict[str, Any]]:
    made = unit(_workflow(call))
    template = build_template([made])
    document = template["Resources"][made.machine.role]["Properties"]["Policies"][0]["PolicyDocument"]
    statements = [statement for statement in document["Statement"] if statement.get("Sid") not in _ALWAYS]
    resolved: list[dict[str, Any]] = CloudFormation(template).resolve(statements)
    return resolved


def test_each_optimized_integration_has_a_case() -> None:
    """With `.sync` if the integration supports it, since that needs more."""
    expected = {
        f"{service}:{api}" + (".sync" if "s" in patterns else "") + (":2" if "2" in patterns else "")
        for service, apis in OPTIMIZED.items()
        for api, patterns in apis.items()
    } - {"http:invoke"}  # test_derived_permissions covers HTTP tasks

    assert expected - set(_CASES) == set()


@pytest.mark.parametrize("call", _CASES)
def test_a_call_is_allowed_and_nothing_else(call: str) -> None:
    """Each request is allowed, and each action on each resource of the role is requested."""
    asked, allowed = list(_asked(_CASES[call])), _allowed(call)

    assert [one for one in asked if not any(allows(statement, *one) for statement in allowed)] == []
    unused = [
        (action, resource)
        for statement in allowed
        for action in (statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]])
        for resource in (statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]])
        if not any(allows({**statement, "Action": action, "Resource": resource}, *one) for one in asked)
    ]
    assert unused == []


@pytest.mark.parametrize("call", _CASES)
def test_the_rest_is_asked_for(call: str) -> None:
    """FG502 names the actions that the arguments do not determine; a statement with these actions satisfies it."""
    expected = _CASES[call].get("policies", [])
    made = unit(_workflow(call))
    needs = {action for need in derive(made, context_of([made]))[1] for action in need.actions}

    assert needs == {action for action in expected if not action.endswith(":*")}
    assert {found.code for found in findings([made])} == ({"FG502"} if expected else set())
    assert not expected or findings([unit(_workflow(call, expected))]) == []
