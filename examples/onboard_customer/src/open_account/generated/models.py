# Made by flowgen from workflows/open_account.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: d6056bc9fdd136d2 of types e081dadfc4e76d5f
"""The types of `open_account`."""

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
