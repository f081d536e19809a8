"""Deleting a stack: what is said before, what is deleted, and how it ends."""

from __future__ import annotations

from typing import Any

import pytest

from flowgen.deploying import Status
from flowgen.deploying.destroying import destroy
from tests.unit.deploying.aws import (
    S3,
    CloudFormation,
    Moment,
    Somebody,
    StepFunctions,
    cloud,
    error,
    event,
    own,
)

MACHINE = "arn:aws:states:eu-west-1:111122223333:stateMachine:Pay"
RESOURCES = [
    {"LogicalResourceId": name, "PhysicalResourceId": physical_id, "ResourceType": kind}
    for name, kind, physical_id in (
        ("Orders", "AWS::DynamoDB::Table", "orders"),
        ("PayStateMachine", "AWS::StepFunctions::StateMachine", MACHINE),
        ("Topic", "AWS::SNS::Topic", "topic"),
    )
]
DELETED = [
    Moment("DELETE_IN_PROGRESS", [own(0, "DELETE_IN_PROGRESS"), event(1, "Orders", "DELETE_IN_PROGRESS")]),
    Moment("DELETE_COMPLETE", [event(4, "Orders", "DELETE_COMPLETE"), own(5, "DELETE_COMPLETE")]),
]


class Stacks(CloudFormation):
    """With a template that names files in the bucket."""

    def get_template(self, **asked: Any) -> Any:
        self.called("get_template", asked)
        code = {"S3Bucket": {"Ref": "CodeBucket"}, "S3Key": "flowgen/ask-0123456789abcdef.zip"}
        return {"TemplateBody": {"Resources": {"Ask": {"Properties": {"Code": code}}}}}


def stacks(**more: Any) -> Stacks:
    return Stacks("UPDATE_COMPLETE", life=[*DELETED], resources=RESOURCES, **more)


def test_what_is_lost_is_said_before_the_question() -> None:
    person, stack = Somebody(), stacks()
    outcome = destroy(cloud(stack, stepfunctions=StepFunctions({MACHINE: 2})), "shop", person)

    assert (outcome.status, stack.names) == (Status.DEPLOYED, ["delete_stack", "sleep", "sleep"])
    assert person.asked == ["Delete the stack shop (eu-west-1, account 111122223333) with 3 resources?"]
    assert [(one.code, one.message) for one in person.told] == [
        ("FG547", "`Orders` (AWS::DynamoDB::Table) will be removed, and its data lost"),
        ("FG548", "the state machine `PayStateMachine` will be removed while 2 executions are running"),
    ]
    assert "     4 s  deleted   Orders (AWS::DynamoDB::Table), 3 s" in person.said


def test_no() -> None:
    stack = stacks()
    assert destroy(cloud(stack), "shop", Somebody(answer=False)).status is Status.DECLINED
    assert stack.names == []


@pytest.mark.parametrize(("artifacts", "left"), [(True, ["flowgen/other.zip"]), (False, None)])
def test_files_of_other_stacks_are_kept(artifacts: bool, left: list[str] | None) -> None:  # noqa: FBT001 - a case
    """The prefix is shared, so only the files that the template names are deleted, and only on request."""
    objects = {"flowgen/ask-0123456789abcdef.zip": b"", "flowgen/other.zip": b""}
    s3 = S3({"code": objects})
    destroy(cloud(stacks(parameters={"CodeBucket": "code"}), s3), "shop", Somebody(), artifacts=artifacts)

    assert list(objects) == (left or ["flowgen/ask-0123456789abcdef.zip", "flowgen/other.zip"])


def test_a_stack_that_does_not_exist() -> None:
    person = Somebody()
    assert destroy(cloud(CloudFormation()), "shop", person).status is Status.UNCHANGED
    assert person.asked == []


def test_a_stack_that_is_being_updated() -> None:
    outcome = destroy(cloud(CloudFormation("UPDATE_IN_PROGRESS")), "shop", Somebody())
    [found] = outcome.diagnostics
    assert (outcome.status, found.code, found.message) == (
        Status.REFUSED,
        "FG546",
        "stack `shop` is in UPDATE_IN_PROGRESS",
    )


def test_a_resource_that_cannot_be_deleted() -> None:
    failed = [
        Moment(
            "DELETE_FAILED",
            [
                own(0, "DELETE_IN_PROGRESS"),
                event(2, "Bucket", "DELETE_FAILED", "it is not empty", kind="AWS::S3::Bucket"),
                own(3, "DELETE_FAILED", "The following resource(s) failed to delete: [Bucket]."),
            ],
        )
    ]
    outcome = destroy(cloud(CloudFormation("CREATE_COMPLETE", life=failed)), "shop", Somebody())
    assert outcome.status is Status.FAILED
    assert [(one.code, one.message, one.notes) for one in outcome.diagnostics] == [
        ("FG549", "`Bucket` (AWS::S3::Bucket) could not be deleted", ("it is not empty",))
    ]


def test_interruptions() -> None:
    """Before the answer, nothing has changed; later, the deletion continues."""
    assert destroy(cloud(stacks()), "shop", Somebody(answer=KeyboardInterrupt())).status is Status.INTERRUPTED
    stack = stacks(fails={"sleep": [KeyboardInterrupt()]})
    assert destroy(cloud(stack), "shop", Somebody()).status is Status.LEFT


def test_what_aws_rejects() -> None:
    stack = stacks(fails={"delete_stack": [error("AccessDenied", "no", "DeleteStack")]})
    outcome = destroy(cloud(stack), "shop", Somebody())
    assert outcome.status is Status.REFUSED
    assert [one.message for one in outcome.diagnostics] == ["access denied: AWS does not allow DeleteStack"]
