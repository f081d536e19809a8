"""Timestamps in the format of Amazon States Language: RFC 3339 with capital `T` and `Z`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

_TIMESTAMP = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:Z|([+-])(\d\d):(\d\d))", re.ASCII
)


def instant(value: Any) -> tuple[datetime, int] | None:
    """Parses a timestamp into (UTC to the second, nanoseconds); None if it is invalid.

    The results are ordered by time.
    """
    match = _TIMESTAMP.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    *fields, fraction, sign, hours, minutes = match.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes)) if sign else timedelta()
    try:
        zone = timezone(-offset if sign == "-" else offset)
        moment = datetime(*(int(field or 0) for field in fields), tzinfo=zone)  # type: ignore[arg-type, misc]  # six numbers
        return moment.astimezone(UTC), int((fraction or "").ljust(9, "0"))
    except (ValueError, OverflowError):
        return None
