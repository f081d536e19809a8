# Made by flowgen from workflows/score_credit.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 42df6dc287c802de
"""What the functions of `score_credit` take and give, and the errors that they may raise."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol, TypeVar

from .json_values import ContractViolation
from .models import Customer, Score
from .runtime import StepContext

__all__ = [
    "ContractViolation",
    "ScoreHandler",
    "StepContext",
    "score",
]


class ScoreHandler(Protocol):
    """Points from income and debts."""

    def __call__(self, event: Customer, context: StepContext, /) -> Score | Awaitable[Score]: ...


_Score = TypeVar("_Score", bound=ScoreHandler)


def score(handler: _Score) -> _Score:
    """Hold a handler to this contract; it is given back as it is."""
    return handler
