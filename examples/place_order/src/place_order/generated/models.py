# Made by flowgen from workflows/place_order.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 3a04f759a07159d9 of types 0b0672824ee880e5
"""The types of `place_order`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from shared.generated.base import ContractModel, EmailText, SparseModel


class Customer(ContractModel):
    name: str
    email: EmailText
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]


class Line(ContractModel):
    sku: str
    quantity: Annotated[int, Field(ge=1)]


class Card(ContractModel):
    token: str
    holder: str


class Discount(ContractModel):
    percent: Annotated[int, Field(ge=0, le=100)]


class Quote(ContractModel):
    """All amounts are in cents."""

    goods: int
    discount: int
    shipping: int
    total: int


class Reservation(ContractModel):
    id: str
    lines: list[Line]


class Payment(ContractModel):
    method: Literal["card", "invoice"]
    reference: str


class Parcel(ContractModel):
    carrier: str
    tracking: str
    days: int


class Outcome(ContractModel):
    order: str
    status: Literal["sent", "backordered"]
    message: str
    tracking: str | None


class Decline(ContractModel):
    reason: Literal["insufficient_funds", "expired", "stolen"]


class Shortage(ContractModel):
    sku: str
    wanted: int
    available: int


class RedeemCouponInput(ContractModel):
    coupon: str


class PriceOrderInput(ContractModel):
    lines: list[Line]
    country: str
    percent: int
    express: bool


class ReserveStockInput(ContractModel):
    order: str
    lines: list[Line]


class ChargeCardInput(ContractModel):
    order: str
    amount: int
    card: Card


class GatewayBusyDetails(ContractModel):
    seconds: int


class WriteInvoiceInput(ContractModel):
    order: str
    amount: int
    customer: Customer


class BookParcelInput(ContractModel):
    reservation: Reservation
    customer: Customer
    express: bool


class Order(SparseModel):
    """An order from the shop."""

    id: Annotated[str, Field(pattern="^[A-Z]-[0-9]{4,}$")]
    customer: Customer
    lines: Annotated[list[Line], Field(max_length=50, min_length=1)]
    card: Card | None = None
    coupon: str | None = None
    express: bool = False
