"""Well-known examples of the standards, and the same numbers with a wrong digit."""

import pytest

from take_payment.digits import is_card_number, is_iban


@pytest.mark.parametrize(
    ("number", "fits"),
    [("4111111111111111", True), ("5500 0000 0000 0004", True), ("4111111111111112", False), ("0", False)],
)
def test_card_numbers(number: str, *, fits: bool) -> None:
    assert is_card_number(number) is fits


@pytest.mark.parametrize(
    ("iban", "fits"),
    [
        ("GB82 WEST 1234 5698 7654 32", True),
        ("de89370400440532013000", True),
        ("DE88370400440532013000", False),
        ("DE89-3704-0044", False),
    ],
)
def test_ibans(iban: str, *, fits: bool) -> None:
    assert is_iban(iban) is fits
