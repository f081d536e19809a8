# Made by flowgen from workflows/nightly_import.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: 4e6de70b2220ad1c
"""What the functions of `nightly_import` take and give, and the errors that they may raise."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol, TypeVar, final

from .json_values import ContractViolation
from .models import File, Loaded, Night
from .runtime import DeclaredError, StepContext

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


class FetchSalesHandler(Protocol):
    """Find the day's file."""

    def __call__(self, event: Night, context: StepContext, /) -> File | Awaitable[File]: ...


_FetchSales = TypeVar("_FetchSales", bound=FetchSalesHandler)


def fetch_sales(handler: _FetchSales) -> _FetchSales:
    """Hold a handler to this contract; it is given back as it is."""
    return handler


class CheckSalesHandler(Protocol):
    """Refuse a file whose rows do not add up."""

    def __call__(self, event: File, context: StepContext, /) -> File | Awaitable[File]: ...


_CheckSales = TypeVar("_CheckSales", bound=CheckSalesHandler)


def check_sales(handler: _CheckSales) -> _CheckSales:
    """Hold a handler to this contract; it is given back as it is."""
    return handler


class LoadSalesHandler(Protocol):
    """Add the day's sales to the totals."""

    def __call__(self, event: File, context: StepContext, /) -> Loaded | Awaitable[Loaded]: ...


_LoadSales = TypeVar("_LoadSales", bound=LoadSalesHandler)


def load_sales(handler: _LoadSales) -> _LoadSales:
    """Hold a handler to this contract; it is given back as it is."""
    return handler
