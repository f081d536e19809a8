"""Charge the card."""

from __future__ import annotations

from .gateway import BusyError, DeclinedError, charge
from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import ChargeCardInput, Decline, GatewayBusyDetails, Payment


@contracts.charge_card
def charge_card(event: ChargeCardInput, context: StepContext) -> Payment:
    """Charge the card once: every attempt of this step has the same key."""
    try:
        reference = charge(event.card.token, event.amount, context.idempotency_key, context.attempt)
    except DeclinedError as declined:
        raise contracts.CardDeclined(Decline(reason=declined.reason)) from declined
    except BusyError as busy:
        raise contracts.GatewayBusy(GatewayBusyDetails(seconds=busy.seconds)) from busy
    return Payment(method="card", reference=reference)
