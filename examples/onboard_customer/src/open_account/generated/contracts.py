# Made by flowgen from workflows/open_account.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 4caaaaf7255c5a53
"""What the functions of `open_account` take and give, and the errors that they may raise."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol, TypeVar

from .json_values import ContractViolation
from .models import Account, Customer
from .runtime import StepContext

__all__ = [
    "ContractViolation",
    "NumberAccountHandler",
    "StepContext",
    "number_account",
]


class NumberAccountHandler(Protocol):
    """An account number with its check digits."""

    def __call__(self, event: Customer, context: StepContext, /) -> Account | Awaitable[Account]: ...


_NumberAccount = TypeVar("_NumberAccount", bound=NumberAccountHandler)


def number_account(handler: _NumberAccount) -> _NumberAccount:
    """Hold a handler to this contract; it is given back as it is."""
    return handler
