"""Where rates come from: the JSON of the Frankfurter API, which gives those of the European Central Bank."""

from __future__ import annotations

import json
import os
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

BUSY = (429, 502, 503, 504)


class BusyError(Exception):
    """The source has no time now."""


class UnknownError(Exception):
    """The source has no such rate."""


def latest(currency: str, into: str) -> tuple[float, str]:
    """The rate from one currency into another, and the day that it is of. RATES_URL names another source."""
    base = os.environ.get("RATES_URL", "https://api.frankfurter.dev/v1/latest")
    query = urlencode({"base": currency, "symbols": into})
    try:
        with urlopen(f"{base}?{query}", timeout=5) as response:  # noqa: S310 - the address is ours
            answer = json.load(response)
    except HTTPError as refused:
        with refused:
            if refused.code in BUSY:
                raise BusyError(str(refused)) from refused
            raise UnknownError(str(refused)) from refused
    return float(answer["rates"][into]), str(answer["date"])
