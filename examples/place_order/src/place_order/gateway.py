"""The payment gateway, as its sandbox behaves: what happens hangs on the card's token."""

from __future__ import annotations

import re
from typing import Literal, cast

Reason = Literal["insufficient_funds", "expired", "stolen"]

_DECLINED = re.compile(r"tok_declined_(insufficient_funds|expired|stolen)")
_BUSY = re.compile(r"tok_busy_(\d)")
RETRY_AFTER = 5
"""Seconds that the gateway asks for when it is busy."""


class DeclinedError(Exception):
    """The bank says no."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class BusyError(Exception):
    """The gateway has too much to do, and asks to be left alone for some seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def charge(token: str, amount: int, key: str, attempt: int) -> str:
    """Charge a card with `amount` cents and give the charge's reference.

    `tok_declined_REASON` is declined, `tok_busy_N` finds the gateway busy N times, every other token pays. The gateway
    takes a `key` only once: a second charge with it is the first one.
    """
    if amount <= 0:
        raise ValueError(f"a charge of {amount} cents")
    if declined := _DECLINED.fullmatch(token):
        raise DeclinedError(cast(Reason, declined[1]))
    if (busy := _BUSY.fullmatch(token)) and attempt <= int(busy[1]):
        raise BusyError(RETRY_AFTER)
    return f"ch_{key[:16]}"
