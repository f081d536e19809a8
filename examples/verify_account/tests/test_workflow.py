"""Both checks at once, with well-known examples of the standards."""

from typing import Any

import pytest
from flowgen.testing import Flowgen

WORKFLOW = "workflows/verify_account.yaml"
GOOD = {"iban": "DE89 3704 0044 0532 0130 00", "vat": "DE 136695976"}


def test_a_good_account(flowgen: Flowgen) -> None:
    run = flowgen(WORKFLOW).run(GOOD)

    assert run.output == {"iban": {"valid": True}, "vat": {"valid": True}}
    run.called("check_iban", times=1).called("check_vat", times=1)


@pytest.mark.parametrize(
    ("supplier", "part", "reason"),
    [
        ({"iban": "DE88370400440532013000"}, "iban", "the check digits are wrong"),
        ({"iban": "DE8937040044053201300"}, "iban", "an IBAN in DE has 22 characters, not 21"),
        ({"iban": "US89370400440532013000"}, "iban", "the country US is not supported"),
        ({"iban": "none"}, "iban", "an IBAN starts with a country code and two digits"),
        ({"vat": "DE136695978"}, "vat", "the check digit is wrong"),
        ({"vat": "FR40303265045"}, "vat", "a German VAT number is DE followed by nine digits"),
    ],
)
def test_the_reason_is_reported(flowgen: Flowgen, supplier: dict[str, Any], part: str, reason: str) -> None:
    output = flowgen(WORKFLOW).run(GOOD | supplier).output

    assert output[part] == {"valid": False, "reason": reason}
    assert [check["valid"] for name, check in output.items() if name != part] == [True]


def test_a_failed_check_fails_the_workflow(flowgen: Flowgen) -> None:
    flowgen(WORKFLOW).run(GOOD, fail={"check_vat": "MemoryError"}).failed("MemoryError")
