# Made by flowgen from workflows/book_trip.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: d4ecd943956591dc
"""Lambda's entry point of `cancel`."""

from typing import Any

from ...cancel import cancel as code
from ..contracts import cancel as contract
from ..models import Reservation
from ..runtime import EntryPoint

_entry_point = EntryPoint("cancel", contract(code), takes=Reservation, gives=Reservation)


def handler(event: Any, context: Any) -> Any:
    """What Lambda calls: `event` is the envelope that the state machine sends."""
    return _entry_point.handle(event, context)
