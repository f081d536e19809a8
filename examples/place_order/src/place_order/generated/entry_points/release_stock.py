# Made by flowgen from workflows/place_order.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 230d813981808910
"""Lambda's entry point for `release_stock`."""

from typing import Any

from shared.generated.runtime import EntryPoint

from ...release_stock import release_stock as code
from ..contracts import release_stock as contract
from ..models import Reservation

_entry_point = EntryPoint("release_stock", contract(code), input_type=Reservation, output_type=Reservation)


def handler(event: Any, context: Any) -> Any:
    return _entry_point.handle(event, context)
