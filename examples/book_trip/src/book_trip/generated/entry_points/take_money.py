# Made by flowgen from workflows/book_trip.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 0b15058a126a10e7
"""Lambda's entry point of `take_money`."""

from typing import Any

from ...take_money import take_money as code
from ..contracts import take_money as contract
from ..models import Payment, TakeMoneyInput
from ..runtime import EntryPoint

_entry_point = EntryPoint("take_money", contract(code), takes=TakeMoneyInput, gives=Payment)


def handler(event: Any, context: Any) -> Any:
    """What Lambda calls: `event` is the envelope that the state machine sends."""
    return _entry_point.handle(event, context)
