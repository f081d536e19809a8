"""Debit a bank account."""

from __future__ import annotations

from .digits import is_iban
from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import Charge, DebitAccountInput


@contracts.debit_account
def debit_account(event: DebitAccountInput, context: StepContext) -> Charge:
    """Debit a bank account, for a fee of 35 cents."""
    if not is_iban(event.iban):
        raise contracts.AccountRefused(f"{event.iban} is not a valid IBAN")
    return Charge(reference=f"debit {context.idempotency_key[:12]}", fee_cents=35)
