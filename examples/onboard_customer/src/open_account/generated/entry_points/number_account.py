# Made by flowgen from workflows/open_account.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 441ba7e3bbeefe7f
"""Lambda's entry point for `number_account`."""

from typing import Any

from shared.generated.runtime import EntryPoint

from ...number_account import number_account as code
from ..contracts import number_account as contract
from ..models import Account, Customer

_entry_point = EntryPoint("number_account", contract(code), input_type=Customer, output_type=Account)


def handler(event: Any, context: Any) -> Any:
    return _entry_point.handle(event, context)
