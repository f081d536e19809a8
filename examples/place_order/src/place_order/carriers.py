"""Carriers and tracking numbers."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

HOME = "DE"
_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


@dataclass(frozen=True, slots=True)
class Service:
    """A carrier's service. `days` is the maximum delivery time."""

    carrier: str
    indicator: str
    days: int


def service_for(country: str, *, express: bool) -> Service:
    """The service for parcels to a country."""
    if express:
        return Service("Swift", "EE", 1 if country == HOME else 3)
    return Service("Post", "CP", 3 if country == HOME else 9)


def tracking_number(service: Service, parcel: str) -> str:
    """A tracking number in the format of the Universal Postal Union's standard S10, such as `CP123456785DE`."""
    serial = f"{zlib.crc32(parcel.encode()) % 10**8:08}"
    return f"{service.indicator}{serial}{check_digit(serial)}{HOME}"


def check_digit(serial: str) -> int:
    """The check digit for eight digits (S10): 11 minus their weighted sum modulo 11; 10 becomes 0, and 11 becomes 5."""
    digit = 11 - sum(weight * int(figure) for weight, figure in zip(_WEIGHTS, serial, strict=True)) % 11
    return {10: 0, 11: 5}.get(digit, digit)
