# Made by flowgen from workflows/book_trip.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 4c1d6b2e9676614c
"""Lambda's entry point of `reserve_flight`."""

from typing import Any

from ...reserve_flight import reserve_flight as code
from ..contracts import reserve_flight as contract
from ..models import Reservation, Trip
from ..runtime import EntryPoint

_entry_point = EntryPoint("reserve_flight", contract(code), takes=Trip, gives=Reservation)


def handler(event: Any, context: Any) -> Any:
    """What Lambda calls: `event` is the envelope that the state machine sends."""
    return _entry_point.handle(event, context)
