# Made by flowgen from workflows/onboard_customer.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: ffe66ac73760bd63 of types 9118cf98283bd2c7
"""The types of `onboard_customer`."""

from __future__ import annotations

from shared.generated.base import ContractModel
from shared.generated.customers import Account, Customer, Score

__all__ = ["Account", "Customer", "Onboarded", "Score"]


class Onboarded(ContractModel):
    score: Score
    account: Account
