"""The way of a deployment: each state of the stack, each answer, each interruption."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from flowgen.deploying import Outcome, Package, Refused, Status, Wanted, deploy
from flowgen.diagnostics import Diagnostic
from flowgen.environments import Given
from tests.unit.deploying.aws import (
    S3,
    SPAN,
    STACK_ID,
    CloudFormation,
    Moment,
    Somebody,
    StepFunctions,
    asset,
    cloud,
    error,
    event,
    own,
    package,
)

ADD = {"ResourceChange": {"Action": "Add", "LogicalResourceId": "Orders", "ResourceType": "AWS::DynamoDB::Table"}}
CREATED = [
    Moment("CREATE_IN_PROGRESS", [own(0, "CREATE_IN_PROGRESS"), event(1, "Orders", "CREATE_IN_PROGRESS")]),
    Moment("CREATE_COMPLETE", [event(4, "Orders", "CREATE_COMPLETE"), own(5, "CREATE_COMPLETE")]),
]
UPDATED = [
    Moment("UPDATE_IN_PROGRESS", [own(10, "UPDATE_IN_PROGRESS"), event(11, "Orders", "UPDATE_IN_PROGRESS")]),
    Moment("UPDATE_COMPLETE", [event(12, "Orders", "UPDATE_COMPLETE"), own(13, "UPDATE_COMPLETE")]),
]
FAILED = [
    Moment("CREATE_IN_PROGRESS", [own(0, "CREATE_IN_PROGRESS"), event(1, "Orders", "CREATE_IN_PROGRESS")]),
    Moment(
        "ROLLBACK_IN_PROGRESS",
        [
            event(2, "Orders", "CREATE_FAILED", "name is taken (Service: DynamoDb, Request ID: 1)"),
            event(2, "Other", "CREATE_FAILED", "Resource creation cancelled"),
            own(3, "ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create: [Orders, Other]."),
        ],
    ),
    Moment("ROLLBACK_COMPLETE", [event(4, "Other", "DELETE_COMPLETE"), own(5, "ROLLBACK_COMPLETE")]),
]


def deployed(
    stack: CloudFormation,
    somebody: Somebody | None = None,
    made: Package | None = None,
    s3: S3 | None = None,
    machines: StepFunctions | None = None,
    **wanted: Any,
) -> Outcome:
    return deploy(made or package(), Wanted("shop", **wanted), cloud(stack, s3, machines), somebody or Somebody())


def test_a_new_stack() -> None:
    """A change set that creates it, shown, agreed to, executed; its events as they come; its outputs."""
    stack = CloudFormation(life=[*CREATED], changes=[ADD], outputs={"Arn": "arn:x"})
    somebody = Somebody()
    outcome = deployed(stack, somebody, tags={"team": "shop"})
    assert outcome.status is Status.DEPLOYED
    assert outcome.stack is not None
    assert outcome.stack.outputs == {"Arn": "arn:x"}
    assert stack.names == ["create_change_set", "execute_change_set", "sleep", "sleep"]
    [asked] = [asked for name, asked in stack.calls if name == "create_change_set"]
    assert asked["ChangeSetType"] == "CREATE"
    assert asked["Tags"] == [{"Key": "team", "Value": "shop"}]
    assert (asked["Capabilities"], "IncludeNestedStacks" in asked) == ([], False)
    [executed] = [asked for name, asked in stack.calls if name == "execute_change_set"]
    assert executed == {"ChangeSetName": "change-set-1", "RetainExceptOnCreate": True}
    assert somebody.asked == ["Deploy this to the stack shop?"]
    assert somebody.said == [
        "new stack shop (eu-west-1, account 111122223333):",
        "  +  add  Orders  AWS::DynamoDB::Table\n1 to add",
        "     4 s  created   Orders (AWS::DynamoDB::Table), 3 s",
    ]


def test_an_update() -> None:
    """Its own events alone are reported, not those of earlier ones."""
    before = [own(0, "CREATE_IN_PROGRESS"), event(1, "Orders", "CREATE_COMPLETE"), own(2, "CREATE_COMPLETE")]
    stack = CloudFormation("CREATE_COMPLETE", [*UPDATED], [ADD], events=before)
    somebody = Somebody()
    assert deployed(stack, somebody).status is Status.DEPLOYED
    assert somebody.said[-1] == "     2 s  updated   Orders (AWS::DynamoDB::Table), 1 s"
    assert not any("made" in line for line in somebody.said)
    assert somebody.said[0] == "changes to stack shop (eu-west-1, account 111122223333):"


@pytest.mark.parametrize(
    "reason",
    [
        "The submitted information didn't contain changes. Submit different information to create a change set.",
        "No updates are to be performed.",
    ],
)
def test_nothing_to_change(reason: str) -> None:
    """The change set fails for it, or is not made at all; nothing of it stays."""
    stack = CloudFormation("CREATE_COMPLETE", change_set={"Status": "FAILED", "StatusReason": reason})
    outcome = deployed(stack)
    assert (outcome.status, stack.names) == (Status.UNCHANGED, ["create_change_set", "delete_change_set"])
    stack = CloudFormation("CREATE_COMPLETE", fails={"create_change_set": [error("ValidationError", reason)]})
    assert deployed(stack).status is Status.UNCHANGED


def test_a_template_that_cloudformation_rejects() -> None:
    """Its reason is reported, and the change set and the empty stack are removed."""
    stack = CloudFormation(change_set={"Status": "FAILED", "StatusReason": "Template error: no such thing"})
    outcome = deployed(stack)
    [finding] = outcome.diagnostics
    assert (outcome.status, finding.code, finding.notes) == (
        Status.REFUSED,
        "FG544",
        ("Template error: no such thing",),
    )
    assert stack.names == ["create_change_set", "delete_change_set", "delete_stack"]


def test_no_is_no() -> None:
    """Nothing is left of the question: neither the change set nor a stack that is there for it alone."""
    stack = CloudFormation(changes=[ADD])
    assert deployed(stack, Somebody(answer=False)).status is Status.DECLINED
    assert stack.names == ["create_change_set", "delete_change_set", "delete_stack"]
    stack = CloudFormation("UPDATE_COMPLETE", changes=[ADD])
    assert deployed(stack, Somebody(answer=False)).status is Status.DECLINED
    assert stack.names == ["create_change_set", "delete_change_set"]


def test_an_interruption_at_the_question() -> None:
    """Likewise."""
    stack = CloudFormation("UPDATE_COMPLETE", changes=[ADD])
    assert deployed(stack, Somebody(answer=KeyboardInterrupt())).status is Status.INTERRUPTED
    assert stack.names == ["create_change_set", "delete_change_set"]


def test_nobody_to_ask() -> None:
    """Likewise."""
    stack = CloudFormation("UPDATE_COMPLETE", changes=[ADD])
    refused = Refused(Diagnostic("FG544", "nobody", None))
    assert deployed(stack, Somebody(answer=refused)).diagnostics == refused.diagnostics
    assert stack.names == ["create_change_set", "delete_change_set"]


@pytest.mark.parametrize("problem", [KeyboardInterrupt(), EndpointConnectionError(endpoint_url="https://x")])
def test_an_interruption_while_it_runs(problem: BaseException) -> None:
    """The stack goes on by itself; where AWS could not be asked, that is reported."""
    stack = CloudFormation("UPDATE_COMPLETE", [*UPDATED], [ADD], fails={"sleep": [problem]})
    outcome = deployed(stack)
    assert outcome.status is Status.LEFT
    assert [one.code for one in outcome.diagnostics] == ([] if isinstance(problem, KeyboardInterrupt) else ["FG544"])
    assert stack.names == ["create_change_set", "execute_change_set", "sleep"]


def test_run_again_while_it_runs() -> None:
    """It waits for the operation that is there, telling its events from the start of it, then goes on with its own."""
    life = [UPDATED[1]]
    events = [own(1, "CREATE_COMPLETE"), *UPDATED[0].events]
    unchanged = {"Status": "FAILED", "StatusReason": "The submitted information didn't contain changes."}
    stack = CloudFormation("UPDATE_IN_PROGRESS", life, events=events, change_set=unchanged, running=True)
    somebody = Somebody()
    assert deployed(stack, somebody).status is Status.UNCHANGED
    assert somebody.said == [
        "stack shop is in UPDATE_IN_PROGRESS: waiting until that ends",
        "     2 s  updated   Orders (AWS::DynamoDB::Table), 1 s",
    ]


def test_what_was_going_on_fails() -> None:
    """That is the result; nothing else is begun."""
    stack = CloudFormation("CREATE_IN_PROGRESS", FAILED[1:], events=[*FAILED[0].events], running=True)
    outcome = deployed(stack)
    assert (outcome.status, stack.names) == (Status.FAILED, ["sleep", "sleep"])
    assert [one.code for one in outcome.diagnostics] == ["FG549"]


def test_a_deletion_that_is_going_on() -> None:
    """The stack is made again behind it."""
    life = [Moment(None), Moment(None)]
    stack = CloudFormation("DELETE_IN_PROGRESS", life, [ADD], running=True)
    outcome = deployed(stack, Somebody(answer=False))
    assert outcome.status is Status.DECLINED
    [asked] = [asked for name, asked in stack.calls if name == "create_change_set"]
    assert asked["ChangeSetType"] == "CREATE"


def test_a_failure_is_reported_with_its_cause() -> None:
    """The first one with its line and reason; what was cancelled for it is not a cause."""
    stack = CloudFormation(life=[*FAILED], changes=[ADD])
    somebody = Somebody()
    outcome = deployed(stack, somebody)
    assert outcome.status is Status.FAILED
    assert outcome.diagnostics == (
        Diagnostic(
            "FG549",
            "`Orders` (AWS::DynamoDB::Table) could not be created",
            SPAN,
            "the table",
            notes=("name is taken",),
        ),
    )
    assert "     3 s  rolling back stack shop" in somebody.said
    assert "     2 s  FAILED    Orders (AWS::DynamoDB::Table): name is taken (Service: DynamoDb, Request ID: 1)" in (
        somebody.said
    )


def test_a_stack_whose_creation_failed() -> None:
    """It is empty: deleted, when somebody agrees, and made again."""
    deleted = [Moment("DELETE_IN_PROGRESS", [own(8, "DELETE_IN_PROGRESS")]), Moment(None)]
    events = [own(0, "CREATE_IN_PROGRESS"), own(5, "ROLLBACK_COMPLETE")]
    stack = CloudFormation("ROLLBACK_COMPLETE", [*deleted, *CREATED], [ADD], events=events)
    somebody = Somebody()
    assert deployed(stack, somebody).status is Status.DEPLOYED
    assert somebody.asked[0] == "Delete the empty stack shop and create it again?"
    changing = [name for name in stack.names if name != "sleep"]
    assert changing == ["delete_stack", "create_change_set", "execute_change_set"]
    stack = CloudFormation("ROLLBACK_COMPLETE")
    assert deployed(stack, Somebody(answer=False)).status is Status.DECLINED
    assert stack.names == []


def test_an_empty_stack_that_can_not_be_deleted() -> None:
    """That ends it."""
    events = [own(5, "ROLLBACK_COMPLETE")]
    life = [Moment("DELETE_FAILED", [own(8, "DELETE_FAILED", "it is protected")])]
    stack = CloudFormation("ROLLBACK_COMPLETE", life, events=events)
    outcome = deployed(stack)
    [finding] = outcome.diagnostics
    assert (outcome.status, finding.message) == (Status.FAILED, "stack `shop` failed: it is protected")


@pytest.mark.parametrize(
    ("status", "command"),
    [
        ("ROLLBACK_FAILED", "aws cloudformation delete-stack --stack-name shop --region eu-west-1"),
        ("CREATE_FAILED", "aws cloudformation delete-stack --stack-name shop --region eu-west-1"),
        ("DELETE_FAILED", "aws cloudformation delete-stack --stack-name shop --region eu-west-1"),
        ("UPDATE_FAILED", "aws cloudformation rollback-stack --stack-name shop --region eu-west-1"),
        ("UPDATE_ROLLBACK_FAILED", "aws cloudformation continue-update-rollback --stack-name shop --region eu-west-1"),
        ("IMPORT_ROLLBACK_FAILED", "aws cloudformation continue-update-rollback --stack-name shop --region eu-west-1"),
    ],
)
def test_a_stack_that_is_stuck(status: str, command: str) -> None:
    """FG546 with the command that brings it out, and nothing is tried."""
    stack = CloudFormation(status)
    outcome = deployed(stack)
    [finding] = outcome.diagnostics
    assert (finding.code, stack.names) == ("FG546", [])
    assert finding.message.startswith(f"stack `shop` is in {status}: ")
    assert finding.help is not None
    assert command in finding.help


@pytest.mark.parametrize("status", ["UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"])
def test_states_that_can_be_updated(status: str) -> None:
    """From a good state, or one that a failed update was rolled back to."""
    stack = CloudFormation(status, [*UPDATED], [ADD])
    assert deployed(stack).status is Status.DEPLOYED
    [asked] = [asked for name, asked in stack.calls if name == "create_change_set"]
    assert asked["ChangeSetType"] == "UPDATE"


def test_a_stack_that_only_had_a_change_set() -> None:
    """It is created, in the stack that an interrupted run left, whose change set of the same name is replaced."""
    exists = error("AlreadyExistsException", "ChangeSet flowgen-1 already exists")
    events = [own(0, "REVIEW_IN_PROGRESS")]
    life = [Moment("CREATE_COMPLETE", [own(5, "CREATE_IN_PROGRESS"), own(6, "CREATE_COMPLETE")])]
    stack = CloudFormation("REVIEW_IN_PROGRESS", life, [ADD], events=events, fails={"create_change_set": [exists]})
    assert deployed(stack).status is Status.DEPLOYED
    asked = [asked for name, asked in stack.calls if name == "create_change_set"]
    assert asked[0] == asked[1]
    assert asked[0]["ChangeSetType"] == "CREATE"
    assert stack.names[:4] == ["create_change_set", "delete_change_set", "sleep", "create_change_set"]


def test_a_change_set_that_does_not_go() -> None:
    """Is not waited for without end."""
    exists = [error("AlreadyExistsException")] * 100
    [finding] = deployed(CloudFormation("UPDATE_COMPLETE", fails={"create_change_set": exists})).diagnostics
    assert finding.code == "FG544"
    assert finding.message.startswith("cannot delete an older change set of stack `shop`: flowgen-")


def test_code_is_uploaded_where_it_is_missing(tmp_path: Path) -> None:
    """What is there is not sent again; progress counts bytes."""
    one, two = asset(tmp_path, "a.zip", b"12345"), asset(tmp_path, "b.zip", b"1234567")
    s3 = S3({"mine": {"flowgen/a.zip": b"12345"}})
    somebody = Somebody()
    made = package(one, two, Parameters={"CodeBucket": {"Type": "String"}})
    stack = CloudFormation(life=[*CREATED], changes=[ADD])
    assert deployed(stack, somebody, made, s3, bucket="mine").status is Status.DEPLOYED
    assert s3.buckets["mine"]["flowgen/b.zip"] == b"1234567"
    assert somebody.said[0] == "uploading 1 file, 7 B; 1 is already there"
    assert somebody.moved == [(7, 7)]
    [asked] = [asked for name, asked in stack.calls if name == "create_change_set"]
    assert asked["Parameters"] == [{"ParameterKey": "CodeBucket", "ParameterValue": "mine"}]
    assert "parameters:\n  CodeBucket  mine" in somebody.said


def test_an_interrupted_upload_is_gone_on_with(tmp_path: Path) -> None:
    """What went through stays, and is not sent again."""
    files = [asset(tmp_path, f"{name}.zip", name.encode()) for name in "ab"]
    s3 = S3({"mine": {}}, fails={"put_object": [], "upload_file": []})
    stack = CloudFormation(life=[*CREATED], changes=[ADD])

    class Impatient(Somebody):
        def uploaded(self, done: int, total: int) -> None:
            super().uploaded(done, total)
            raise KeyboardInterrupt

    assert deployed(stack, Impatient(), package(*files), s3, bucket="mine").status is Status.INTERRUPTED
    assert (stack.names, list(s3.buckets["mine"])) == ([], ["flowgen/a.zip"])
    somebody = Somebody()
    assert deployed(stack, somebody, package(*files), s3, bucket="mine").status is Status.DEPLOYED
    assert somebody.said[0] == "uploading 1 file, 1 B; 1 is already there"


def test_a_rejected_upload(tmp_path: Path) -> None:
    """It is reported, and no change set is created."""
    from boto3.exceptions import S3UploadFailedError

    refused = S3UploadFailedError("Failed to upload")
    refused.__context__ = error("AccessDenied", "no", "PutObject")
    stack = CloudFormation()
    s3 = S3({"mine": {}}, fails={"upload_file": [refused]})
    outcome = deployed(stack, None, package(asset(tmp_path)), s3, bucket="mine")
    [finding] = outcome.diagnostics
    assert (outcome.status, finding.message, finding.notes) == (
        Status.REFUSED,
        "access denied: AWS does not allow PutObject",
        ("no",),
    )
    assert stack.names == []


def test_flowgens_own_bucket_is_made(tmp_path: Path) -> None:
    """Once: where it is there with its settings, nothing is done to it."""
    s3 = S3()
    somebody = Somebody()
    stack = CloudFormation("UPDATE_COMPLETE", [*UPDATED], [ADD])
    assert deployed(stack, somebody, package(asset(tmp_path)), s3).status is Status.DEPLOYED
    name = "flowgen-111122223333-eu-west-1"
    assert list(s3.buckets) == [name]
    assert somebody.said[0] == f"created the private bucket {name} for code and templates"
    s3.settings.clear()
    stack = CloudFormation("UPDATE_COMPLETE", [*UPDATED], [ADD])
    assert deployed(stack, somebody, package(asset(tmp_path)), s3).status is Status.DEPLOYED
    assert s3.settings == []


def test_a_given_bucket_is_not_made(tmp_path: Path) -> None:
    """Its name may be a slip (FG545)."""
    s3 = S3()
    [finding] = deployed(CloudFormation(), None, package(asset(tmp_path)), s3, bucket="mine").diagnostics
    assert (finding.code, finding.message, s3.buckets) == ("FG545", "bucket `mine` does not exist", {})


LARGE = {"Metadata": {"x": "x" * 60_000}}


def test_a_large_template_goes_through_the_bucket() -> None:
    """Under a name that changes with it."""
    s3 = S3({"mine": {}})
    made = package(**LARGE)
    stack = CloudFormation("UPDATE_COMPLETE", [*UPDATED], [ADD])
    assert deployed(stack, None, made, s3, bucket="mine").status is Status.DEPLOYED
    [(key, content)] = s3.buckets["mine"].items()
    assert content.decode() == made.template
    [asked] = [asked for name, asked in stack.calls if name == "create_change_set"]
    assert asked["TemplateURL"] == f"https://s3.eu-west-1.amazonaws.com/mine/{key}"
    assert "TemplateBody" not in asked


def test_a_dry_run_changes_nothing(tmp_path: Path) -> None:
    """Not even the bucket; the change set goes again, with the stack that is there for it."""
    s3, stack = S3(), CloudFormation(changes=[ADD])
    somebody = Somebody(answer=AssertionError("nobody is asked"))
    outcome = deployed(stack, somebody, package(asset(tmp_path)), s3, dry_run=True)
    assert (outcome.status, s3.buckets) == (Status.SHOWN, {})
    assert [change.logical_id for change in outcome.changes] == ["Orders"]
    assert stack.names == ["create_change_set", "delete_change_set", "delete_stack"]
    stack = CloudFormation(
        "CREATE_COMPLETE", fails={"create_change_set": [error("ValidationError", "No updates are to be performed.")]}
    )
    assert deployed(stack, somebody, dry_run=True).status is Status.UNCHANGED


def test_a_dry_run_takes_its_templates_back(tmp_path: Path) -> None:
    """Those that only a bucket can hand on, also when it is interrupted."""
    nested = asset(tmp_path, "shop-0123456789abcdef.template.json", b'{"Resources": {}}')
    s3, stack = S3({"mine": {}}), CloudFormation("UPDATE_COMPLETE", changes=[ADD])
    outcome = deployed(stack, None, package(nested, **LARGE), s3, bucket="mine", dry_run=True)
    assert (outcome.status, s3.buckets["mine"]) == (Status.SHOWN, {})
    stack = CloudFormation("UPDATE_COMPLETE", fails={"describe_change_set": [KeyboardInterrupt()]})
    assert deployed(stack, None, package(nested, **LARGE), s3, bucket="mine", dry_run=True).status is Status.INTERRUPTED
    assert s3.buckets["mine"] == {}


def test_a_dry_run_without_the_bucket_it_needs() -> None:
    """It is reported, without a request to CloudFormation."""
    stack, somebody = CloudFormation(), Somebody()
    assert deployed(stack, somebody, package(**LARGE), dry_run=True).status is Status.SHOWN
    assert stack.names == []
    assert "cannot show the changes" in somebody.said[0]


def test_a_dry_run_of_a_stack_whose_creation_failed() -> None:
    """Says what a deployment would do."""
    stack, somebody = CloudFormation("ROLLBACK_COMPLETE"), Somebody()
    assert deployed(stack, somebody, dry_run=True).status is Status.SHOWN
    assert (stack.names, "a deployment would delete it" in somebody.said[0]) == ([], True)


def test_attention_comes_first() -> None:
    """Data and executions at stake are reported before the list of changes."""
    machine = "arn:aws:states:eu-west-1:111122223333:stateMachine:m"
    changes: list[dict[str, Any]] = [
        {
            "ResourceChange": {
                "Action": "Remove",
                "LogicalResourceId": name,
                "ResourceType": kind,
                "PhysicalResourceId": arn,
            }
        }
        for name, kind, arn in (
            ("Orders", "AWS::DynamoDB::Table", "x"),
            ("Machine", "AWS::StepFunctions::StateMachine", machine),
        )
    ]
    stack = CloudFormation("UPDATE_COMPLETE", [*UPDATED], changes)
    somebody = Somebody()
    outcome = deployed(stack, somebody, machines=StepFunctions({machine: 2}))
    assert outcome.status is Status.DEPLOYED
    assert [one.code for one in somebody.told] == ["FG547", "FG548"]


def test_wrong_parameters_end_it() -> None:
    """Before the bucket is looked at."""
    made = package(Parameters={"Limit": {"Type": "Number"}})
    stack = CloudFormation()
    [finding] = deployed(stack, None, made, parameters={"Limit": Given("x")}).diagnostics
    assert (finding.code, stack.names) == ("FG542", [])


def test_a_long_wait_says_what_for() -> None:
    """After half a minute without news."""
    life = [UPDATED[0], *[Moment("UPDATE_IN_PROGRESS")] * 10, UPDATED[1]]
    stack, somebody = CloudFormation("UPDATE_COMPLETE", life, [ADD]), Somebody()
    assert deployed(stack, somebody).status is Status.DEPLOYED
    assert somebody.said.count("          still in progress: Orders (AWS::DynamoDB::Table)") == 1


def test_aws_that_can_not_be_asked() -> None:
    """It is reported (FG544)."""
    stack = CloudFormation(fails={"describe_stacks": [error("ExpiredToken", "expired", "DescribeStacks")]})
    outcome = deployed(stack)
    assert (outcome.status, [one.code for one in outcome.diagnostics]) == (Status.REFUSED, ["FG544"])


def test_only_tags() -> None:
    """A change set without changes of resources is one too."""
    stack, somebody = CloudFormation("UPDATE_COMPLETE", [*UPDATED]), Somebody()
    assert deployed(stack, somebody).status is Status.DEPLOYED
    assert "  only tags or outputs change" in somebody.said


def test_stack_ids() -> None:
    """All that follows the change set asks for the stack by its id: a name may be of several, one after the other."""
    stack = CloudFormation("UPDATE_COMPLETE", [*UPDATED], [ADD])
    deployed(stack)
    names = [asked["StackName"] for name, asked in stack.calls if name == "describe_stacks"]
    assert names[0] == "shop"
    assert set(names[1:]) == {STACK_ID}
