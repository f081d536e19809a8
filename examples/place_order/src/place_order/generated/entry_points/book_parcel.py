# Made by flowgen from workflows/place_order.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 26881d6ca7a3e2d1
"""Lambda's entry point for `book_parcel`."""

from typing import Any

from shared.generated.runtime import EntryPoint

from ...book_parcel import book_parcel as code
from ..contracts import book_parcel as contract
from ..models import BookParcelInput, Parcel

_entry_point = EntryPoint("book_parcel", contract(code), input_type=BookParcelInput, output_type=Parcel)


def handler(event: Any, context: Any) -> Any:
    return _entry_point.handle(event, context)
