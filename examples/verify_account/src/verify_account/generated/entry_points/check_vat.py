# Made by flowgen from workflows/verify_account.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 439edc2dfb342874
"""Lambda's entry point for `check_vat`."""

from typing import Any

from shared.generated.runtime import EntryPoint

from ...check_vat import check_vat as code
from ..contracts import check_vat as contract
from ..models import Check

_entry_point = EntryPoint("check_vat", contract(code), input_type=str, output_type=Check)


def handler(event: Any, context: Any) -> Any:
    return _entry_point.handle(event, context)
