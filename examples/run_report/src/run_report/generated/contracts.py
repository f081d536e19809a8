# Made by flowgen from workflows/run_report.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 22c5cfc6b01dff7b
"""What the functions of `run_report` take and give, and the errors that they may raise."""

from __future__ import annotations

from .json_values import ContractViolation
from .runtime import StepContext

__all__ = [
    "ContractViolation",
    "StepContext",
]
