# Made by flowgen from workflows/book_trip.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: c737fa6bee5b1b82
"""Lambda's entry point of `refund`."""

from typing import Any

from ...refund import refund as code
from ..contracts import refund as contract
from ..models import Payment
from ..runtime import EntryPoint

_entry_point = EntryPoint("refund", contract(code), takes=Payment, gives=Payment)


def handler(event: Any, context: Any) -> Any:
    """What Lambda calls: `event` is the envelope that the state machine sends."""
    return _entry_point.handle(event, context)
