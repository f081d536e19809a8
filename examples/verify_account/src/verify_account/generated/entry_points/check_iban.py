# Made by flowgen from workflows/verify_account.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 5139fafc066d940c
"""Lambda's entry point of `check_iban`."""

from typing import Any

from ...check_iban import check_iban as code
from ..contracts import check_iban as contract
from ..models import Check
from ..runtime import EntryPoint

_entry_point = EntryPoint("check_iban", contract(code), takes=str, gives=Check)


def handler(event: Any, context: Any) -> Any:
    """What Lambda calls: `event` is the envelope that the state machine sends."""
    return _entry_point.handle(event, context)
