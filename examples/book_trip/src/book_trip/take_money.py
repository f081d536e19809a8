"""Charge the card for the flight and the car."""

from __future__ import annotations

from .agency import NoneLeftError, agency
from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import Payment, TakeMoneyInput


@contracts.take_money
def take_money(event: TakeMoneyInput, context: StepContext) -> Payment:
    """Charge the card for the flight and the car."""
    try:
        reference = agency().take(event.card, context.idempotency_key, event.cents)
    except NoneLeftError as none:
        raise contracts.CardDeclined(f"the card of trip {event.trip} was declined") from none
    return Payment(reference=reference, cents=event.cents)
