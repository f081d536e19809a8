# Made by flowgen from workflows/approve_expense.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 3018f7ed73fb4200
"""Lambda's entry point for `ask_manager`."""

from typing import Any

from shared.generated.runtime import EntryPoint

from ...ask_manager import ask_manager as code
from ..contracts import ask_manager as contract
from ..models import Expense, Letter

_entry_point = EntryPoint("ask_manager", contract(code), input_type=Expense, output_type=Letter)


def handler(event: Any, context: Any) -> Any:
    return _entry_point.handle(event, context)
