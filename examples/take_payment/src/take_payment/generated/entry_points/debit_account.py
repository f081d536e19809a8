# Made by flowgen from workflows/take_payment.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: ed65391cef885d6b
"""Lambda's entry point of `debit_account`."""

from typing import Any

from ...debit_account import debit_account as code
from ..contracts import debit_account as contract
from ..models import Charge, DebitAccountInput
from ..runtime import EntryPoint

_entry_point = EntryPoint("debit_account", contract(code), takes=DebitAccountInput, gives=Charge)


def handler(event: Any, context: Any) -> Any:
    """What Lambda calls: `event` is the envelope that the state machine sends."""
    return _entry_point.handle(event, context)
