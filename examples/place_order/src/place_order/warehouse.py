"""The shelf. It stands in for the shop's database: a process of its own starts with a full one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache


class MissingError(Exception):
    """There are fewer pieces than were asked for."""

    def __init__(self, sku: str, wanted: int, available: int) -> None:
        super().__init__(sku, wanted, available)
        self.sku, self.wanted, self.available = sku, wanted, available


@dataclass(slots=True)
class Warehouse:
    """How many pieces of each article are free, and what is reserved under which name."""

    free: Counter[str]
    reserved: dict[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])

    def reserve(self, name: str, lines: Iterable[tuple[str, int]]) -> None:
        """Reserve all or nothing; once is enough, since a step may be called again. Raises MissingError."""
        if name in self.reserved:
            return
        wanted = total(lines)
        for sku, pieces in wanted.items():
            if pieces > self.free[sku]:
                raise MissingError(sku, pieces, self.free[sku])
        self.free -= wanted
        self.reserved[name] = wanted

    def release(self, name: str) -> None:
        """Give back what is reserved under a name."""
        self.free += self.reserved.pop(name, Counter())


def total(lines: Iterable[tuple[str, int]]) -> Counter[str]:
    """How many pieces of each article some lines ask for: an article may stand in several."""
    wanted: Counter[str] = Counter()
    for sku, pieces in lines:
        wanted[sku] += pieces
    return wanted


STOCK: Mapping[str, int] = {"kettle": 40, "mug": 200, "tea-assam": 120, "samovar": 8}


@cache
def warehouse() -> Warehouse:
    """The one warehouse of this process."""
    return Warehouse(Counter(STOCK))
