# Made by flowgen from workflows/sort_tickets.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: f921bcf874c706b8
"""Lambda's entry point for `receive_tickets`."""

from typing import Any

from shared.generated.runtime import EntryPoint

from ...receive_tickets import receive_tickets as code
from ..contracts import receive_tickets as contract
from ..models import Inbox, Ticket

_entry_point = EntryPoint("receive_tickets", contract(code), input_type=Inbox, output_type=list[Ticket])


def handler(event: Any, context: Any) -> Any:
    return _entry_point.handle(event, context)
