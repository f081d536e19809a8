# Made by flowgen from workflows/sort_tickets.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 20efd3d6d3f25e20
"""Lambda's entry point for `triage`."""

from typing import Any

from shared.generated.runtime import EntryPoint

from ...triage import triage as code
from ..contracts import triage as contract
from ..models import Ticket, Triage

_entry_point = EntryPoint("triage", contract(code), input_type=Ticket, output_type=Triage)


def handler(event: Any, context: Any) -> Any:
    return _entry_point.handle(event, context)
