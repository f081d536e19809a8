"""A warehouse in memory. It simulates the shop's database; each process starts with full stock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache


class MissingError(Exception):
    """There are fewer pieces than requested."""

    def __init__(self, sku: str, wanted: int, available: int) -> None:
        super().__init__(sku, wanted, available)
        self.sku, self.wanted, self.available = sku, wanted, available


@dataclass(slots=True)
class Warehouse:
    """The free pieces of each article, and the reserved ones by name."""

    free: Counter[str]
    reserved: dict[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])

    def reserve(self, name: str, lines: Iterable[tuple[str, int]]) -> None:
        """Reserve all or nothing. A known name changes nothing, because steps can be retried. Raises MissingError."""
        if name in self.reserved:
            return
        wanted = total(lines)
        for sku, pieces in wanted.items():
            if pieces > self.free[sku]:
                raise MissingError(sku, pieces, self.free[sku])
        self.free -= wanted
        self.reserved[name] = wanted

    def release(self, name: str) -> None:
        """Release the pieces that are reserved under a name."""
        self.free += self.reserved.pop(name, Counter())


def total(lines: Iterable[tuple[str, int]]) -> Counter[str]:
    """The pieces of each article in all lines: an article can be in several."""
    wanted: Counter[str] = Counter()
    for sku, pieces in lines:
        wanted[sku] += pieces
    return wanted


STOCK: Mapping[str, int] = {"kettle": 40, "mug": 200, "tea-assam": 120, "samovar": 8}


@cache
def warehouse() -> Warehouse:
    """The warehouse of this process."""
    return Warehouse(Counter(STOCK))
