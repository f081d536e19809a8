# Made by flowgen from workflows/score_credit.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 5e67598844cfbff3 of types f488d4aac984aa6b
"""The types of `score_credit`."""

from __future__ import annotations

from shared.generated.customers import Customer, Score

__all__ = ["Customer", "Score"]
