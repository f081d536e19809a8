# Made by flowgen from workflows/convert_price.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: e4c058dbcd9cc2a9
"""Contracts of `convert_price`: the signatures of its functions, and the errors they may raise."""

from __future__ import annotations

from typing import TypeAlias, TypeVar, final

from shared.generated.runtime import Contract as _Contract
from shared.generated.runtime import ContractViolation, DeclaredError, StepContext

from .models import Price, Rate

__all__ = ["ContractViolation", "FetchRateHandler", "NoRate", "SourceBusy", "StepContext", "fetch_rate"]


@final
class SourceBusy(DeclaredError):
    """Raised by `fetch_rate`."""


@final
class NoRate(DeclaredError):
    """Raised by `fetch_rate`."""


FetchRateHandler: TypeAlias = _Contract[Price, Rate]
_FetchRate = TypeVar("_FetchRate", bound=FetchRateHandler)


def fetch_rate(handler: _FetchRate) -> _FetchRate:
    """Fetch the current exchange rate."""
    return handler
