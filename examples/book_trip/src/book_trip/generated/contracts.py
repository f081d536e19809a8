# Made by flowgen from workflows/book_trip.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: e5e42666faf404df
"""What the functions of `book_trip` take and give, and the errors that they may raise."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol, TypeVar, final

from .json_values import ContractViolation
from .models import ConfirmInput, Payment, Reservation, TakeMoneyInput, Trip
from .runtime import DeclaredError, StepContext

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


class ReserveFlightHandler(Protocol):
    """Hold two seats there and back."""

    def __call__(self, event: Trip, context: StepContext, /) -> Reservation | Awaitable[Reservation]: ...


_ReserveFlight = TypeVar("_ReserveFlight", bound=ReserveFlightHandler)


def reserve_flight(handler: _ReserveFlight) -> _ReserveFlight:
    """Hold a handler to this contract; it is given back as it is."""
    return handler


class ReserveCarHandler(Protocol):
    """Hold a car for all days."""

    def __call__(self, event: Trip, context: StepContext, /) -> Reservation | Awaitable[Reservation]: ...


_ReserveCar = TypeVar("_ReserveCar", bound=ReserveCarHandler)


def reserve_car(handler: _ReserveCar) -> _ReserveCar:
    """Hold a handler to this contract; it is given back as it is."""
    return handler


class TakeMoneyHandler(Protocol):
    """Charge the card with flight and car."""

    def __call__(self, event: TakeMoneyInput, context: StepContext, /) -> Payment | Awaitable[Payment]: ...


_TakeMoney = TypeVar("_TakeMoney", bound=TakeMoneyHandler)


def take_money(handler: _TakeMoney) -> _TakeMoney:
    """Hold a handler to this contract; it is given back as it is."""
    return handler


class ConfirmHandler(Protocol):
    """Make a reservation final."""

    def __call__(self, event: ConfirmInput, context: StepContext, /) -> Reservation | Awaitable[Reservation]: ...


_Confirm = TypeVar("_Confirm", bound=ConfirmHandler)


def confirm(handler: _Confirm) -> _Confirm:
    """Hold a handler to this contract; it is given back as it is."""
    return handler


class CancelHandler(Protocol):
    """Give a reservation up; one that is gone already is no error."""

    def __call__(self, event: Reservation, context: StepContext, /) -> Reservation | Awaitable[Reservation]: ...


_Cancel = TypeVar("_Cancel", bound=CancelHandler)


def cancel(handler: _Cancel) -> _Cancel:
    """Hold a handler to this contract; it is given back as it is."""
    return handler


class RefundHandler(Protocol):
    """Give the money back."""

    def __call__(self, event: Payment, context: StepContext, /) -> Payment | Awaitable[Payment]: ...


_Refund = TypeVar("_Refund", bound=RefundHandler)


def refund(handler: _Refund) -> _Refund:
    """Hold a handler to this contract; it is given back as it is."""
    return handler
