"""Refund a payment."""

from __future__ import annotations

from .agency import agency
from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import Payment


@contracts.refund
def refund(event: Payment, context: StepContext) -> Payment:
    """Refund a payment."""
    agency().refund(event.reference)
    return event
