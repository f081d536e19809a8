# Made by flowgen from workflows/place_order.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: c6045634372b7fb4
"""Lambda's entry point of `reserve_stock`."""

from typing import Any

from ...reserve_stock import reserve_stock as code
from ..contracts import reserve_stock as contract
from ..models import Reservation, ReserveStockInput
from ..runtime import EntryPoint

_entry_point = EntryPoint("reserve_stock", contract(code), takes=ReserveStockInput, gives=Reservation)


def handler(event: Any, context: Any) -> Any:
    """What Lambda calls: `event` is the envelope that the state machine sends."""
    return _entry_point.handle(event, context)
