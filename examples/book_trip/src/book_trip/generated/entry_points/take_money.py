# Made by flowgen from workflows/book_trip.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 90b19256ac7294e8
"""Lambda's entry point for `take_money`."""

from typing import Any

from shared.generated.runtime import EntryPoint

from ...take_money import take_money as code
from ..contracts import take_money as contract
from ..models import Payment, TakeMoneyInput

_entry_point = EntryPoint("take_money", contract(code), input_type=TakeMoneyInput, output_type=Payment)


def handler(event: Any, context: Any) -> Any:
    return _entry_point.handle(event, context)
