"""Charge a card."""

from __future__ import annotations

from .digits import is_card_number
from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import Charge, ChargeCardInput


@contracts.charge_card
def charge_card(event: ChargeCardInput, context: StepContext) -> Charge:
    """Charge a card, for a fee of 25 cents plus 1.4 percent."""
    if not is_card_number(event.number):
        raise contracts.CardRefused(f"the card number that ends in {event.number[-4:]} is not valid")
    return Charge(reference=f"card {context.idempotency_key[:12]}", fee_cents=25 + round(event.cents * 0.014))
