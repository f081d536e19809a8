"""Pagination of lists: tokens that name the next page."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from flowgen.serving.api_errors import ApiError

Item = TypeVar("Item")

MOST = 1000
DEFAULT = 100
"""Items on a page (API reference, `maxResults`); 0 means the default."""


def page(items: Sequence[Item], request: Mapping[str, Any], subject: str) -> tuple[Sequence[Item], dict[str, str]]:
    """The requested page, and the token of the next one as part of the response. `subject` identifies the list.

    Raises `ApiError` (InvalidToken) for a token of another list.
    """
    size = request.get("maxResults") or DEFAULT
    first = _first(request.get("nextToken"), subject)
    following = first + size
    more = {"nextToken": _token(following, subject)} if following < len(items) else {}
    return items[first:following], more


def _token(first: int, subject: str) -> str:
    return base64.urlsafe_b64encode(f"{first} {subject}".encode()).decode()


def _first(token: str | None, subject: str) -> int:
    if token is None:
        return 0
    try:
        first, _, of = base64.b64decode(token, altchars=b"-_", validate=True).decode().partition(" ")
        if of == subject and first.isdecimal():
            return int(first)
    except (binascii.Error, UnicodeDecodeError, ValueError):
        pass
    raise ApiError("InvalidToken", f"Invalid Token: '{token}'")
