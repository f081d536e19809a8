# Made by flowgen from workflows/place_order.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: a22db67f40826813
"""Lambda's entry point of `release_stock`."""

from typing import Any

from ...release_stock import release_stock as code
from ..contracts import release_stock as contract
from ..models import Reservation
from ..runtime import EntryPoint

_entry_point = EntryPoint("release_stock", contract(code), takes=Reservation, gives=Reservation)


def handler(event: Any, context: Any) -> Any:
    """What Lambda calls: `event` is the envelope that the state machine sends."""
    return _entry_point.handle(event, context)
