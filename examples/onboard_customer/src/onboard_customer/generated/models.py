# Made by flowgen from workflows/onboard_customer.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 53257ca4f45ecad1 of types fbb4b6d5bd118ffe
"""The types of `onboard_customer`."""

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


class Onboarded(ContractModel):
    score: Score
    account: Account
