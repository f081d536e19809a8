# Made by flowgen from workflows/sort_tickets.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 725b572bd067c96c
"""What the functions of `sort_tickets` take and give, and the errors that they may raise."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol, TypeVar

from .json_values import ContractViolation
from .models import Inbox, Ticket, Triage
from .runtime import StepContext

__all__ = [
    "ContractViolation",
    "ReceiveTicketsHandler",
    "StepContext",
    "TriageHandler",
    "receive_tickets",
    "triage",
]


class ReceiveTicketsHandler(Protocol):
    """Take the tickets that wait in the inbox."""

    def __call__(self, event: Inbox, context: StepContext, /) -> list[Ticket] | Awaitable[list[Ticket]]: ...


_ReceiveTickets = TypeVar("_ReceiveTickets", bound=ReceiveTicketsHandler)


def receive_tickets(handler: _ReceiveTickets) -> _ReceiveTickets:
    """Hold a handler to this contract; it is given back as it is."""
    return handler


class TriageHandler(Protocol):
    """Decide which team looks after a ticket, and how soon."""

    def __call__(self, event: Ticket, context: StepContext, /) -> Triage | Awaitable[Triage]: ...


_Triage = TypeVar("_Triage", bound=TriageHandler)


def triage(handler: _Triage) -> _Triage:
    """Hold a handler to this contract; it is given back as it is."""
    return handler
