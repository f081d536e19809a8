# Made by flowgen from workflows/sort_tickets.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 59bfbda13d8a203c
"""Contracts of `sort_tickets`: the signatures of its functions, and the errors they may raise."""

from __future__ import annotations

from typing import TypeAlias, TypeVar

from shared.generated.runtime import Contract as _Contract
from shared.generated.runtime import ContractViolation, StepContext

from .models import Inbox, Ticket, Triage

__all__ = ["ContractViolation", "ReceiveTicketsHandler", "StepContext", "TriageHandler", "receive_tickets", "triage"]


ReceiveTicketsHandler: TypeAlias = _Contract[Inbox, list[Ticket]]
_ReceiveTickets = TypeVar("_ReceiveTickets", bound=ReceiveTicketsHandler)


def receive_tickets(handler: _ReceiveTickets) -> _ReceiveTickets:
    """Read the tickets in the inbox."""
    return handler


TriageHandler: TypeAlias = _Contract[Ticket, Triage]
_Triage = TypeVar("_Triage", bound=TriageHandler)


def triage(handler: _Triage) -> _Triage:
    """Choose the team for a ticket, and whether it is urgent."""
    return handler
