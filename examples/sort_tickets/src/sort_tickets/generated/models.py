# Made by flowgen from workflows/sort_tickets.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: ad6eaae6a5c45b14 of types 51c1193dbb65dbed
"""The types of `sort_tickets`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from shared.generated.base import ContractModel


class Inbox(ContractModel):
    most: Annotated[int, Field(ge=1, le=1000)]


class Ticket(ContractModel):
    id: str
    subject: str
    body: str


class Triage(ContractModel):
    team: Literal["billing", "technical", "general"]
    urgent: bool
