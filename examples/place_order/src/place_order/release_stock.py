"""Release the reserved goods."""

from __future__ import annotations

from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import Reservation
from .warehouse import warehouse


@contracts.release_stock
def release_stock(event: Reservation, context: StepContext) -> Reservation:
    """Release the reserved goods."""
    warehouse().release(event.id)
    return event
