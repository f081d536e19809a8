"""The workflow, with a temporary mailbox and mocks for the two services."""

import mailbox
from collections.abc import Iterator
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path

import pytest
from flowgen.testing import Flowgen

from sort_tickets.generated.models import Inbox

WORKFLOW = "workflows/sort_tickets.yaml"
SERVICES = {"keep": {}, "tell": {"MessageId": "m-1"}}


@pytest.fixture
def inbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[mailbox.mbox]:
    monkeypatch.setenv("TICKETS_INBOX", str(tmp_path / "inbox"))
    with closing(mailbox.mbox(tmp_path / "inbox")) as inbox:
        yield inbox


def put(inbox: mailbox.mbox, number: int, subject: str) -> None:
    message = EmailMessage()
    message["Message-ID"] = f"<{number}@example.com>"
    message["Subject"] = subject
    message.set_content("Please help.")
    inbox.add(message)
    inbox.flush()


def test_each_ticket_is_stored_and_announced(flowgen: Flowgen, inbox: mailbox.mbox) -> None:
    put(inbox, 1, "Refund, urgent")
    put(inbox, 2, "The login crashes")

    run = flowgen(WORKFLOW).run(Inbox(most=10), mocks=SERVICES).succeeded()

    run.called("triage", times=2)
    run.called("keep", with_={"Item": {"id": {"S": "<1@example.com>"}, "team": {"S": "billing"}}})
    run.called(
        "tell", with_={"MessageAttributes": {"team": {"StringValue": "billing"}, "urgent": {"StringValue": "true"}}}
    )
    run.called(
        "tell", with_={"Message": "The login crashes", "MessageAttributes": {"urgent": {"StringValue": "false"}}}
    )


def test_an_empty_inbox_is_an_empty_list(flowgen: Flowgen, inbox: mailbox.mbox) -> None:
    inbox.flush()

    run = flowgen(WORKFLOW).run(Inbox(most=10), mocks=SERVICES)

    assert run.took_path("tickets", "sorted", exactly=True).output == []


def test_the_input_limits_the_number_of_tickets(flowgen: Flowgen, inbox: mailbox.mbox) -> None:
    put(inbox, 1, "Hello")
    put(inbox, 2, "Hello again")

    flowgen(WORKFLOW).run(Inbox(most=1), mocks=SERVICES).succeeded().called("triage", times=1)


def test_a_ticket_that_cannot_be_stored_fails_the_workflow(flowgen: Flowgen, inbox: mailbox.mbox) -> None:
    put(inbox, 1, "Hello")

    run = flowgen(WORKFLOW).run(Inbox(most=10), mocks=SERVICES, fail={"keep": "DynamoDB.ResourceNotFoundException"})

    run.failed("DynamoDB.ResourceNotFoundException").skipped("tell")
