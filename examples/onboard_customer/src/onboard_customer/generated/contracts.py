# Made by flowgen from workflows/onboard_customer.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 30efd64e66f5d8e4
"""What the functions of `onboard_customer` take and give, and the errors that they may raise."""

from __future__ import annotations

from .runtime import ContractViolation, StepContext

__all__ = [
    "ContractViolation",
    "StepContext",
]
