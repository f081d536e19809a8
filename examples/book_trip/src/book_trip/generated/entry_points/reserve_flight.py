# Made by flowgen from workflows/book_trip.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: be3d2ec23dc5e4d5
"""Lambda's entry point for `reserve_flight`."""

from typing import Any

from shared.generated.runtime import EntryPoint

from ...reserve_flight import reserve_flight as code
from ..contracts import reserve_flight as contract
from ..models import Reservation, Trip

_entry_point = EntryPoint("reserve_flight", contract(code), input_type=Trip, output_type=Reservation)


def handler(event: Any, context: Any) -> Any:
    return _entry_point.handle(event, context)
