"""Fetch the current exchange rate."""

from __future__ import annotations

from datetime import date

from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import Price, Rate
from .source import BusyError, UnknownError, latest


@contracts.fetch_rate
def fetch_rate(event: Price, context: StepContext) -> Rate:
    """Fetch the current exchange rate, unless both currencies are the same."""
    if event.currency == event.into:
        return Rate(rate=1, as_of=context.started_at.date())
    try:
        rate, day = latest(event.currency, event.into)
    except BusyError as busy:
        raise contracts.SourceBusy(str(busy)) from busy
    except UnknownError as unknown:
        raise contracts.NoRate(str(unknown)) from unknown
    return Rate(rate=rate, as_of=date.fromisoformat(day))
