# Made by flowgen from workflows/book_trip.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: cadfbc5e13acbcfe
"""Lambda's entry point of `reserve_car`."""

from typing import Any

from ...reserve_car import reserve_car as code
from ..contracts import reserve_car as contract
from ..models import Reservation, Trip
from ..runtime import EntryPoint

_entry_point = EntryPoint("reserve_car", contract(code), takes=Trip, gives=Reservation)


def handler(event: Any, context: Any) -> Any:
    """What Lambda calls: `event` is the envelope that the state machine sends."""
    return _entry_point.handle(event, context)
