# Made by flowgen from workflows/import_videos.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: a2c9655c61325f56
"""What the functions of `import_videos` take and give, and the errors that they may raise."""

from __future__ import annotations

from .runtime import ContractViolation, StepContext

__all__ = [
    "ContractViolation",
    "StepContext",
]
