# Made by flowgen from workflows/score_credit.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: c77c54d3ea575496 of types 97225ed3d0f70f69
"""The types of `score_credit`."""

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
