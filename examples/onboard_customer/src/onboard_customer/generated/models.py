# Made by flowgen from workflows/onboard_customer.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: eb806b4a7173ac53 of types c65181aaed94b521
"""The types of `onboard_customer`."""

from __future__ import annotations

from shared.generated.customers import Account, Customer, Score

from .base import ContractModel

__all__ = [
    "Customer",
    "Onboarded",
]


class Onboarded(ContractModel):
    score: Score
    account: Account
