"""What a reminder says."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage

SENDER = Address("The club", "hello", "club.example.com")

FIRST = """\
Hello {name},

two hours ago you started to sign up, and one click is missing: confirm your address, and you are in.

    https://club.example.com/confirm

The club
"""

SECOND = """\
Hello {name},

this is our second and last reminder: your place is kept until tonight.

    https://club.example.com/confirm

If you have changed your mind, you need not do anything.

The club
"""


def compose(name: str, email: str, times_reminded: int) -> EmailMessage:
    """The next reminder for somebody who was reminded `times_reminded` times before."""
    message = EmailMessage()
    message["From"] = SENDER
    message["To"] = Address(name, addr_spec=email)
    message["Subject"] = "One click is missing" if times_reminded == 0 else "Your place is kept until tonight"
    message.set_content((FIRST if times_reminded == 0 else SECOND).format(name=name))
    return message
