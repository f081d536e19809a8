# Made by flowgen from workflows/book_trip.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 98925c8d5196e05d
"""Lambda's entry point for `confirm`."""

from typing import Any

from shared.generated.runtime import EntryPoint

from ...confirm import confirm as code
from ..contracts import confirm as contract
from ..models import ConfirmInput, Reservation

_entry_point = EntryPoint("confirm", contract(code), input_type=ConfirmInput, output_type=Reservation)


def handler(event: Any, context: Any) -> Any:
    return _entry_point.handle(event, context)
