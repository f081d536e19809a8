# Made by flowgen from workflows/nightly_import.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: d988a50e68bed751
"""Lambda's entry point of `check_sales`."""

from typing import Any

from ...check_sales import check_sales as code
from ..contracts import check_sales as contract
from ..models import File
from ..runtime import EntryPoint

_entry_point = EntryPoint("check_sales", contract(code), takes=File, gives=File)


def handler(event: Any, context: Any) -> Any:
    """What Lambda calls: `event` is the envelope that the state machine sends."""
    return _entry_point.handle(event, context)
