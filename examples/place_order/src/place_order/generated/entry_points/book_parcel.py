# Made by flowgen from workflows/place_order.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 06e73f780cfd3892
"""Lambda's entry point of `book_parcel`."""

from typing import Any

from ...book_parcel import book_parcel as code
from ..contracts import book_parcel as contract
from ..models import BookParcelInput, Parcel
from ..runtime import EntryPoint

_entry_point = EntryPoint("book_parcel", contract(code), takes=BookParcelInput, gives=Parcel)


def handler(event: Any, context: Any) -> Any:
    """What Lambda calls: `event` is the envelope that the state machine sends."""
    return _entry_point.handle(event, context)
