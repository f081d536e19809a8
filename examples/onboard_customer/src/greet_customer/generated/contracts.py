# Made by flowgen from workflows/greet_customer.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 82fc98d900210cf3
"""What the functions of `greet_customer` take and give, and the errors that they may raise."""

from __future__ import annotations

from .json_values import ContractViolation
from .runtime import StepContext

__all__ = [
    "ContractViolation",
    "StepContext",
]
