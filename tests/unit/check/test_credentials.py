"""The roles that tasks assume."""

from __future__ import annotations

import pytest

from flowgen.pipeline import check_text

TEXT = """\
flowgen: 1
name: partner
input: {{fields: {{role: string, note?: string, n: integer}}}}
output: any
parameters: {{PartnerArn: {{Type: String}}, Bad: {{Type: String, Default: partner}}}}
resources:
  Partner: {{Type: "AWS::IAM::Role"}}
  Key: {{Type: "AWS::KMS::Key"}}
  Made: {{Type: "Custom::Role"}}
functions:
  work: {{activity: true}}
steps:
  - id: one
    {step}
    credentials: {{role: {role}}}
"""
PARTNER = "arn:aws:iam::210987654321:role/partner"


def found(role: str, step: str = "aws: s3:listBuckets") -> list[tuple[str, str]]:
    text = TEXT.format(step=step, role=role)
    return [(one.code, one.message) for one in check_text(text) if one.severity.value == "error"]


@pytest.mark.parametrize(
    "role",
    [
        PARTNER,
        "'arn:aws-us-gov:iam::210987654321:role/some/path/partner+=,.@-'",
        "!GetAtt Partner.Arn",
        "!Ref PartnerArn",
        "!Ref Made",
        "!Sub 'arn:${AWS::Partition}:iam::210987654321:role/partner'",
        "!ImportValue partner-RoleArn",
        '"${ $parameters.PartnerArn }"',
        '"${ $resources.Partner.Arn }"',
        '"${ $input.role }"',
        '"arn:aws:iam::${ $input.n }:role/partner"',
    ],
)
def test_roles(role: str) -> None:
    assert found(role) == []


@pytest.mark.parametrize(
    ("role", "message"),
    [
        ("partner", "`partner` is not the ARN of a role"),
        ("arn:aws:iam::210987654321:user/a", "`arn:aws:iam::210987654321:user/a` is not the ARN of a role"),
        ("arn:aws:iam::21:role/a", "`arn:aws:iam::21:role/a` is not the ARN of a role"),
        ('"role/${ $input.role }"', "this is not the ARN of a role"),
        ("!Ref Partner", "this is not the ARN of the role"),
        ("!GetAtt Partner.RoleId", "this is not the ARN of the role"),
        ('"${ $resources.Partner }"', "this is not the ARN of the role"),
        ("!GetAtt Key.Arn", "`Key` is not a role"),
        ("!Ref Bad", "the parameter `Bad` is not the ARN of a role"),
    ],
)
def test_what_is_not_a_role(role: str, message: str) -> None:
    assert found(role) == [("FG220", message)]


@pytest.mark.parametrize(
    ("role", "code"),
    [("[a]", "FG102"), ("5", "FG102"), ('"${ $input.n }"', "FG302"), ('"${ $input.note }"', "FG303")],
)
def test_types(role: str, code: str) -> None:
    assert [one for one, _ in found(role)] == [code]


def test_activities_assume_no_role() -> None:
    assert found(PARTNER, "call: work") == [("FG221", "an activity cannot assume a role")]


def test_http_has_no_credentials() -> None:
    step = "http: GET https://example.com\n    connection: bank"
    assert found(PARTNER, step) == [("FG113", "`credentials` is not allowed next to `http`")]


def test_compensations() -> None:
    step = "aws: s3:listBuckets\n    compensate: {aws: 's3:listBuckets', credentials: {role: partner}}"
    assert found(PARTNER, step) == [("FG220", "`partner` is not the ARN of a role")]
