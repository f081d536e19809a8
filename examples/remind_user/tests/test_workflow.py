"""The whole workflow."""

from contextlib import closing
from datetime import timedelta
from mailbox import mbox
from pathlib import Path

import pytest
from flowgen.testing import Workflow

from remind_user.generated.models import User
from remind_user.outbox import FILE, ROOM

ADA = User(name="Ada", email="ada@example.com")


def test_two_reminders_within_twenty_six_hours(remind_user: Workflow) -> None:
    run = remind_user.run(ADA)

    run.took_path("wait_two_hours", "first_reminder", "wait_one_day", "second_reminder", exactly=True)
    assert run.output_as(User).times_reminded == 2
    assert run.elapsed == timedelta(hours=26)


def test_the_reminders_differ(remind_user: Workflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FILE, str(tmp_path / "outbox"))

    remind_user.run(ADA)

    with closing(mbox(tmp_path / "outbox")) as outbox:
        first, second = outbox
    assert first["To"] == second["To"] == "Ada <ada@example.com>"
    assert first["Subject"] != second["Subject"]


def test_a_full_mailbox_fails_the_workflow_at_once(
    remind_user: Workflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FILE, str(tmp_path / "outbox"))
    for _ in range(ROOM // 2):
        remind_user.run(ADA)

    run = remind_user.run(ADA)

    # A declared error is not retried, so only the first wait has passed.
    run.failed("MailboxFull").retried("first_reminder", 0)
    assert run.elapsed == timedelta(hours=2)


def test_a_temporary_failure_is_retried(remind_user: Workflow) -> None:
    run = remind_user.run(ADA, fail={"first_reminder": ("ConnectionError", 2)})

    run.succeeded().retried("first_reminder", 2)


def test_earlier_reminders_count(remind_user: Workflow) -> None:
    assert remind_user.run(ADA.model_copy(update={"times_reminded": 1})).output_as(User).times_reminded == 3
