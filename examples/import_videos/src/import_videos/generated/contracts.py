# Made by flowgen from workflows/import_videos.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: df3896fdc292b9f1
"""What the functions of `import_videos` take and give, and the errors that they may raise."""

from __future__ import annotations

from .json_values import ContractViolation
from .runtime import StepContext

__all__ = [
    "ContractViolation",
    "StepContext",
]
