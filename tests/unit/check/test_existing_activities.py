"""Existing activities: what `activity` accepts, and the resource of their tasks."""

from __future__ import annotations

import pytest

from flowgen.backends.cloudformation import build_template, findings
from flowgen.pipeline import check_text
from tests.unit.backends.cloudformation.support import unit

ARN = "arn:aws:states:eu-west-1:123456789012:activity:inspections"
TEXT = """\
flowgen: 1
name: goods
parameters: {{InspectionsArn: {{Type: String}}, Bad: {{Type: String, Default: inspections}}}}
resources:
  Inspections: {{Type: "AWS::StepFunctions::Activity", Properties: {{Name: inspections}}}}
  Queue: {{Type: "AWS::SQS::Queue"}}
functions:
  inspect: {{activity: {activity}}}
steps:
  - {{id: one, call: inspect}}
"""


@pytest.mark.parametrize(
    ("activity", "resource"),
    [
        (ARN, ARN),
        (
            "inspections",
            {"Fn::Sub": "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:activity:inspections"},
        ),
        ("!Ref InspectionsArn", {"Ref": "InspectionsArn"}),
        ("!Ref Inspections", {"Ref": "Inspections"}),
        ("!GetAtt Inspections.Arn", {"Fn::GetAtt": ["Inspections", "Arn"]}),
        ("!ImportValue warehouse-Arn", {"Fn::ImportValue": "warehouse-Arn"}),
        ("true", {"Ref": "GoodsInspectActivity"}),
    ],
)
def test_the_task_runs_on_the_activity(activity: str, resource: object) -> None:
    """The stack creates only an activity that does not exist yet."""
    stack = unit(TEXT.format(activity=activity))
    assert [one for one in findings([stack]) if one.severity.value == "error"] == []
    template = build_template([stack])
    machine = template["Resources"]["GoodsStateMachine"]["Properties"]
    assert machine["Definition"]["States"]["one"]["Resource"] == "${InspectActivity}"
    assert machine["DefinitionSubstitutions"]["InspectActivity"] == resource
    assert ("GoodsInspectActivity" in template["Resources"]) is (activity == "true")
    assert ("GoodsInspectActivityArn" in template["Outputs"]) is (activity == "true")


@pytest.mark.parametrize(
    ("activity", "code", "message"),
    [
        ("a b", "FG102", "`a b` is not the name or ARN of an activity"),
        ("arn:aws:lambda:eu-west-1:123456789012:function:a", "FG102", None),
        ('"${ $input.a }"', "FG102", None),
        ("5", "FG102", "expected `true` or `false`, found a number"),
        ("!Ref Queue", "FG222", "`Queue` is not an activity"),
        ("!GetAtt Inspections.Name", "FG222", "this is not the ARN of the activity"),
        ("!Ref Bad", "FG222", "the parameter `Bad` is not the ARN of an activity"),
    ],
)
def test_what_is_not_an_activity(activity: str, code: str, message: str | None) -> None:
    [found] = [one for one in check_text(TEXT.format(activity=activity)) if one.severity.value == "error"]
    assert found.code == code
    assert message is None or found.message == message
