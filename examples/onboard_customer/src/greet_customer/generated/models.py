# Made by flowgen from workflows/greet_customer.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 236c9fd0b7c00c5a of types d4f01f712641bb00
"""The types of `greet_customer`."""

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
