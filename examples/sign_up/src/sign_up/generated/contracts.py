# Made by flowgen from workflows/sign_up.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 2ac4c8134d34b6aa
"""What the functions of `sign_up` take and give, and the errors that they may raise."""

from __future__ import annotations

from .runtime import ContractViolation, StepContext

__all__ = [
    "ContractViolation",
    "StepContext",
]
