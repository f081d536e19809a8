"""Buckets, parameters, events and changes, each by itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flowgen.deploying import Refused, Source, bucket, read
from flowgen.deploying.change_risks import executions_at_stake
from flowgen.deploying.change_set import Change, create
from flowgen.deploying.events import causes, follow, not_undone
from flowgen.deploying.parameters import parameters
from flowgen.deploying.stack import Stack
from flowgen.environments import Given
from tests.unit.deploying.aws import (
    S3,
    STACK_ID,
    CloudFormation,
    Moment,
    StepFunctions,
    asset,
    cloud,
    error,
    event,
    own,
    package,
    refusal_of,
)

NESTED = "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop-part/2"


@pytest.mark.parametrize(
    ("problem", "region", "text"),
    [
        (error("403"), "eu-west-1", "does not belong to account 111122223333"),
        (error("301"), "eu-west-1", "is in another region"),
        (None, "us-east-1", "is in us-east-1, but the stack is in eu-west-1"),
    ],
)
def test_buckets_that_can_not_be_used(problem: Exception | None, region: str, text: str) -> None:
    """FG545: somebody else's, or elsewhere."""
    s3 = S3({"b": {}}, region=region, fails={} if problem is None else {"head_bucket": [problem]})
    found = refusal_of(lambda: bucket.is_there(cloud(s3=s3), "b"))
    assert (found.code, text in found.message) == ("FG545", True)


def test_a_bucket_that_was_left_half_made() -> None:
    """Gets all its settings, the lifecycle last; it is not created again."""
    s3 = S3({"b": {}}, complete=False)
    assert not bucket.is_complete(cloud(s3=s3), "b")
    bucket.make(cloud(s3=s3), "b")
    assert [name for name, _ in s3.settings] == [
        "put_public_access_block",
        "put_bucket_encryption",
        "put_bucket_policy",
        "put_bucket_lifecycle_configuration",
    ]
    denied = S3({"b": {}}, fails={"get_bucket_lifecycle_configuration": [error("AccessDenied")]})
    assert bucket.is_complete(cloud(s3=denied), "b")


def test_parameters() -> None:
    """Given values, those that the stack has, defaults; secrets are masked, and ours is set."""
    declared: dict[str, Any] = {
        "CodeBucket": {"Type": "String"},
        "Given": {"Type": "Number"},
        "Kept": {"Type": "String", "Default": "a"},
        "Default": {"Type": "String", "Default": "d"},
        "Secret": {"Type": "String", "NoEcho": True},
    }
    stack = Stack(STACK_ID, "shop", "UPDATE_COMPLETE", {"Given": "1", "Kept": "b", "Secret": "****"})
    found = parameters(package(Parameters=declared), {"Given": Given(2)}, stack, "mine")
    assert [(one.name, one.shown, one.note, one.asked()) for one in found] == [
        ("CodeBucket", "mine", "", {"ParameterKey": "CodeBucket", "ParameterValue": "mine"}),
        ("Given", "2", "was 1", {"ParameterKey": "Given", "ParameterValue": "2"}),
        ("Kept", "b", "unchanged; the default is a", {"ParameterKey": "Kept", "UsePreviousValue": True}),
        ("Default", "d", "default", None),
        ("Secret", "****", "unchanged", {"ParameterKey": "Secret", "UsePreviousValue": True}),
    ]
    [*_, secret] = parameters(package(Parameters=declared), {"Given": Given(2), "Secret": Given("s3cr3t")}, None, "b")
    assert "s3cr3t" not in (secret.shown, secret.note)
    with pytest.raises(Refused) as refused:
        parameters(package(Parameters=declared), {}, None, "b")
    assert [(one.code, one.message) for one in refused.value.diagnostics] == [
        ("FG543", "parameter `Given` has no value"),
        ("FG543", "parameter `Secret` has no value"),
    ]


def test_events_of_nested_stacks() -> None:
    """They are followed, and the failure inside is the cause, not the stack around it."""
    inner = [own(2, "CREATE_IN_PROGRESS", stack=NESTED), event(3, "Deep", "CREATE_FAILED", "no", stack=NESTED)]
    part: dict[str, Any] = {"kind": "AWS::CloudFormation::Stack", "physical_id": NESTED}
    outer = [
        own(0, "CREATE_IN_PROGRESS"),
        event(1, "Part", "CREATE_IN_PROGRESS", **part),
        event(4, "Part", "CREATE_FAILED", "Embedded stack failed", **part),
        own(5, "ROLLBACK_IN_PROGRESS"),
        event(6, "Other", "DELETE_FAILED", "it is held"),
        own(7, "ROLLBACK_FAILED"),
    ]
    old = [own(-9, "CREATE_COMPLETE", stack=NESTED)]
    world = CloudFormation("CREATE_IN_PROGRESS", [Moment("ROLLBACK_FAILED", [*old, *inner, *outer])], running=True)
    events = [one for new in follow(cloud(world), STACK_ID, "") for one in new]
    assert [one.at for one in events] == sorted(one.at for one in events)
    assert len(events) == len(inner) + len(outer)
    assert [one.logical_id for one in causes(events)] == ["Deep"]
    assert [one.logical_id for one in not_undone(events)] == ["Other"]


