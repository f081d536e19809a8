# Made by flowgen from workflows/nightly_import.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: a557b2667f70e7e8
"""Lambda's entry point for `load_sales`."""

from typing import Any

from shared.generated.runtime import EntryPoint

from ...load_sales import load_sales as code
from ..contracts import load_sales as contract
from ..models import File, Loaded

_entry_point = EntryPoint("load_sales", contract(code), input_type=File, output_type=Loaded)


def handler(event: Any, context: Any) -> Any:
    return _entry_point.handle(event, context)
