"""The record and the announcement, with mocks instead of the two services."""

from typing import Any

from flowgen.testing import Flowgen

from sign_up.generated.models import Member, Membership

WORKFLOW = "workflows/sign_up.yaml"
ADA = Member(email="ada@example.com", name="Ada", age=36)
SERVICES: dict[str, Any] = {"record": {}, "announce": {"MessageId": "m-1"}}


def test_a_member_is_recorded_and_announced(flowgen: Flowgen) -> None:
    run = flowgen(WORKFLOW).run(ADA, mocks=SERVICES)

    assert run.output_as(Membership).email == "ada@example.com"
    assert run.output["joined_at"] == run.started.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    run.called("record", with_={"Item": {"email": {"S": "ada@example.com"}, "name": {"S": "Ada"}}})
    run.called("announce", with_={"Message": "Ada <ada@example.com> has joined."})


def test_a_request_starts_the_workflow(flowgen: Flowgen) -> None:
    body = {"email": "ada@example.com", "name": "Ada", "age": 36}

    flowgen(WORKFLOW).run({"body": body}, trigger="joined", mocks=SERVICES).succeeded().called("record", times=1)


def test_minors_cannot_join(flowgen: Flowgen) -> None:
    run = flowgen(WORKFLOW).run(ADA.model_copy(update={"age": 17}), mocks=SERVICES)

    run.failed("TooYoung", "Ada is 17").skipped("record", "announce")


def test_members_cannot_join_twice(flowgen: Flowgen) -> None:
    run = flowgen(WORKFLOW).run(ADA, mocks=SERVICES, fail={"record": "DynamoDB.ConditionalCheckFailedException"})

    run.failed("MemberAlready", "ada@example.com").retried("record", 0).skipped("announce")


def test_a_busy_table_is_retried(flowgen: Flowgen) -> None:
    busy = ("DynamoDB.ProvisionedThroughputExceededException", 3)

    flowgen(WORKFLOW).run(ADA, mocks=SERVICES, fail={"record": busy}).succeeded().retried("record", 3)
