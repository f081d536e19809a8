# Made by flowgen from workflows/book_trip.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 30c143ce7b3014c3 of types a7b47eb3d1e2d397
"""The types of `book_trip`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from shared.generated.base import ContractModel


class Trip(ContractModel):
    id: str
    traveller: str
    to: str
    days: Annotated[int, Field(ge=1)]
    card: str


class Reservation(ContractModel):
    code: str
    cents: int


class Payment(ContractModel):
    reference: str
    cents: int


class Booked(ContractModel):
    flight: str
    car: str
    payment: str


class TakeMoneyInput(ContractModel):
    trip: str
    card: str
    cents: int


class ConfirmInput(ContractModel):
    code: str
    payment: str
