# Made by flowgen from workflows/place_order.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: e74d78517cce3a92
"""Contracts of `place_order`: the signatures of its functions, and the errors they may raise."""

from __future__ import annotations

from typing import TypeAlias, TypeVar, final

from shared.generated.runtime import Contract as _Contract
from shared.generated.runtime import (
    ContractViolation,
    DeclaredError,
    DetailedError,
    StepContext,
)

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


@final
class CardDeclined(DetailedError[Decline]):
    """Raised by `charge_card`."""


@final
class GatewayBusy(DetailedError[GatewayBusyDetails]):
    """Raised by `charge_card`."""


RedeemCouponHandler: TypeAlias = _Contract[RedeemCouponInput, Discount]
_RedeemCoupon = TypeVar("_RedeemCoupon", bound=RedeemCouponHandler)


def redeem_coupon(handler: _RedeemCoupon) -> _RedeemCoupon:
    """Look up the discount of a coupon."""
    return handler


PriceOrderHandler: TypeAlias = _Contract[PriceOrderInput, Quote]
_PriceOrder = TypeVar("_PriceOrder", bound=PriceOrderHandler)


def price_order(handler: _PriceOrder) -> _PriceOrder:
    """Calculate the price of the goods and the shipping."""
    return handler


ReserveStockHandler: TypeAlias = _Contract[ReserveStockInput, Reservation]
_ReserveStock = TypeVar("_ReserveStock", bound=ReserveStockHandler)


def reserve_stock(handler: _ReserveStock) -> _ReserveStock:
    """Reserve the goods."""
    return handler


ReleaseStockHandler: TypeAlias = _Contract[Reservation, Reservation]
_ReleaseStock = TypeVar("_ReleaseStock", bound=ReleaseStockHandler)


def release_stock(handler: _ReleaseStock) -> _ReleaseStock:
    """Release the reserved goods."""
    return handler


ChargeCardHandler: TypeAlias = _Contract[ChargeCardInput, Payment]
_ChargeCard = TypeVar("_ChargeCard", bound=ChargeCardHandler)


def charge_card(handler: _ChargeCard) -> _ChargeCard:
    """Charge the card."""
    return handler


WriteInvoiceHandler: TypeAlias = _Contract[WriteInvoiceInput, Payment]
_WriteInvoice = TypeVar("_WriteInvoice", bound=WriteInvoiceHandler)


def write_invoice(handler: _WriteInvoice) -> _WriteInvoice:
    """Write an invoice."""
    return handler


BookParcelHandler: TypeAlias = _Contract[BookParcelInput, Parcel]
_BookParcel = TypeVar("_BookParcel", bound=BookParcelHandler)


def book_parcel(handler: _BookParcel) -> _BookParcel:
    """Book a parcel with a carrier."""
    return handler
