# Made by flowgen from workflows/greet_customer.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: f9ae2fc70e4d4bee
"""What the functions of `greet_customer` take and give, and the errors that they may raise."""

from __future__ import annotations

from .runtime import ContractViolation, StepContext

__all__ = [
    "ContractViolation",
    "StepContext",
]
