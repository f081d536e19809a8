"""Create an account number with check digits."""

from __future__ import annotations

import zlib

from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import Account, Customer

BANK = "12345678"


@contracts.number_account
def number_account(event: Customer, context: StepContext) -> Account:
    """Create an IBAN of our bank: the same for every attempt, a new one for every execution."""
    account = f"{zlib.crc32(context.idempotency_key.encode()):010}"
    check = 98 - int(f"{BANK}{account}131400") % 97
    return Account(number=f"DE{check:02}{BANK}{account}")
