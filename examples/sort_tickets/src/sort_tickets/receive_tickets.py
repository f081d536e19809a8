"""Read the tickets in the inbox."""

from __future__ import annotations

import mailbox
import os
from contextlib import closing
from email.message import Message
from itertools import islice

from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import Inbox, Ticket


@contracts.receive_tickets
def receive_tickets(event: Inbox, context: StepContext) -> list[Ticket]:
    """Read the tickets in the inbox, the mailbox file that TICKETS_INBOX names."""
    with closing(mailbox.mbox(os.environ["TICKETS_INBOX"], create=False)) as inbox:
        return [_ticket(message) for message in islice(inbox, event.most)]


def _ticket(message: Message) -> Ticket:
    body = message.get_payload(decode=True)
    text = body.decode(message.get_content_charset("utf-8"), "replace") if isinstance(body, bytes) else ""
    return Ticket(id=str(message["Message-ID"]), subject=str(message["Subject"] or ""), body=text)
