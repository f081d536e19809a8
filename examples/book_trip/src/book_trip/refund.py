"""Give the money back."""

from __future__ import annotations

from .agency import agency
from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import Payment


@contracts.refund
def refund(event: Payment, context: StepContext) -> Payment:
    """Give the money back."""
    agency().refund(event.reference)
    return event
