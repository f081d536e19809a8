# Made by flowgen from workflows/book_trip.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: a23be55f7f918dd5 of types 6fac0a2ed4dd5ef5
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
