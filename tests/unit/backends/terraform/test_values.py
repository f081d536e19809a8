"""Values of CloudFormation mean the same in Terraform."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowgen.backends.terraform import convert
from flowgen.backends.terraform.syntax import Expression, expression, template
from flowgen.backends.terraform.values import Values
from tests.unit.backends.terraform.configurations import parse, templates_of

STACK: dict[str, Any] = {
    "Parameters": {
        "Stage": {"Type": "String", "Default": "test", "AllowedValues": ["test", "live"], "Description": "${plain}"},
        "Count": {"Type": "Number", "MinValue": 1},
        "Subnets": {"Type": "List<AWS::EC2::Subnet::Id>", "Default": "subnet-1, subnet-2"},
        "Secret": {"Type": "String", "NoEcho": True},
        "Stored": {"Type": "AWS::SSM::Parameter::Value<List<String>>", "Default": "/names"},
    },
    "Mappings": {"Sizes": {"test": {"Memory": 128}}},
    "Conditions": {"IsLive": {"Fn::Equals": [{"Ref": "Stage"}, "live"]}},
    "Resources": {
        "Inbox": {"Type": "AWS::SQS::Queue"},
        "Extra": {"Type": "AWS::SQS::Queue", "Condition": "IsLive"},
        "Log": {"Type": "AWS::Logs::LogGroup"},
        "Double": {
            "Type": "AWS::Lambda::Function",
            "Properties": {"Role": "arn:aws:iam::123456789012:role/r", "Code": {"S3Bucket": "b", "S3Key": "k"}},
        },
        "DoubleVersion1": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Double"}}},
    },
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain $x", "plain $x"),
        ("${x} $${y} %{z}", '$${x} ${"$"}$${y} %%{z}'),
        ({"Ref": "Stage"}, "${var.Stage}"),
        ({"Ref": "Stored"}, '${split(",", data.aws_ssm_parameter.Stored.insecure_value)}'),
        ({"Ref": "Inbox"}, "${aws_sqs_queue.Inbox.url}"),
        ({"Ref": "Extra"}, "${one(aws_sqs_queue.Extra[*].url)}"),
        ({"Ref": "DoubleVersion1"}, "${aws_lambda_function.Double.qualified_arn}"),
        ({"Fn::GetAtt": ["DoubleVersion1", "Version"]}, "${aws_lambda_function.Double.version}"),
        ({"Fn::GetAtt": "Inbox.Arn"}, "${aws_sqs_queue.Inbox.arn}"),
        ({"Fn::GetAtt": ["Log", "Arn"]}, "${aws_cloudwatch_log_group.Log.arn}:*"),
        ({"Fn::Sub": "a-${Stage}-${!b}-${Inbox.QueueName}"}, "a-${var.Stage}-$${b}-${aws_sqs_queue.Inbox.name}"),
        ({"Fn::Sub": ["${own}", {"own": {"Ref": "AWS::Region"}}]}, "${data.aws_region.current.region}"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Stage"}]]}, "a-${var.Stage}"),
        ({"Fn::Join": ["", ["$", "{x}"]]}, "$${x}"),
        ({"Fn::Join": [",", {"Ref": "Subnets"}]}, '${join(",", var.Subnets)}'),
        ({"Fn::Join": [",", [{"Ref": "Subnets"}]]}, '${join(",", flatten([var.Subnets]))}'),
        ({"Fn::Select": ["1", {"Ref": "Subnets"}]}, "${var.Subnets[1]}"),
        ({"Fn::Split": ["/", "a/b"]}, '${split("/", "a/b")}'),
        (
            {"Fn::If": ["IsLive", "a", {"Ref": "AWS::NoValue"}]},
            '${(local.condition_IsLive ? "a" : null)}',
        ),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, "Memory"]}, '${local.mapping_Sizes[var.Stage]["Memory"]}'),
        ({"Fn::ImportValue": "net-Subnets"}, "${data.aws_cloudformation_export.import_1.value}"),
        ({"Fn::Base64": "x"}, '${base64encode("x")}'),
        ({"a": {"Ref": "AWS::NoValue"}, "${b}": [1, {"Ref": "AWS::NoValue"}]}, {"$${b}": [1]}),
    ],
)
def test_a_value(value: Any, expected: Any) -> None:
    values = Values(STACK)
    assert values.json(value) == expected
    assert values.problems == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Fn::Equals": [{"Ref": "Count"}, 5]}, 'tostring(var.Count) == "5"'),
        ({"Fn::Not": [{"Condition": "IsLive"}]}, "!(local.condition_IsLive)"),
        (
            {"Fn::Or": [{"Condition": "IsLive"}, {"Fn::Equals": [{"Ref": "Stage"}, True]}]},
            '(local.condition_IsLive) || (var.Stage == "true")',
        ),
    ],
)
def test_a_condition(value: Any, expected: str) -> None:
    assert Values(STACK).condition(value) == expected


def test_variables() -> None:
    made = convert(STACK).content["variable"]
    assert made["Stage"]["description"] == "${plain}"  # Terraform takes it literally
    assert made["Stage"]["validation"][0]["condition"] == '${contains(["test", "live"], var.Stage)}'
    assert made["Count"] == {
        "type": "number",
        "validation": [{"condition": "${var.Count >= 1}", "error_message": "Count does not match MinValue: 1."}],
    }
    assert made["Subnets"] == {"type": "list(string)", "default": ["subnet-1", "subnet-2"]}
    assert made["Secret"] == {"type": "string", "sensitive": True}
    assert made["Stored"] == {"type": "string", "default": "/names"}


def test_an_output_with_a_secret_is_sensitive() -> None:
    made = convert({**STACK, "Outputs": {"Shown": {"Value": {"Fn::Sub": "x${Secret}"}}}}).content["output"]
    assert made == {"Shown": {"value": "x${var.Secret}", "sensitive": True}}


def test_code_that_terraform_uploads() -> None:
    made = convert(STACK, {"k": "assets/k.zip"}).content["resource"]
    own = {"bucket": "b", "key": "k", "source": "${path.module}/assets/k.zip"}
    assert made["aws_s3_object"] == {"Double_Code": own}
    assert made["aws_lambda_function"]["Double"]["s3_key"] == "${aws_s3_object.Double_Code.key}"


def test_data_that_outlives_the_stack() -> None:
    kept = {"Type": "AWS::SQS::Queue", "DeletionPolicy": "Retain"}
    made = convert({"Resources": {"Inbox": kept}}).content["resource"]["aws_sqs_queue"]["Inbox"]
    assert made["lifecycle"] == {"prevent_destroy": True}


def test_long_names_differ_and_fit() -> None:
    """With the longest name of a stack, a function's name has at most 64 characters."""
    function = STACK["Resources"]["Double"]
    names = {f"{'Long' * 20}{number}": function for number in range(3)}
    made = convert({"Resources": names}).content["resource"]["aws_lambda_function"]
    found = {body["function_name"].removeprefix("${var.stack_name}-") for body in made.values()}
    assert len(found) == 3
    assert {len(name) for name in found} == {64 - 23 - 1}


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"Type": "AWS::EC2::VPC"}, "`AWS::EC2::VPC` is not a type that flowgen can write for Terraform"),
        (
            {"Type": "AWS::SQS::Queue", "Properties": {"Color": "red"}},
            "`Color` has no counterpart in `aws_sqs_queue` of Terraform",
        ),
        (
            {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::Transform": {"Name": "x"}}}},
            "`Fn::Transform` has no counterpart in Terraform",
        ),
        ({"Type": "AWS::SQS::Queue", "UpdatePolicy": {}}, "`UpdatePolicy` has no counterpart in Terraform"),
        (
            {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::GetAtt": ["Inbox", "Size"]}}},
            "`Size` of `AWS::SQS::Queue` has no counterpart in Terraform",
        ),
        ({"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/a"}}, "`aws_kms_alias` needs `target_key_id`"),
    ],
)
def test_what_has_no_counterpart(declared: dict[str, Any], message: str) -> None:
    problems = convert({"Resources": {**STACK["Resources"], "Other": declared}, "Conditions": {"IsLive": {}}}).problems
    assert [found.message for found in problems if found.name == "Other"] == [message]


