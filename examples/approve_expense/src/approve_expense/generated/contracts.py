# Made by flowgen from workflows/approve_expense.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 64096aa42ddcf410
"""Contracts of `approve_expense`: the signatures of its functions, and the errors they may raise."""

from __future__ import annotations

from typing import TypeAlias, TypeVar

from shared.generated.runtime import Contract as _Contract
from shared.generated.runtime import ContractViolation, StepContext

from .models import Expense, Letter

__all__ = ["AskManagerHandler", "ContractViolation", "StepContext", "ask_manager"]


AskManagerHandler: TypeAlias = _Contract[Expense, Letter]
_AskManager = TypeVar("_AskManager", bound=AskManagerHandler)


def ask_manager(handler: _AskManager) -> _AskManager:
    """Email the manager a link for each answer."""
    return handler
