# Made by flowgen from workflows/score_credit.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 369d77a80390f743
"""Contracts of `score_credit`: the signatures of its functions, and the errors they may raise."""

from __future__ import annotations

from typing import TypeAlias, TypeVar

from shared.generated.runtime import Contract as _Contract
from shared.generated.runtime import ContractViolation, StepContext

from .models import Customer, Score

__all__ = ["ContractViolation", "ScoreHandler", "StepContext", "score"]


ScoreHandler: TypeAlias = _Contract[Customer, Score]
_Score = TypeVar("_Score", bound=ScoreHandler)


def score(handler: _Score) -> _Score:
    """Calculate points from income and debts."""
    return handler
