# Made by flowgen from workflows/take_payment.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: ef16a90bd0f57c16
"""What the functions of `take_payment` take and give, and the errors that they may raise."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol, TypeVar, final

from .json_values import ContractViolation
from .models import Charge, ChargeCardInput, DebitAccountInput
from .runtime import DeclaredError, StepContext

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


class ChargeCardHandler(Protocol):
    """Take the money from a card."""

    def __call__(self, event: ChargeCardInput, context: StepContext, /) -> Charge | Awaitable[Charge]: ...


_ChargeCard = TypeVar("_ChargeCard", bound=ChargeCardHandler)


def charge_card(handler: _ChargeCard) -> _ChargeCard:
    """Hold a handler to this contract; it is given back as it is."""
    return handler


class DebitAccountHandler(Protocol):
    """Collect the money from a bank account."""

    def __call__(self, event: DebitAccountInput, context: StepContext, /) -> Charge | Awaitable[Charge]: ...


_DebitAccount = TypeVar("_DebitAccount", bound=DebitAccountHandler)


def debit_account(handler: _DebitAccount) -> _DebitAccount:
    """Hold a handler to this contract; it is given back as it is."""
    return handler
