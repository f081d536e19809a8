# Made by flowgen from workflows/nightly_import.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 9743b703ceecb7a4
"""Lambda's entry point for `fetch_sales`."""

from typing import Any

from shared.generated.runtime import EntryPoint

from ...fetch_sales import fetch_sales as code
from ..contracts import fetch_sales as contract
from ..models import File, Night

_entry_point = EntryPoint("fetch_sales", contract(code), input_type=Night, output_type=File)


def handler(event: Any, context: Any) -> Any:
    return _entry_point.handle(event, context)
