# Made by flowgen from workflows/convert_price.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: adfa305ddfff1d94
"""Lambda's entry point for `fetch_rate`."""

from typing import Any

from shared.generated.runtime import EntryPoint

from ...fetch_rate import fetch_rate as code
from ..contracts import fetch_rate as contract
from ..models import Price, Rate

_entry_point = EntryPoint("fetch_rate", contract(code), input_type=Price, output_type=Rate)


def handler(event: Any, context: Any) -> Any:
    return _entry_point.handle(event, context)