def test_changes_are_read_with_those_of_nested_stacks() -> None:
    """What is done, why, and where; also from several pages."""
    told: list[tuple[str, dict[str, Any]]] = [
        ("Modify", {"Replacement": "True", "Details": [_detail("Name", "Always"), _detail("Tags", "Never")]}),
        ("Modify", {"Replacement": "Conditional"}),
        ("Modify", {"Replacement": "False", "Details": [_detail("Tags", "Never")]}),
        ("Remove", {"PolicyAction": "Retain"}),
        ("Dynamic", {}),
        ("Import", {}),
        ("Modify", {"ResourceType": "AWS::CloudFormation::Stack", "ChangeSetId": "inner"}),
    ]
    changes: list[dict[str, Any]] = [
        {"ResourceChange": {"Action": action, "LogicalResourceId": f"R{number}", "ResourceType": "T", **more}}
        for number, (action, more) in enumerate(told)
    ]
    inner: dict[str, Any] = {
        "inner": [{"ResourceChange": {"Action": "Add", "LogicalResourceId": "In", "ResourceType": "T"}}, {}]
    }
    world = CloudFormation("UPDATE_COMPLETE", changes=[*changes, {"Type": "Hook"}], nested=inner)
    found = create(cloud(world), "shop", Stack(STACK_ID, "shop", "UPDATE_COMPLETE"), {})
    assert found is not None
    assert [(one.action, one.why, one.kept, one.stack) for one in found.changes] == [
        ("replace", ("Name",), False, ()),
        ("may replace", (), False, ()),
        ("change", ("Tags",), False, ()),
        ("remove", (), True, ()),
        ("may change", (), False, ()),
        ("import", (), False, ()),
        ("change", (), False, ()),
        ("add", (), False, ("R6",)),
    ]


def _detail(name: str, recreation: str) -> dict[str, Any]:
    return {"Target": {"Attribute": "Properties", "Name": name, "RequiresRecreation": recreation}}


def test_a_function_that_goes_while_executions_run() -> None:
    """FG548 for each machine of the stack that has any; express ones have none that can be listed."""
    machine = {
        "LogicalResourceId": "M",
        "PhysicalResourceId": "arn:m",
        "ResourceType": "AWS::StepFunctions::StateMachine",
    }
    part = {"LogicalResourceId": "P", "PhysicalResourceId": NESTED, "ResourceType": "AWS::CloudFormation::Stack"}
    inner = {**machine, "of": NESTED, "LogicalResourceId": "N", "PhysicalResourceId": "arn:n"}
    world = CloudFormation("UPDATE_COMPLETE", resources=[machine, part, inner])
    gone = [Change("remove", "F", "AWS::Lambda::Function")]

    def told(machines: StepFunctions) -> list[str]:
        return [one.message for one in executions_at_stake(cloud(world, None, machines), STACK_ID, gone, package())]

    assert told(StepFunctions({"arn:m": 1, "arn:n": 2000})) == [
        "the state machine `M` will lose `F` while 1 execution is running: they will fail at a step that calls it",
        (
            "the state machine `N` will lose `F` while 1000 or more executions are running: they will fail at a step"
            " that calls it"
        ),
    ]
    assert told(StepFunctions(fails=[error("StateMachineTypeNotSupported")])) == []
    assert len(told(StepFunctions(fails=[error("AccessDeniedException")]))) == 1


def test_a_package_is_read(tmp_path: Path) -> None:
    """Files are named as the user would; lines are those of the manifest."""
    (tmp_path / "t.json").write_text(
        '{"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "r"}}}}'
    )
    manifest = {
        "flowgen": 1,
        "project": "shop",
        "template": "t.json",
        "assets": [{"file": "a", "key": "flowgen/a", "bytes": 1}],
        "resources": {"R": {"file": "workflows/w.yaml", "line": 3, "what": "it"}, "S": {"what": "that"}},
    }
    (tmp_path / "package.json").write_text(json.dumps(manifest))
    found = read(tmp_path, {"workflows/w.yaml": "shop/workflows/w.yaml"})
    source = found.source("R")
    assert source is not None
    assert source.span is not None
    assert (source.span.file, source.span.start.line, source.what) == ("shop/workflows/w.yaml", 3, "it")
    assert found.source("S") == Source("that", None)
    assert found.capabilities == ("CAPABILITY_NAMED_IAM",)
    (tmp_path / "package.json").write_text(json.dumps({**manifest, "flowgen": 2}))
    with pytest.raises(ValueError, match="another version"):
        read(tmp_path)


def test_capabilities(tmp_path: Path) -> None:
    """What the templates ask for, nested ones too, and no more."""
    role = {"R": {"Type": "AWS::IAM::Role", "Properties": {}}}
    nested = asset(tmp_path, "x.template.json", json.dumps({"Resources": role}).encode())
    stack = {"P": {"Type": "AWS::CloudFormation::Stack"}}
    assert package(nested, Resources=stack).capabilities == ("CAPABILITY_IAM",)
    assert package(nested, Resources=stack).has_nested_stacks
    assert package(Transform="AWS::Serverless-2016-10-31").capabilities == ("CAPABILITY_AUTO_EXPAND",)
