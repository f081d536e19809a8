"""Calculate points from income and debts."""

from __future__ import annotations

from typing import Literal

from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import Customer, Score


@contracts.score
def score(event: Customer, context: StepContext) -> Score:
    """100 points without debts, 0 if the debts equal a year's income. 80 points are grade a, 50 grade b."""
    points = 0 if event.income_cents <= 0 else max(0, 100 - round(100 * event.debts_cents / event.income_cents))
    grade: Literal["a", "b", "c"] = "a" if points >= 80 else "b" if points >= 50 else "c"
    return Score(points=points, grade=grade)
