# Made by flowgen from workflows/verify_account.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 7c3e7154867dc3e6
"""Lambda's entry point of `check_vat`."""

from typing import Any

from ...check_vat import check_vat as code
from ..contracts import check_vat as contract
from ..models import Check
from ..runtime import EntryPoint

_entry_point = EntryPoint("check_vat", contract(code), takes=str, gives=Check)


def handler(event: Any, context: Any) -> Any:
    """What Lambda calls: `event` is the envelope that the state machine sends."""
    return _entry_point.handle(event, context)
