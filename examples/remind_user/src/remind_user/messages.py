"""The text of the reminders."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage

SENDER = Address("The club", "hello", "club.example.com")

FIRST = """\
Hello {name},

you started to sign up two hours ago. One step is missing: please confirm your address.

    https://club.example.com/confirm

The club
"""

SECOND = """\
Hello {name},

this is our second and last reminder: we will hold your place until tonight.

    https://club.example.com/confirm

If you have changed your mind, you do not need to do anything.

The club
"""


def compose(name: str, email: str, times_reminded: int) -> EmailMessage:
    """The next reminder for a user who has received `times_reminded` reminders."""
    message = EmailMessage()
    message["From"] = SENDER
    message["To"] = Address(name, addr_spec=email)
    message["Subject"] = (
        "Please confirm your address" if times_reminded == 0 else "We will hold your place until tonight"
    )
    message.set_content((FIRST if times_reminded == 0 else SECOND).format(name=name))
    return message
