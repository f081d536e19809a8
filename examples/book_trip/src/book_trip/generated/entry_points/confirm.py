# Made by flowgen from workflows/book_trip.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 97f85f58abaf0553
"""Lambda's entry point of `confirm`."""

from typing import Any

from ...confirm import confirm as code
from ..contracts import confirm as contract
from ..models import ConfirmInput, Reservation
from ..runtime import EntryPoint

_entry_point = EntryPoint("confirm", contract(code), takes=ConfirmInput, gives=Reservation)


def handler(event: Any, context: Any) -> Any:
    """What Lambda calls: `event` is the envelope that the state machine sends."""
    return _entry_point.handle(event, context)
