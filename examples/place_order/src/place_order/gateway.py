"""A sandbox of the payment gateway: the card's token determines the result."""

from __future__ import annotations

import re
from typing import Literal, cast

Reason = Literal["insufficient_funds", "expired", "stolen"]

_DECLINED = re.compile(r"tok_declined_(insufficient_funds|expired|stolen)")
_BUSY = re.compile(r"tok_busy_(\d)")
RETRY_AFTER = 5
"""How many seconds a busy gateway asks callers to wait."""


class DeclinedError(Exception):
    """The bank declined the card."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class BusyError(Exception):
    """The gateway is busy and asks callers to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def charge(token: str, amount: int, key: str, attempt: int) -> str:
    """Charge a card `amount` cents and return the reference of the charge.

    `tok_declined_REASON` is declined; with `tok_busy_N`, the gateway is busy N times; any other token succeeds. A
    second charge with the same `key` returns the first one.
    """
    if amount <= 0:
        raise ValueError(f"the amount must be positive, not {amount} cents")
    if declined := _DECLINED.fullmatch(token):
        raise DeclinedError(cast(Reason, declined[1]))
    if (busy := _BUSY.fullmatch(token)) and attempt <= int(busy[1]):
        raise BusyError(RETRY_AFTER)
    return f"ch_{key[:16]}"
