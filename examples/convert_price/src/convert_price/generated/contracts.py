# Made by flowgen from workflows/convert_price.yaml. Do not edit: `flowgen generate` writes it again.
# Digest: d140f2ddee67ecfa
"""What the functions of `convert_price` take and give, and the errors that they may raise."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol, TypeVar, final

from .json_values import ContractViolation
from .models import Price, Rate
from .runtime import DeclaredError, StepContext

__all__ = [
    "ContractViolation",
    "FetchRateHandler",
    "NoRate",
    "SourceBusy",
    "StepContext",
    "fetch_rate",
]


@final
class SourceBusy(DeclaredError):
    """Raised by `fetch_rate`."""


@final
class NoRate(DeclaredError):
    """Raised by `fetch_rate`."""


class FetchRateHandler(Protocol):
    """Ask for the rate of the day."""

    def __call__(self, event: Price, context: StepContext, /) -> Rate | Awaitable[Rate]: ...


_FetchRate = TypeVar("_FetchRate", bound=FetchRateHandler)


def fetch_rate(handler: _FetchRate) -> _FetchRate:
    """Hold a handler to this contract; it is given back as it is."""
    return handler
