"""Check the digits of an IBAN."""

from __future__ import annotations

import re

from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import Check

LENGTHS = {"AT": 20, "BE": 16, "CH": 21, "DE": 22, "ES": 24, "FR": 27, "GB": 22, "IT": 27, "NL": 18, "PL": 28}
"""The length of an IBAN in each supported country (ISO 13616, the registry of IBAN formats)."""


@contracts.check_iban
def check_iban(event: str, context: StepContext) -> Check:
    """Check the country, the length and the check digits (ISO 7064, modulus 97)."""
    text = re.sub(r"\s", "", event).upper()
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]+", text):
        return Check(valid=False, reason="an IBAN starts with a country code and two digits")
    wanted = LENGTHS.get(text[:2])
    if wanted is None:
        return Check(valid=False, reason=f"the country {text[:2]} is not supported")
    if len(text) != wanted:
        return Check(valid=False, reason=f"an IBAN in {text[:2]} has {wanted} characters, not {len(text)}")
    number = int("".join(str(int(character, 36)) for character in text[4:] + text[:4]))
    return Check(valid=True) if number % 97 == 1 else Check(valid=False, reason="the check digits are wrong")