EVIL = 'x ? file("/etc/passwd") : x'


@pytest.mark.needs("hcl2json")
@pytest.mark.parametrize(
    "value",
    [
        {"Fn::If": [EVIL, "a", "b"]},
        {"Fn::FindInMap": [EVIL, "a", "b"]},
        {"Fn::FindInMap": ["Sizes", EVIL, EVIL]},
        {"Fn::GetAtt": ["Inbox", EVIL]},
        {"Fn::GetAtt": [EVIL, "Arn"]},
        {"Fn::Sub": f"${{{EVIL}}}"},
        {"Fn::Sub": f"${{Inbox.{EVIL}}}"},
        {"Ref": EVIL},
        {"Fn::Select": [EVIL, [EVIL]]},
        {"Fn::Join": [EVIL, {"Fn::Split": [EVIL, EVIL]}]},
        {f"Fn::{EVIL}": EVIL},
        {"a": {EVIL: f"${{{EVIL}}}"}},
    ],
)
def test_no_string_becomes_code(value: Any) -> None:
    """For Terraform's own parser, no text of the user is a call."""
    parsed = parse(list(templates_of(Values(STACK).json(value))))
    assert [found for found in parsed if "error" in found or "file" in found["functions"]] == []


def test_no_limit_becomes_code() -> None:
    parameters = {"P": {"Type": "Number", "MinValue": f"1 || {EVIL}", "MaxLength": EVIL}}
    assert convert({"Parameters": parameters, "Resources": {}}).content["variable"]["P"] == {"type": "number"}
    resource = {"Type": "AWS::SQS::Queue", "Condition": EVIL}
    made = convert({"Resources": {"Inbox": resource}, "Outputs": {"O": {"Value": "a", "Condition": EVIL}}})
    assert "passwd" not in json.dumps(made.content)
    assert {problem.message for problem in made.problems} == {f"`{EVIL}` is not a condition of the stack"}


