# Made by flowgen from workflows/place_order.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 9662c1f428e144db
"""What the functions of `place_order` take and give, and the errors that they may raise."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol, TypeVar, final

from pydantic import TypeAdapter

from .json_values import ContractViolation
from .models import (
    BookParcelInput,
    ChargeCardInput,
    Decline,
    Discount,
    GatewayBusyDetails,
    Parcel,
    Payment,
    PriceOrderInput,
    Quote,
    RedeemCouponInput,
    Reservation,
    ReserveStockInput,
    Shortage,
    WriteInvoiceInput,
)
from .runtime import DeclaredError, DetailedError, StepContext

__all__ = [
    "BookParcelHandler",
    "CardDeclined",
    "ChargeCardHandler",
    "ContractViolation",
    "GatewayBusy",
    "OutOfStock",
    "PriceOrderHandler",
    "RedeemCouponHandler",
    "ReleaseStockHandler",
    "ReserveStockHandler",
    "StepContext",
    "UnknownArticle",
    "WriteInvoiceHandler",
    "book_parcel",
    "charge_card",
    "price_order",
    "redeem_coupon",
    "release_stock",
    "reserve_stock",
    "write_invoice",
]


@final
class UnknownArticle(DeclaredError):
    """Raised by `price_order`."""


@final
class OutOfStock(DetailedError[Shortage]):
    """Raised by `reserve_stock`."""

    contract: TypeAdapter[Shortage] = TypeAdapter(Shortage)


@final
class CardDeclined(DetailedError[Decline]):
    """Raised by `charge_card`."""

    contract: TypeAdapter[Decline] = TypeAdapter(Decline)


@final
class GatewayBusy(DetailedError[GatewayBusyDetails]):
    """Raised by `charge_card`."""

    contract: TypeAdapter[GatewayBusyDetails] = TypeAdapter(GatewayBusyDetails)


class RedeemCouponHandler(Protocol):
    """What a coupon is worth."""

    def __call__(self, event: RedeemCouponInput, context: StepContext, /) -> Discount | Awaitable[Discount]: ...


_RedeemCoupon = TypeVar("_RedeemCoupon", bound=RedeemCouponHandler)


def redeem_coupon(handler: _RedeemCoupon) -> _RedeemCoupon:
    """Hold a handler to this contract; it is given back as it is."""
    return handler


class PriceOrderHandler(Protocol):
    """Price the goods and the way to the customer."""

    def __call__(self, event: PriceOrderInput, context: StepContext, /) -> Quote | Awaitable[Quote]: ...


_PriceOrder = TypeVar("_PriceOrder", bound=PriceOrderHandler)


def price_order(handler: _PriceOrder) -> _PriceOrder:
    """Hold a handler to this contract; it is given back as it is."""
    return handler


class ReserveStockHandler(Protocol):
    """Take the goods off the shelf."""

    def __call__(self, event: ReserveStockInput, context: StepContext, /) -> Reservation | Awaitable[Reservation]: ...


_ReserveStock = TypeVar("_ReserveStock", bound=ReserveStockHandler)


def reserve_stock(handler: _ReserveStock) -> _ReserveStock:
    """Hold a handler to this contract; it is given back as it is."""
    return handler


class ReleaseStockHandler(Protocol):
    """Put the goods back."""

    def __call__(self, event: Reservation, context: StepContext, /) -> Reservation | Awaitable[Reservation]: ...


_ReleaseStock = TypeVar("_ReleaseStock", bound=ReleaseStockHandler)


def release_stock(handler: _ReleaseStock) -> _ReleaseStock:
    """Hold a handler to this contract; it is given back as it is."""
    return handler


class ChargeCardHandler(Protocol):
    """Take the money."""

    def __call__(self, event: ChargeCardInput, context: StepContext, /) -> Payment | Awaitable[Payment]: ...


_ChargeCard = TypeVar("_ChargeCard", bound=ChargeCardHandler)


def charge_card(handler: _ChargeCard) -> _ChargeCard:
    """Hold a handler to this contract; it is given back as it is."""
    return handler


class WriteInvoiceHandler(Protocol):
    """Ask for the money."""

    def __call__(self, event: WriteInvoiceInput, context: StepContext, /) -> Payment | Awaitable[Payment]: ...


_WriteInvoice = TypeVar("_WriteInvoice", bound=WriteInvoiceHandler)


def write_invoice(handler: _WriteInvoice) -> _WriteInvoice:
    """Hold a handler to this contract; it is given back as it is."""
    return handler


class BookParcelHandler(Protocol):
    """Have the goods fetched."""

    def __call__(self, event: BookParcelInput, context: StepContext, /) -> Parcel | Awaitable[Parcel]: ...


_BookParcel = TypeVar("_BookParcel", bound=BookParcelHandler)


def book_parcel(handler: _BookParcel) -> _BookParcel:
    """Hold a handler to this contract; it is given back as it is."""
    return handler
