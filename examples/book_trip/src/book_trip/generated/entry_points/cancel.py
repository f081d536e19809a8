# Made by flowgen from workflows/book_trip.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: e43b6d6beb3fb014
"""Lambda's entry point for `cancel`."""

from typing import Any

from shared.generated.runtime import EntryPoint

from ...cancel import cancel as code
from ..contracts import cancel as contract
from ..models import Reservation

_entry_point = EntryPoint("cancel", contract(code), input_type=Reservation, output_type=Reservation)


def handler(event: Any, context: Any) -> Any:
    return _entry_point.handle(event, context)
