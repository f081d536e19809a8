"""Versions: executions in flight keep the code, the settings and the definition that they began with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from flowgen.backends.cloudformation import WorkflowStack, build_template, findings
from flowgen.backends.cloudformation.iam.policies import start_statement
from flowgen.backends.cloudformation.workflow_stack import Code
from tests.unit.backends.cloudformation.support import (
    CloudFormation,
    allows,
    resources,
    small_unit,
    unit,
    unit_with,
)

SMALL = "SmallSendEmailFunction"
MACHINE = "arn:aws:states:eu-west-1:111111111111:stateMachine:physical-SmallStateMachine"


def _with(settings: str = "", digest: str | None = None) -> WorkflowStack:
    made = small_unit(functions=f"send_email: {{{settings}}}")
    return made if digest is None else replace(made, code={"send_email": Code(digest, f"flowgen/{digest}.zip")})


def _version(made: WorkflowStack) -> str:
    (logical_id,) = resources(build_template([made]), "AWS::Lambda::Version")
    return logical_id


def test_a_version_outlives_the_next_one() -> None:
    """It is kept when its id leaves the template; but not after a deployment that failed, which will come again."""
    declared = build_template([_with(digest="ab")])["Resources"][_version(_with(digest="ab"))]

    assert declared == {
        "Type": "AWS::Lambda::Version",
        "DeletionPolicy": "RetainExceptOnCreate",
        "UpdateReplacePolicy": "Retain",
        "Properties": {"FunctionName": {"Ref": SMALL}},
    }


@pytest.mark.parametrize(
    ("settings", "digest"),
    [("memory: 512", "ab"), ("environment: {AB: c}", "ab"), ("description: Sends.", "ab"), ("", "cd")],
)
def test_another_code_or_setting_makes_another_version(settings: str, digest: str) -> None:
    """Lambda publishes a version of what changed only, and CloudFormation only under a new id."""
    assert _version(_with(digest="ab")) == _version(_with(digest="ab"))
    assert _version(_with(settings, digest)) != _version(_with(digest="ab"))


def test_where_the_code_lies_makes_no_other_version() -> None:
    """The same zip in another bucket or under another key is the same code."""
    moved = replace(_with(), code={"send_email": Code("ab", "elsewhere/ab.zip")})

    assert _version(moved) == _version(_with(digest="ab"))


def test_code_that_the_stack_asks_for_makes_a_version_for_each_key() -> None:
    """The template can't know the code: a version's description can't be updated, so that another key replaces it."""
    template = build_template([_with()])

    assert resources(template, "AWS::Lambda::Version")[_version(_with())]["Description"] == {"Ref": "CodeKey"}
    # Lambda takes 256 characters for a description.
    assert template["Parameters"]["CodeKey"]["MaxLength"] == 256


def test_code_of_a_package_needs_the_bucket_only() -> None:
    """The key of a zip is known; it is asked for where some other function's is not."""
    template = build_template([_with(digest="ab")])

    assert list(template["Parameters"]) == ["CodeBucket"]
    assert resources(template, "AWS::Lambda::Function")[SMALL]["Code"] == {
        "S3Bucket": {"Ref": "CodeBucket"},
        "S3Key": "flowgen/ab.zip",
    }
    assert list(build_template([_with(digest="ab"), small_unit("other")])["Parameters"]) == ["CodeBucket", "CodeKey"]


def test_a_machine_is_started_through_its_alias() -> None:
    """The alias runs the version of the machine's current revision; who starts it may start nothing else."""
    made = _with()
    template = build_template([made])

    declared = template["Resources"]
    assert declared["SmallStateMachineVersion"] == {
        "Type": "AWS::StepFunctions::StateMachineVersion",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "StateMachineArn": {"Ref": "SmallStateMachine"},
            "StateMachineRevisionId": {"Fn::GetAtt": ["SmallStateMachine", "StateMachineRevisionId"]},
        },
    }
    assert declared["SmallStateMachineAlias"]["Properties"] == {
        "Name": "live",
        "RoutingConfiguration": [{"StateMachineVersionArn": {"Ref": "SmallStateMachineVersion"}, "Weight": 100}],
    }
    resolve: Any = CloudFormation(template).resolve
    assert resolve(made.start_arn) == f"{MACHINE}:live"
    statement = resolve(start_statement(made))
    assert allows(statement, "states:StartExecution", MACHINE, {"states:StateMachineQualifier": "live"})
    assert not allows(statement, "states:StartExecution", MACHINE)
    assert not allows(statement, "states:StartExecution", f"{MACHINE}:live", {"states:StateMachineQualifier": "live"})
    assert start_statement(made, "states:StartSyncExecution", "a:b")["Action"] == ["states:StartSyncExecution", "a:b"]


_ROUTE = "{StateMachineVersionArn: 'arn:aws:states:eu-west-1:111111111111:stateMachine:Their:7', Weight: 100}"
_THEIRS = (
    "{Their: {Type: 'AWS::StepFunctions::StateMachineAlias',"
    f" Properties: {{Name: prod, RoutingConfiguration: [{_ROUTE}]}}}}}}"
)
_PARENT = """\
flowgen: 1
name: parent
steps:
  - id: run
    {step}
"""


@pytest.mark.parametrize(
    ("step", "resource", "context"),
    [
        ("workflow: small", MACHINE, {"states:StateMachineQualifier": "live"}),
        (
            "aws: states:startExecution\n    with: {StateMachineArn: !Ref SmallStateMachineAlias}",
            MACHINE,
            {},
        ),
        (
            "workflow: child",
            "arn:aws:states:eu-west-1:111111111111:stateMachine:child-elsewhere",
            {},
        ),
        (
            f"aws: states:startExecution\n    with: {{StateMachineArn: !Ref Their}}\nresources: {_THEIRS}",
            "arn:aws:states:eu-west-1:111111111111:stateMachine:Their",
            {},
        ),
    ],
)
def test_an_alias_is_authorised_as_its_machine(step: str, resource: str, context: dict[str, str]) -> None:
    """A role names the machine whatever it starts: in this stack, from a parameter, by a tag."""
    made = [unit(_PARENT.format(step=step)), small_unit()]
    template = build_template(made)

    policy = template["Resources"]["ParentStateMachineRole"]["Properties"]["Policies"][0]["PolicyDocument"]

    assert findings(made) == []
    statements = CloudFormation(template).resolve(policy)["Statement"]
    assert [s for s in statements if allows(s, "states:StartExecution", resource, context)]


def test_a_resource_of_the_user_that_takes_a_versions_id() -> None:
    """Its id is reported when it is like one that a version has."""
    taken = f"{SMALL}Version0123456789"
    own = f"resources: {{{taken}: {{Type: 'AWS::SNS::Topic'}}}}"
    text = f"flowgen: 1\nname: small\nfunctions: {{send_email: {{}}}}\n{own}\nsteps: []\n"

    (found,) = findings([unit_with(text, small_unit().definition)])

    assert found.code == "FG501"
