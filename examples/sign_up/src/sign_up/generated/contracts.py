# Made by flowgen from workflows/sign_up.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: e7755d128c43da82
"""What the functions of `sign_up` take and give, and the errors that they may raise."""

from __future__ import annotations

from .json_values import ContractViolation
from .runtime import StepContext

__all__ = [
    "ContractViolation",
    "StepContext",
]
