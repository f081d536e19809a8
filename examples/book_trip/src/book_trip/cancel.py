"""Cancel a reservation. Does nothing if it no longer exists."""

from __future__ import annotations

from .agency import agency
from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import Reservation


@contracts.cancel
def cancel(event: Reservation, context: StepContext) -> Reservation:
    """Cancel a reservation. Does nothing if it no longer exists."""
    agency().cancel(event.code)
    return event
