# Made by flowgen from workflows/convert_price.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: c9332c857550b2ca of types 8e9908252c232538
"""The types of `convert_price`."""

from __future__ import annotations

from datetime import date
from typing import Literal

from shared.generated.base import ContractModel


class Price(ContractModel):
    cents: int
    currency: Literal["EUR", "USD", "GBP"]
    into: Literal["EUR", "USD", "GBP"]


class Rate(ContractModel):
    rate: float
    as_of: date


class Converted(ContractModel):
    cents: int
    rate: float
    as_of: date
