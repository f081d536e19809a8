# Made by flowgen from workflows/take_payment.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 02a78359603e6343
"""Lambda's entry point for `charge_card`."""

from typing import Any

from shared.generated.runtime import EntryPoint

from ...charge_card import charge_card as code
from ..contracts import charge_card as contract
from ..models import Charge, ChargeCardInput

_entry_point = EntryPoint("charge_card", contract(code), input_type=ChargeCardInput, output_type=Charge)


def handler(event: Any, context: Any) -> Any:
    return _entry_point.handle(event, context)
