# Made by flowgen from workflows/sort_tickets.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 8b32496655db1dc3
"""Lambda's entry point of `triage`."""

from typing import Any

from ...triage import triage as code
from ..contracts import triage as contract
from ..models import Ticket, Triage
from ..runtime import EntryPoint

_entry_point = EntryPoint("triage", contract(code), takes=Ticket, gives=Triage)


def handler(event: Any, context: Any) -> Any:
    """What Lambda calls: `event` is the envelope that the state machine sends."""
    return _entry_point.handle(event, context)
