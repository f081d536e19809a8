"""A travel agency in memory. In Lambda, each function has its own copy, so replace it with a database."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from functools import cache

FLIGHTS = {"LIS": 18900, "OSL": 14900, "NRT": 78000}
"""The price of two return seats to each airport, in cents."""
CARS = {"LIS": 3900, "OSL": 6900}
"""The price of a car per day at each airport, in cents."""


class NoneLeftError(Exception):
    """Nothing is available."""


@dataclass
class Agency:
    """`reserved` and `paid` map codes to amounts in cents; `final` has the codes of confirmed reservations."""

    reserved: dict[str, int] = field(default_factory=dict[str, int])
    final: set[str] = field(default_factory=set[str])
    paid: dict[str, int] = field(default_factory=dict[str, int])

    def reserve(self, kind: str, to: str, key: str, days: int = 1) -> tuple[str, int]:
        """Reserve a flight or a car. Returns its code and price; the same key returns the same code."""
        price = (FLIGHTS if kind == "F" else CARS).get(to)
        if price is None:
            raise NoneLeftError(to)
        code = f"{kind}-{zlib.crc32(key.encode()):08x}"
        self.reserved[code] = price * days
        return code, self.reserved[code]

    def confirm(self, code: str) -> int:
        """Confirm a reservation. Returns its price."""
        if code not in self.reserved:
            raise NoneLeftError(code)
        self.final.add(code)
        return self.reserved[code]

    def cancel(self, code: str) -> None:
        """Cancel a reservation, if it exists."""
        self.reserved.pop(code, None)
        self.final.discard(code)

    def take(self, card: str, key: str, cents: int) -> str:
        """Charge a card. 4000 0000 0000 0002 is always declined."""
        if card == "4000000000000002":
            raise NoneLeftError(card)
        reference = f"P-{zlib.crc32(key.encode()):08x}"
        self.paid[reference] = cents
        return reference

    def refund(self, reference: str) -> None:
        """Refund a payment, if it exists."""
        self.paid.pop(reference, None)


@cache
def agency() -> Agency:
    """The agency of this process."""
    return Agency()
