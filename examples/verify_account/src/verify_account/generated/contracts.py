# Made by flowgen from workflows/verify_account.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 57614406d0d9d846
"""Contracts of `verify_account`: the signatures of its functions, and the errors they may raise."""

from __future__ import annotations

from typing import TypeAlias, TypeVar

from shared.generated.runtime import Contract as _Contract
from shared.generated.runtime import ContractViolation, StepContext

from .models import Check

__all__ = ["CheckIbanHandler", "CheckVatHandler", "ContractViolation", "StepContext", "check_iban", "check_vat"]


CheckIbanHandler: TypeAlias = _Contract[str, Check]
_CheckIban = TypeVar("_CheckIban", bound=CheckIbanHandler)


def check_iban(handler: _CheckIban) -> _CheckIban:
    """Check the digits of an IBAN."""
    return handler


CheckVatHandler: TypeAlias = _Contract[str, Check]
_CheckVat = TypeVar("_CheckVat", bound=CheckVatHandler)


def check_vat(handler: _CheckVat) -> _CheckVat:
    """Check the digits of a German VAT number."""
    return handler
