"""The check digits of card numbers and IBANs."""

from __future__ import annotations


def is_card_number(number: str) -> bool:
    """Whether the digits pass the Luhn check (ISO/IEC 7812-1, annex B)."""
    digits = [int(figure) for figure in reversed(number) if figure.isdigit()]
    doubled = [digit if index % 2 == 0 else sum(divmod(digit * 2, 10)) for index, digit in enumerate(digits)]
    return len(digits) >= 12 and sum(doubled) % 10 == 0


def is_iban(iban: str) -> bool:
    """Whether the check digits of an IBAN are correct (ISO 13616)."""
    text = iban.replace(" ", "").upper()
    moved = text[4:] + text[:4]
    return moved.isalnum() and moved.isascii() and len(text) >= 15 and int("".join(map(_value, moved))) % 97 == 1


def _value(character: str) -> str:
    return str(int(character, 36))
