"""Delivers messages to a mailbox file, for local runs, or to standard output.

To send real mail, call Amazon SES here (`send_raw_email` takes `message.as_bytes()`).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from email.message import EmailMessage
from functools import partial
from mailbox import mbox
from pathlib import Path

FILE = "REMIND_USER_OUTBOX"
"""The environment variable that names a file in mbox format, which most mail programs can open."""

ROOM = 20
"""The maximum number of messages per address in the file."""


class NoRoomError(Exception):
    """The recipient's mailbox is full."""


def outbox() -> Callable[[EmailMessage], None]:
    """The function that delivers a message, chosen by the environment. It can raise NoRoomError."""
    file = os.environ.get(FILE)
    return partial(append, Path(file)) if file else show


def append(file: Path, message: EmailMessage) -> None:
    """Append a message to a mailbox file, which is created if it is missing."""
    box = mbox(file)
    box.lock()
    try:
        if sum(kept["To"] == str(message["To"]) for kept in box) >= ROOM:
            raise NoRoomError(f"{message['To']} has {ROOM} unread messages")
        box.add(message)
    finally:
        box.close()


def show(message: EmailMessage) -> None:
    """Print a message."""
    print(f"To: {message['To']}\nSubject: {message['Subject']}\n\n{message.get_content()}")
