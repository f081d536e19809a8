# Made by flowgen from workflows/sort_tickets.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: e147a12d4eeef625 of types 8dc91c64caab73c4
"""The types of `sort_tickets`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .base import ContractModel


class Inbox(ContractModel):
    most: Annotated[int, Field(ge=1, le=1000)]


class Ticket(ContractModel):
    id: str
    subject: str
    body: str


class Triage(ContractModel):
    team: Literal["billing", "technical", "general"]
    urgent: bool
