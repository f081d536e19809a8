# Made by flowgen from workflows/place_order.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: cb8364c55a296412
"""Lambda's entry point of `price_order`."""

from typing import Any

from ...price_order import price_order as code
from ..contracts import price_order as contract
from ..models import PriceOrderInput, Quote
from ..runtime import EntryPoint

_entry_point = EntryPoint("price_order", contract(code), takes=PriceOrderInput, gives=Quote)


def handler(event: Any, context: Any) -> Any:
    """What Lambda calls: `event` is the envelope that the state machine sends."""
    return _entry_point.handle(event, context)
