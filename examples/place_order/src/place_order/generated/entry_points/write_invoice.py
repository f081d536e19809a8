# Made by flowgen from workflows/place_order.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 988ce17b2ffa02b4
"""Lambda's entry point for `write_invoice`."""

from typing import Any

from shared.generated.runtime import EntryPoint

from ...write_invoice import write_invoice as code
from ..contracts import write_invoice as contract
from ..models import Payment, WriteInvoiceInput

_entry_point = EntryPoint("write_invoice", contract(code), input_type=WriteInvoiceInput, output_type=Payment)


def handler(event: Any, context: Any) -> Any:
    return _entry_point.handle(event, context)
