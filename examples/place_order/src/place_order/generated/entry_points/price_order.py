# Made by flowgen from workflows/place_order.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 40b2b8455a8d5841
"""Lambda's entry point for `price_order`."""

from typing import Any

from shared.generated.runtime import EntryPoint

from ...price_order import price_order as code
from ..contracts import price_order as contract
from ..models import PriceOrderInput, Quote

_entry_point = EntryPoint("price_order", contract(code), input_type=PriceOrderInput, output_type=Quote)


def handler(event: Any, context: Any) -> Any:
    return _entry_point.handle(event, context)
