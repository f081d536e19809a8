# Made by flowgen from workflows/score_credit.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: c463958c6c9bf73c
"""Lambda's entry point of `score`."""

from typing import Any

from ...score import score as code
from ..contracts import score as contract
from ..models import Customer, Score
from ..runtime import EntryPoint

_entry_point = EntryPoint("score", contract(code), takes=Customer, gives=Score)


def handler(event: Any, context: Any) -> Any:
    """What Lambda calls: `event` is the envelope that the state machine sends."""
    return _entry_point.handle(event, context)
