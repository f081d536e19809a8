# Made by flowgen from workflows/open_account.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 35691baa003d9cbf
"""Lambda's entry point of `number_account`."""

from typing import Any

from ...number_account import number_account as code
from ..contracts import number_account as contract
from ..models import Account, Customer
from ..runtime import EntryPoint

_entry_point = EntryPoint("number_account", contract(code), takes=Customer, gives=Account)


def handler(event: Any, context: Any) -> Any:
    """What Lambda calls: `event` is the envelope that the state machine sends."""
    return _entry_point.handle(event, context)
