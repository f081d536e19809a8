# Made by flowgen from workflows/score_credit.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 04aa51b0a414aa4a of types 54cb1eacfbfdcbb3
"""The types of `score_credit`."""

from __future__ import annotations

from shared.generated.customers import Customer, Score

__all__ = [
    "Customer",
    "Score",
]
