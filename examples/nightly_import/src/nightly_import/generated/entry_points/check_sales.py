# Made by flowgen from workflows/nightly_import.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: ebfd009744be804d
"""Lambda's entry point for `check_sales`."""

from typing import Any

from shared.generated.runtime import EntryPoint

from ...check_sales import check_sales as code
from ..contracts import check_sales as contract
from ..models import File

_entry_point = EntryPoint("check_sales", contract(code), input_type=File, output_type=File)


def handler(event: Any, context: Any) -> Any:
    return _entry_point.handle(event, context)
