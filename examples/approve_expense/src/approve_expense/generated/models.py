# Made by flowgen from workflows/approve_expense.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 0427637bea05fb3c of types a189c4b527728b48
"""The types of `approve_expense`."""

from __future__ import annotations

from typing import Literal

from shared.generated.base import ContractModel, EmailText, SparseModel


class Expense(ContractModel):
    employee: EmailText
    manager: EmailText
    cents: int
    reason: str


class Answer(SparseModel):
    decision: Literal["approved", "refused"]
    comment: str | None = None


class Letter(ContractModel):
    to: str
    text: str


class Outcome(ContractModel):
    status: Literal["paid", "refused", "unanswered"]
