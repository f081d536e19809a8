# Made by flowgen from workflows/open_account.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 9abf6c1a7dcfaaef
"""Contracts of `open_account`: the signatures of its functions, and the errors they may raise."""

from __future__ import annotations

from typing import TypeAlias, TypeVar

from shared.generated.runtime import Contract as _Contract
from shared.generated.runtime import ContractViolation, StepContext

from .models import Account, Customer

__all__ = ["ContractViolation", "NumberAccountHandler", "StepContext", "number_account"]


NumberAccountHandler: TypeAlias = _Contract[Customer, Account]
_NumberAccount = TypeVar("_NumberAccount", bound=NumberAccountHandler)


def number_account(handler: _NumberAccount) -> _NumberAccount:
    """Create an account number with check digits."""
    return handler
