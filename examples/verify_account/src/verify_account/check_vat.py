"""Check the digits of a German VAT number."""

from __future__ import annotations

import re

from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import Check


@contracts.check_vat
def check_vat(event: str, context: StepContext) -> Check:
    """Check the format and the check digit (ISO 7064, modulus 11, 10)."""
    parsed = re.fullmatch(r"DE([1-9][0-9]{7})([0-9])", re.sub(r"\s", "", event).upper())
    if parsed is None:
        return Check(valid=False, reason="a German VAT number is DE followed by nine digits")
    product = 10
    for digit in map(int, parsed[1]):
        product = 2 * ((product + digit) % 10 or 10) % 11
    fits = (11 - product) % 10 == int(parsed[2])
    return Check(valid=True) if fits else Check(valid=False, reason="the check digit is wrong")
