# Made by flowgen from workflows/nightly_import.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 8a1b0a0f1be85fe6
"""Lambda's entry point of `check_sales`."""

from typing import Any

from ...check_sales import check_sales as code
from ..contracts import check_sales as contract
from ..models import File
from ..runtime import EntryPoint

_entry_point = EntryPoint("check_sales", contract(code), takes=File, gives=File)


def handler(event: Any, context: Any) -> Any:
    """What Lambda calls: `event` is the envelope that the state machine sends."""
    return _entry_point(event, context)
