# Made by flowgen from workflows/verify_account.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 8925b6031743db1d of types 9d21bd5a809762bb
"""The types of `verify_account`."""

from __future__ import annotations

from shared.generated.base import ContractModel, SparseModel


class Supplier(ContractModel):
    iban: str
    vat: str


class Check(SparseModel):
    valid: bool
    reason: str | None = None


class Verdict(ContractModel):
    iban: Check
    vat: Check
