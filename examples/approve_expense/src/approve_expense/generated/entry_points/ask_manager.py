# Made by flowgen from workflows/approve_expense.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 61a33883b93f89e1
"""Lambda's entry point of `ask_manager`."""

from typing import Any

from ...ask_manager import ask_manager as code
from ..contracts import ask_manager as contract
from ..models import Expense, Letter
from ..runtime import EntryPoint

_entry_point = EntryPoint("ask_manager", contract(code), takes=Expense, gives=Letter)


def handler(event: Any, context: Any) -> Any:
    """What Lambda calls: `event` is the envelope that the state machine sends."""
    return _entry_point.handle(event, context)
