# Made by flowgen from workflows/nightly_import.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 8423a60762439465
"""Contracts of `nightly_import`: the signatures of its functions, and the errors they may raise."""

from __future__ import annotations

from typing import TypeAlias, TypeVar, final

from shared.generated.runtime import Contract as _Contract
from shared.generated.runtime import ContractViolation, DeclaredError, StepContext

from .models import File, Loaded, Night

__all__ = [
    "BadRows",
    "CheckSalesHandler",
    "ContractViolation",
    "FetchSalesHandler",
    "FileMissing",
    "LoadSalesHandler",
    "StepContext",
    "check_sales",
    "fetch_sales",
    "load_sales",
]


@final
class FileMissing(DeclaredError):
    """Raised by `fetch_sales`."""


@final
class BadRows(DeclaredError):
    """Raised by `check_sales`."""


FetchSalesHandler: TypeAlias = _Contract[Night, File]
_FetchSales = TypeVar("_FetchSales", bound=FetchSalesHandler)


def fetch_sales(handler: _FetchSales) -> _FetchSales:
    """Find the day's file."""
    return handler


CheckSalesHandler: TypeAlias = _Contract[File, File]
_CheckSales = TypeVar("_CheckSales", bound=CheckSalesHandler)


def check_sales(handler: _CheckSales) -> _CheckSales:
    """Reject a file whose totals are wrong."""
    return handler


LoadSalesHandler: TypeAlias = _Contract[File, Loaded]
_LoadSales = TypeVar("_LoadSales", bound=LoadSalesHandler)


def load_sales(handler: _LoadSales) -> _LoadSales:
    """Add the day's sales to the totals."""
    return handler
