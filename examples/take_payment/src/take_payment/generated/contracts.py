# Made by flowgen from workflows/take_payment.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: f5bfddf45bcc8442
"""Contracts of `take_payment`: the signatures of its functions, and the errors they may raise."""

from __future__ import annotations

from typing import TypeAlias, TypeVar, final

from shared.generated.runtime import Contract as _Contract
from shared.generated.runtime import ContractViolation, DeclaredError, StepContext

from .models import Charge, ChargeCardInput, DebitAccountInput

__all__ = [
    "AccountRefused",
    "CardRefused",
    "ChargeCardHandler",
    "ContractViolation",
    "DebitAccountHandler",
    "StepContext",
    "charge_card",
    "debit_account",
]


@final
class CardRefused(DeclaredError):
    """Raised by `charge_card`."""


@final
class AccountRefused(DeclaredError):
    """Raised by `debit_account`."""


ChargeCardHandler: TypeAlias = _Contract[ChargeCardInput, Charge]
_ChargeCard = TypeVar("_ChargeCard", bound=ChargeCardHandler)


def charge_card(handler: _ChargeCard) -> _ChargeCard:
    """Charge a card."""
    return handler


DebitAccountHandler: TypeAlias = _Contract[DebitAccountInput, Charge]
_DebitAccount = TypeVar("_DebitAccount", bound=DebitAccountHandler)


def debit_account(handler: _DebitAccount) -> _DebitAccount:
    """Debit a bank account."""
    return handler
