"""Articles, coupons and shipping costs. All amounts are in cents, all weights in grams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

HOME = "DE"
FREE_SHIPPING_FROM = 50_00
BASE = {True: 4_90, False: 12_90}
"""The base price of a parcel, by whether it stays in the country."""
PER_KILOGRAM = 1_20
EXPRESS_FACTOR = 2


@dataclass(frozen=True, slots=True)
class Article:
    """An article of the shop."""

    name: str
    price: int
    weight: int


ARTICLES: Mapping[str, Article] = MappingProxyType(
    {
        "kettle": Article("Kettle", 39_90, 1_400),
        "mug": Article("Mug", 8_50, 350),
        "tea-assam": Article("Assam, 250 g", 12_00, 270),
        "samovar": Article("Samovar", 890_00, 6_500),
    }
)

COUPONS: Mapping[str, int] = MappingProxyType({"WELCOME10": 10, "TEATIME25": 25})
"""The discount of each coupon, in percent."""


def shipping_cost(goods: int, weight: int, country: str, *, express: bool) -> int:
    """The shipping cost for goods of this value and weight. Express is never free."""
    if country == HOME and goods >= FREE_SHIPPING_FROM and not express:
        return 0
    started_kilograms = -(-weight // 1000)
    cost = BASE[country == HOME] + started_kilograms * PER_KILOGRAM
    return cost * EXPRESS_FACTOR if express else cost


def part_of(amount: int, percent: int) -> int:
    """`percent` of an amount, half cents rounded up."""
    return (amount * percent + 50) // 100
