# Made by flowgen from workflows/nightly_import.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 7a4b1037eada2552
"""Lambda's entry point of `fetch_sales`."""

from typing import Any

from ...fetch_sales import fetch_sales as code
from ..contracts import fetch_sales as contract
from ..models import File, Night
from ..runtime import EntryPoint

_entry_point = EntryPoint("fetch_sales", contract(code), takes=Night, gives=File)


def handler(event: Any, context: Any) -> Any:
    """What Lambda calls: `event` is the envelope that the state machine sends."""
    return _entry_point.handle(event, context)
