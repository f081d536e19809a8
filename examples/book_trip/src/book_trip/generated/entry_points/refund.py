# Made by flowgen from workflows/book_trip.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 56bf88cbdc7ea756
"""Lambda's entry point for `refund`."""

from typing import Any

from shared.generated.runtime import EntryPoint

from ...refund import refund as code
from ..contracts import refund as contract
from ..models import Payment

_entry_point = EntryPoint("refund", contract(code), input_type=Payment, output_type=Payment)


def handler(event: Any, context: Any) -> Any:
    return _entry_point.handle(event, context)
