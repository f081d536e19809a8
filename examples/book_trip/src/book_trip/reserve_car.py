"""Reserve a car for the whole trip."""

from __future__ import annotations

from .agency import NoneLeftError, agency
from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import Reservation, Trip


@contracts.reserve_car
def reserve_car(event: Trip, context: StepContext) -> Reservation:
    """Reserve a car for the whole trip."""
    try:
        code, cents = agency().reserve("C", event.to, context.idempotency_key, event.days)
    except NoneLeftError as none:
        raise contracts.NoCar(f"there are no cars in {none}") from none
    return Reservation(code=code, cents=cents)
