"""The workflow from its first step to its last."""

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from mailbox import mbox
from pathlib import Path

import pytest
from flowgen.local import Execution

from remind_user.outbox import FILE, ROOM

ADA = {"name": "Ada", "email": "ada@example.com"}
Run = Callable[[object], Execution]


def test_two_reminders_within_twenty_six_hours(run: Run) -> None:
    execution = run(ADA)

    assert execution.status == "SUCCEEDED"
    assert execution.output == {**ADA, "times_reminded": 2}
    assert timedelta(seconds=execution.elapsed) == timedelta(hours=26)


def test_the_second_reminder_says_something_else(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FILE, str(tmp_path / "outbox"))

    run(ADA)

    with closing(mbox(tmp_path / "outbox")) as outbox:
        first, second = outbox
    assert first["To"] == second["To"] == "Ada <ada@example.com>"
    assert first["Subject"] != second["Subject"]


def test_a_full_mailbox_fails_the_workflow_at_once(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FILE, str(tmp_path / "outbox"))
    for _ in range(ROOM // 2):
        run(ADA)

    execution = run(ADA)

    assert (execution.status, execution.error) == ("FAILED", "MailboxFull")
    # A declared error is not retried: the wait before the first reminder is all that passed.
    assert timedelta(seconds=execution.elapsed) == timedelta(hours=2)


def test_somebody_reminded_before_goes_on_from_there(run: Run) -> None:
    execution = run({**ADA, "times_reminded": 1})

    assert execution.output == {**ADA, "times_reminded": 3}
