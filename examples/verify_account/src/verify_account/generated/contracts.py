# Made by flowgen from workflows/verify_account.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 8ac69c866cfbd45b
"""What the functions of `verify_account` take and give, and the errors that they may raise."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol, TypeVar

from .json_values import ContractViolation
from .models import Check
from .runtime import StepContext

__all__ = [
    "CheckIbanHandler",
    "CheckVatHandler",
    "ContractViolation",
    "StepContext",
    "check_iban",
    "check_vat",
]


class CheckIbanHandler(Protocol):
    """Check the digits of an IBAN."""

    def __call__(self, event: str, context: StepContext, /) -> Check | Awaitable[Check]: ...


_CheckIban = TypeVar("_CheckIban", bound=CheckIbanHandler)


def check_iban(handler: _CheckIban) -> _CheckIban:
    """Hold a handler to this contract; it is given back as it is."""
    return handler


class CheckVatHandler(Protocol):
    """Check the digits of a German VAT number."""

    def __call__(self, event: str, context: StepContext, /) -> Check | Awaitable[Check]: ...


_CheckVat = TypeVar("_CheckVat", bound=CheckVatHandler)


def check_vat(handler: _CheckVat) -> _CheckVat:
    """Hold a handler to this contract; it is given back as it is."""
    return handler
