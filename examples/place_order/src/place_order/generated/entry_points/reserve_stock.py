# Made by flowgen from workflows/place_order.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 178c024e9df1c23a
"""Lambda's entry point for `reserve_stock`."""

from typing import Any

from shared.generated.runtime import EntryPoint

from ...reserve_stock import reserve_stock as code
from ..contracts import reserve_stock as contract
from ..models import Reservation, ReserveStockInput

_entry_point = EntryPoint("reserve_stock", contract(code), input_type=ReserveStockInput, output_type=Reservation)


def handler(event: Any, context: Any) -> Any:
    return _entry_point.handle(event, context)
