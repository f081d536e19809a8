"""Confirm a reservation."""

from __future__ import annotations

from .agency import NoneLeftError, agency
from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import ConfirmInput, Reservation


@contracts.confirm
def confirm(event: ConfirmInput, context: StepContext) -> Reservation:
    """Confirm a reservation."""
    try:
        return Reservation(code=event.code, cents=agency().confirm(event.code))
    except NoneLeftError as none:
        raise contracts.ReservationGone(f"{none} is no longer reserved") from none
