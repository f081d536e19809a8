# Made by flowgen from workflows/book_trip.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 434697d34acba674
"""Lambda's entry point for `reserve_car`."""

from typing import Any

from shared.generated.runtime import EntryPoint

from ...reserve_car import reserve_car as code
from ..contracts import reserve_car as contract
from ..models import Reservation, Trip

_entry_point = EntryPoint("reserve_car", contract(code), input_type=Trip, output_type=Reservation)


def handler(event: Any, context: Any) -> Any:
    return _entry_point.handle(event, context)