_PIECES = st.lists(
    st.one_of(st.sampled_from(["$", "%", "{", "}", '"', "\\", "a", "\n", "é", "${", "%{", "$${", "~}"]), st.none())
)


def _meaning(parts: list[Any]) -> str:
    """What the parts of a parsed template evaluate to, with `|` for each inserted value and NUL for a sign."""
    inserted = {"template": "\0", "scopeTraversal": "|"}
    texts = (part if isinstance(part, str) else inserted[part["type"]] for part in parts)
    return "".join(text.replace("$${", "${").replace("%%{", "%{") for text in texts)


@pytest.mark.needs("hcl2json")
def test_any_string_means_itself() -> None:
    """In a template and in an expression, next to inserted values, for Terraform's own parser."""
    cases: list[list[Any]] = []

    @given(_PIECES)
    def collect(pieces: list[str | None]) -> None:
        cases.append([Expression("var.X") if piece is None else piece for piece in pieces])

    collect()
    expected = ["".join("|" if isinstance(part, Expression) else part for part in case) + "\n" for case in cases]
    for parsed, wanted in zip(parse([template(case) for case in cases]), expected, strict=True):
        # A sign by itself is the expression `"$"` or `"%"`, whose text the parser's tree does not show.
        pairs = zip(_meaning(parsed["parts"]), wanted, strict=True)
        assert all(found == want or (found == "\0" and want in "$%") for found, want in pairs)
    quoted = [f"${{{expression(case)}}}" for case in cases]
    assert [found for found in parse(quoted) if "error" in found] == []


@given(st.text())
def test_quotes_follow_jsons_escapes(text: str) -> None:
    """Except for sequences, and the two escapes that only JSON has."""
    if "{" not in text and not any(sign in text for sign in "\b\f"):
        assert json.loads(expression([text])) == text
