"""Passwords in addresses, which must not reach a terminal, a report or a log."""

from __future__ import annotations

import re

_USER = re.compile(r"(?<=:/)/?[^\s/@?#'\"`]+(?=@)")
"""The user information of an address (RFC 3986, section 3.2.1), which may contain a password or a token."""


def without_passwords(text: str) -> str:
    """`text` of the same length without the user information in addresses.

    >>> without_passwords("cannot reach https://ada:s3cret@example.com/simple")
    'cannot reach https://**********@example.com/simple'
    """
    if "@" not in text or ":/" not in text:
        return text
    return _USER.sub(lambda found: "/" * found[0].startswith("/") + "*" * len(found[0].removeprefix("/")), text)
