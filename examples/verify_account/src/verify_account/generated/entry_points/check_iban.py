# Made by flowgen from workflows/verify_account.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 6939a71f91c197a7
"""Lambda's entry point for `check_iban`."""

from typing import Any

from shared.generated.runtime import EntryPoint

from ...check_iban import check_iban as code
from ..contracts import check_iban as contract
from ..models import Check

_entry_point = EntryPoint("check_iban", contract(code), input_type=str, output_type=Check)


def handler(event: Any, context: Any) -> Any:
    return _entry_point.handle(event, context)
