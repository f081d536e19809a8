# Made by flowgen from workflows/onboard_customer.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 8222380a0176bde6 of types 35f74763746bf85f
"""The types of `onboard_customer`."""

from __future__ import annotations

from shared.generated.base import ContractModel
from shared.generated.customers import Account, Customer, Score

__all__ = [
    "Customer",
    "Onboarded",
]


class Onboarded(ContractModel):
    score: Score
    account: Account
