# Made by flowgen from workflows/verify_account.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: d5bf8fe30987c43b of types 1aea63c4e56b59f4
"""The types of `verify_account`."""

from __future__ import annotations

from .base import ContractModel, SparseModel


class Supplier(ContractModel):
    iban: str
    vat: str


class Check(SparseModel):
    valid: bool
    reason: str | None = None


class Verdict(ContractModel):
    iban: Check
    vat: Check
