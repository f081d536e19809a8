# Made by flowgen from workflows/score_credit.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 04aa51b0a414aa4a of types ea0e0ccc528e3dda
"""The types of `score_credit`."""

from __future__ import annotations

from shared.generated.customers import Customer, Score

__all__ = [
    "Customer",
    "Score",
]
