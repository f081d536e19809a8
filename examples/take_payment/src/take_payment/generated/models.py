# Made by flowgen from workflows/take_payment.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 96d9badbb416bde1 of types 44abba8397ab11b3
"""The types of `take_payment`."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from shared.generated.base import ContractModel


class CardPayment(ContractModel):
    method: Literal["card"]
    order: str
    cents: int
    number: str


class TransferPayment(ContractModel):
    method: Literal["transfer"]
    order: str
    cents: int
    iban: str


class VoucherPayment(ContractModel):
    method: Literal["voucher"]
    order: str
    cents: int
    code: str


class Charge(ContractModel):
    reference: str
    fee_cents: int


class Receipt(ContractModel):
    order: str
    paid_by: Literal["card", "transfer", "voucher"]
    reference: str
    fee_cents: int


class ChargeCardInput(ContractModel):
    order: str
    cents: int
    number: str


class DebitAccountInput(ContractModel):
    order: str
    cents: int
    iban: str


Payment: TypeAlias = Annotated[CardPayment | TransferPayment | VoucherPayment, Field(discriminator="method")]
