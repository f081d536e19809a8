# Made by flowgen from workflows/place_order.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 946c48c58f00d5c0
"""Lambda's entry point of `charge_card`."""

from typing import Any

from ...charge_card import charge_card as code
from ..contracts import charge_card as contract
from ..models import ChargeCardInput, Payment
from ..runtime import EntryPoint

_entry_point = EntryPoint("charge_card", contract(code), takes=ChargeCardInput, gives=Payment)


def handler(event: Any, context: Any) -> Any:
    """What Lambda calls: `event` is the envelope that the state machine sends."""
    return _entry_point.handle(event, context)
