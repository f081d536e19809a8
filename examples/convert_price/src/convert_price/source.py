"""Exchange rates of the European Central Bank, from the JSON of the Frankfurter API."""

from __future__ import annotations

import json
import os
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

BUSY = (429, 502, 503, 504)


class BusyError(Exception):
    """The source is busy."""


class UnknownError(Exception):
    """The source does not have this rate."""


def latest(currency: str, into: str) -> tuple[float, str]:
    """The rate from one currency to another, and its date. Set RATES_URL to use another source."""
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
