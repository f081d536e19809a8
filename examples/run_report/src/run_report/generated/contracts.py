# Made by flowgen from workflows/run_report.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: ee24efe5ddab1600
"""What the functions of `run_report` take and give, and the errors that they may raise."""

from __future__ import annotations

from .runtime import ContractViolation, StepContext

__all__ = [
    "ContractViolation",
    "StepContext",
]
