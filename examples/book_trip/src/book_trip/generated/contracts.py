# Made by flowgen from workflows/book_trip.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: d10bfe1e240f5791
"""Contracts of `book_trip`: the signatures of its functions, and the errors they may raise."""

from __future__ import annotations

from typing import TypeAlias, TypeVar, final

from shared.generated.runtime import Contract as _Contract
from shared.generated.runtime import ContractViolation, DeclaredError, StepContext

from .models import ConfirmInput, Payment, Reservation, TakeMoneyInput, Trip

__all__ = [
    "CancelHandler",
    "CardDeclined",
    "ConfirmHandler",
    "ContractViolation",
    "NoCar",
    "NoSeat",
    "RefundHandler",
    "ReservationGone",
    "ReserveCarHandler",
    "ReserveFlightHandler",
    "StepContext",
    "TakeMoneyHandler",
    "cancel",
    "confirm",
    "refund",
    "reserve_car",
    "reserve_flight",
    "take_money",
]


@final
class NoSeat(DeclaredError):
    """Raised by `reserve_flight`."""


@final
class NoCar(DeclaredError):
    """Raised by `reserve_car`."""


@final
class CardDeclined(DeclaredError):
    """Raised by `take_money`."""


@final
class ReservationGone(DeclaredError):
    """Raised by `confirm`."""


ReserveFlightHandler: TypeAlias = _Contract[Trip, Reservation]
_ReserveFlight = TypeVar("_ReserveFlight", bound=ReserveFlightHandler)


def reserve_flight(handler: _ReserveFlight) -> _ReserveFlight:
    """Reserve two return seats."""
    return handler


ReserveCarHandler: TypeAlias = _Contract[Trip, Reservation]
_ReserveCar = TypeVar("_ReserveCar", bound=ReserveCarHandler)


def reserve_car(handler: _ReserveCar) -> _ReserveCar:
    """Reserve a car for the whole trip."""
    return handler


TakeMoneyHandler: TypeAlias = _Contract[TakeMoneyInput, Payment]
_TakeMoney = TypeVar("_TakeMoney", bound=TakeMoneyHandler)


def take_money(handler: _TakeMoney) -> _TakeMoney:
    """Charge the card for the flight and the car."""
    return handler


ConfirmHandler: TypeAlias = _Contract[ConfirmInput, Reservation]
_Confirm = TypeVar("_Confirm", bound=ConfirmHandler)


def confirm(handler: _Confirm) -> _Confirm:
    """Confirm a reservation."""
    return handler


CancelHandler: TypeAlias = _Contract[Reservation, Reservation]
_Cancel = TypeVar("_Cancel", bound=CancelHandler)


def cancel(handler: _Cancel) -> _Cancel:
    """Cancel a reservation. Does nothing if it no longer exists."""
    return handler


RefundHandler: TypeAlias = _Contract[Payment, Payment]
_Refund = TypeVar("_Refund", bound=RefundHandler)


def refund(handler: _Refund) -> _Refund:
    """Refund a payment."""
    return handler
