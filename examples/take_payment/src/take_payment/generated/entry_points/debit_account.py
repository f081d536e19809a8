# Made by flowgen from workflows/take_payment.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 2a225b9363c2362c
"""Lambda's entry point for `debit_account`."""

from typing import Any

from shared.generated.runtime import EntryPoint

from ...debit_account import debit_account as code
from ..contracts import debit_account as contract
from ..models import Charge, DebitAccountInput

_entry_point = EntryPoint("debit_account", contract(code), input_type=DebitAccountInput, output_type=Charge)


def handler(event: Any, context: Any) -> Any:
    return _entry_point.handle(event, context)
