"""The agency's books: what is reserved, final and paid. In Lambda each function has its own; put a database here."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from functools import cache

FLIGHTS = {"LIS": 18900, "OSL": 14900, "NRT": 78000}
"""Cents for two seats to each airport."""
CARS = {"LIS": 3900, "OSL": 6900}
"""Cents for a day at each airport that has cars."""


class NoneLeftError(Exception):
    """There is nothing of this kind."""


@dataclass
class Agency:
    """`reserved` has the cents of what is held, `final` what is confirmed, `paid` the cents taken."""

    reserved: dict[str, int] = field(default_factory=dict[str, int])
    final: set[str] = field(default_factory=set[str])
    paid: dict[str, int] = field(default_factory=dict[str, int])

    def reserve(self, kind: str, to: str, key: str, days: int = 1) -> tuple[str, int]:
        """Hold a flight or a car; the code and the cents. The same key gets the same code."""
        price = (FLIGHTS if kind == "F" else CARS).get(to)
        if price is None:
            raise NoneLeftError(to)
        code = f"{kind}-{zlib.crc32(key.encode()):08x}"
        self.reserved[code] = price * days
        return code, self.reserved[code]

    def confirm(self, code: str) -> int:
        """Make a reservation final; its cents."""
        if code not in self.reserved:
            raise NoneLeftError(code)
        self.final.add(code)
        return self.reserved[code]

    def cancel(self, code: str) -> None:
        """Give a reservation up."""
        self.reserved.pop(code, None)
        self.final.discard(code)

    def take(self, card: str, key: str, cents: int) -> str:
        """Take money from a card, of which 4000 0000 0000 0002 has none."""
        if card == "4000000000000002":
            raise NoneLeftError(card)
        reference = f"P-{zlib.crc32(key.encode()):08x}"
        self.paid[reference] = cents
        return reference

    def refund(self, reference: str) -> None:
        """Give it back."""
        self.paid.pop(reference, None)


@cache
def agency() -> Agency:
    """The one of this process."""
    return Agency()
