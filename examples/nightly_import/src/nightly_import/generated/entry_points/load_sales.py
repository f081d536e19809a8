# Made by flowgen from workflows/nightly_import.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 49f17f289568d026
"""Lambda's entry point of `load_sales`."""

from typing import Any

from ...load_sales import load_sales as code
from ..contracts import load_sales as contract
from ..models import File, Loaded
from ..runtime import EntryPoint

_entry_point = EntryPoint("load_sales", contract(code), takes=File, gives=Loaded)


def handler(event: Any, context: Any) -> Any:
    """What Lambda calls: `event` is the envelope that the state machine sends."""
    return _entry_point.handle(event, context)
