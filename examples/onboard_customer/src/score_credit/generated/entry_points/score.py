# Made by flowgen from workflows/score_credit.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 353c8ba837c1119f
"""Lambda's entry point for `score`."""

from typing import Any

from shared.generated.runtime import EntryPoint

from ...score import score as code
from ..contracts import score as contract
from ..models import Customer, Score

_entry_point = EntryPoint("score", contract(code), input_type=Customer, output_type=Score)


def handler(event: Any, context: Any) -> Any:
    return _entry_point.handle(event, context)
