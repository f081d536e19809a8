"""Reserve two return seats."""

from __future__ import annotations

from .agency import NoneLeftError, agency
from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import Reservation, Trip


@contracts.reserve_flight
def reserve_flight(event: Trip, context: StepContext) -> Reservation:
    """Reserve two return seats."""
    try:
        code, cents = agency().reserve("F", event.to, context.idempotency_key)
    except NoneLeftError as none:
        raise contracts.NoSeat(f"there are no flights to {none}") from none
    return Reservation(code=code, cents=cents)
