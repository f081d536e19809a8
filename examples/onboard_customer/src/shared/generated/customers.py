# Made by flowgen from customers.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 1ec55a31d5f1cb77 of types ed9bcd35aeee628d
"""The types of `customers.yaml`."""

from __future__ import annotations

from typing import Literal

from .base import ContractModel, EmailText


class Customer(ContractModel):
    name: str
    email: EmailText
    income_cents: int
    debts_cents: int


class Score(ContractModel):
    points: int
    grade: Literal["a", "b", "c"]


class Account(ContractModel):
    number: str
