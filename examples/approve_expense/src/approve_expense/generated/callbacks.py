# Made by flowgen from workflows/approve_expense.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 73363fe0843d39a3
"""Steps of `approve_expense` that wait for an answer, by name."""

from typing import Never

from . import task_tokens
from .models import Answer

answer = task_tokens.Callback[Answer, Never]("answer", Answer)
"""The answer that `answer` waits for; `ask_manager` receives the token."""
