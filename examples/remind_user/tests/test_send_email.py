"""The code of the function and of its modules."""

from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from remind_user.generated.contracts import MailboxFull, StepContext
from remind_user.generated.models import User
from remind_user.messages import compose
from remind_user.outbox import FILE, ROOM, NoRoomError, append
from remind_user.send_email import send_email

CONTEXT = StepContext(
    execution_id="arn:aws:states:us-east-1:111111111111:execution:remind_user:one",
    execution_name="one",
    started_at=datetime(2026, 1, 1, tzinfo=UTC),
    workflow="remind_user",
    step="first_reminder",
)


@pytest.fixture
def outbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(FILE, str(tmp_path / "outbox"))
    return tmp_path / "outbox"


def text_of(message: EmailMessage) -> str:
    return str(message.get_content())


def test_reminders_are_counted(outbox: Path) -> None:
    user = send_email(User(name="Ada", email="ada@example.com"), CONTEXT)

    assert user == User(name="Ada", email="ada@example.com", times_reminded=1)
    assert "Hello Ada," in outbox.read_text()


def test_a_full_mailbox_raises_the_declared_error(outbox: Path) -> None:
    for _ in range(ROOM):
        append(outbox, compose("Ada", "ada@example.com", 0))

    with pytest.raises(MailboxFull, match=r"ada@example\.com"):
        send_email(User(name="Ada", email="ada@example.com"), CONTEXT)


def test_each_address_has_its_own_limit(outbox: Path) -> None:
    for _ in range(ROOM):
        append(outbox, compose("Ada", "ada@example.com", 0))

    append(outbox, compose("Grace", "grace@example.com", 0))
    with pytest.raises(NoRoomError):
        append(outbox, compose("Ada", "ada@example.com", 1))


def test_only_the_second_reminder_is_the_last() -> None:
    assert "last reminder" not in text_of(compose("Ada", "ada@example.com", 0))
    assert "last reminder" in text_of(compose("Ada", "ada@example.com", 1))


def test_without_an_outbox_the_message_is_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(FILE, raising=False)

    send_email(User(name="Ada", email="ada@example.com"), CONTEXT)

    assert capsys.readouterr().out.startswith(
        "To: Ada <ada@example.com>\nSubject: Please confirm your address\n\nHello Ada,"
    )


def test_a_name_cannot_add_headers() -> None:
    with pytest.raises(ValueError, match="invalid arguments"):
        compose("Ada\nBcc: everybody@example.com", "ada@example.com", 0)
