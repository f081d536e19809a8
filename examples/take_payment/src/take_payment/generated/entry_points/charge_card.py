# Made by flowgen from workflows/take_payment.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: ec85be6eba69be88
"""Lambda's entry point of `charge_card`."""

from typing import Any

from ...charge_card import charge_card as code
from ..contracts import charge_card as contract
from ..models import Charge, ChargeCardInput
from ..runtime import EntryPoint

_entry_point = EntryPoint("charge_card", contract(code), takes=ChargeCardInput, gives=Charge)


def handler(event: Any, context: Any) -> Any:
    """What Lambda calls: `event` is the envelope that the state machine sends."""
    return _entry_point.handle(event, context)
