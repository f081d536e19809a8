# Made by flowgen from workflows/sort_tickets.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: ef8b9d8a3660903e
"""Lambda's entry point of `receive_tickets`."""

from typing import Any

from ...receive_tickets import receive_tickets as code
from ..contracts import receive_tickets as contract
from ..models import Inbox, Ticket
from ..runtime import EntryPoint

_entry_point = EntryPoint("receive_tickets", contract(code), takes=Inbox, gives=list[Ticket])


def handler(event: Any, context: Any) -> Any:
    """What Lambda calls: `event` is the envelope that the state machine sends."""
    return _entry_point.handle(event, context)
