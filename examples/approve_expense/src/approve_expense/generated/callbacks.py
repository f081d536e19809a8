# Made by flowgen from workflows/approve_expense.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: f9f5cf4ad2f7cb77
"""The steps of `approve_expense` that wait for an answer, each under its name."""

from typing import Never

from . import task_tokens
from .models import Answer

answer = task_tokens.Callback[Answer, Never]("answer", Answer)
"""The answer that `answer` waits for; `ask_manager` gets the token."""
