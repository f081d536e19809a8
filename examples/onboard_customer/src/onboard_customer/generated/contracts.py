# Made by flowgen from workflows/onboard_customer.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 37c1fe2cc43d8233
"""What the functions of `onboard_customer` take and give, and the errors that they may raise."""

from __future__ import annotations

from .json_values import ContractViolation
from .runtime import StepContext

__all__ = [
    "ContractViolation",
    "StepContext",
]
