"""Where messages go: to a mailbox file for trying things out, or to standard output.

For real mail, send the message with Amazon SES here (`send_raw_email` takes `message.as_bytes()`).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from email.message import EmailMessage
from functools import partial
from mailbox import mbox
from pathlib import Path

FILE = "REMIND_USER_OUTBOX"
"""The environment variable that names a file in mbox format, which every mail program reads."""

ROOM = 20
"""How many messages to one address the file takes."""


class NoRoomError(Exception):
    """The mailbox of the recipient takes no more messages."""


def outbox() -> Callable[[EmailMessage], None]:
    """What delivers a message, as the environment says; it may raise NoRoomError."""
    file = os.environ.get(FILE)
    return partial(append, Path(file)) if file else show


def append(file: Path, message: EmailMessage) -> None:
    """Append a message to a mailbox file, which is created where it is missing."""
    box = mbox(file)
    box.lock()
    try:
        if sum(kept["To"] == str(message["To"]) for kept in box) >= ROOM:
            raise NoRoomError(f"{message['To']} has {ROOM} messages that nobody has read")
        box.add(message)
    finally:
        box.close()


def show(message: EmailMessage) -> None:
    """Print a message."""
    print(f"To: {message['To']}\nSubject: {message['Subject']}\n\n{message.get_content()}")
