# Made by flowgen from workflows/convert_price.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: f8c85ffde17bce71
"""Lambda's entry point of `fetch_rate`."""

from typing import Any

from ...fetch_rate import fetch_rate as code
from ..contracts import fetch_rate as contract
from ..models import Price, Rate
from ..runtime import EntryPoint

_entry_point = EntryPoint("fetch_rate", contract(code), takes=Price, gives=Rate)


def handler(event: Any, context: Any) -> Any:
    """What Lambda calls: `event` is the envelope that the state machine sends."""
    return _entry_point.handle(event, context)
