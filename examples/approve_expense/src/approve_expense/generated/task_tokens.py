# Made by flowgen from workflows/approve_expense.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 4263ac0a08969554
"""Task tokens: how to answer them, and the errors that an answer can raise."""

from __future__ import annotations

from shared.generated.task_tokens import (
    Activity,
    ActivityClient,
    ActivityTask,
    Callback,
    InvalidToken,
    TaskTimedOut,
    TaskTokenClient,
)

__all__ = ["Activity", "ActivityClient", "ActivityTask", "Callback", "InvalidToken", "TaskTimedOut", "TaskTokenClient"]
