# Made by flowgen from workflows/place_order.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: cebf189c23ce9b4c
"""Lambda's entry point of `write_invoice`."""

from typing import Any

from ...write_invoice import write_invoice as code
from ..contracts import write_invoice as contract
from ..models import Payment, WriteInvoiceInput
from ..runtime import EntryPoint

_entry_point = EntryPoint("write_invoice", contract(code), takes=WriteInvoiceInput, gives=Payment)


def handler(event: Any, context: Any) -> Any:
    """What Lambda calls: `event` is the envelope that the state machine sends."""
    return _entry_point.handle(event, context)
