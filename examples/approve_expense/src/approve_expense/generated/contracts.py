# Made by flowgen from workflows/approve_expense.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: f48f1c88f7f087b4
"""What the functions of `approve_expense` take and give, and the errors that they may raise."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol, TypeVar

from .json_values import ContractViolation
from .models import Expense, Letter
from .runtime import StepContext

__all__ = [
    "AskManagerHandler",
    "ContractViolation",
    "StepContext",
    "ask_manager",
]


class AskManagerHandler(Protocol):
    """Write to the manager, with a link for each answer."""

    def __call__(self, event: Expense, context: StepContext, /) -> Letter | Awaitable[Letter]: ...


_AskManager = TypeVar("_AskManager", bound=AskManagerHandler)


def ask_manager(handler: _AskManager) -> _AskManager:
    """Hold a handler to this contract; it is given back as it is."""
    return handler
