"""Timestamps in the form that the States Language accepts, and durations in readable form."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

_TIMESTAMP = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:(Z)|([+-])(\d\d):(\d\d))",
)


def parse_timestamp(text: str) -> datetime | None:
    """The moment of an RFC 3339 timestamp with `T` and an offset (States Language, "Timestamps"), or None."""
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, _, sign, hours, minutes = match.groups()
    microseconds = int((fraction or "0")[:6].ljust(6, "0"))
    zone: timezone = UTC
    try:
        if sign is not None:
            offset = timedelta(hours=int(hours), minutes=int(minutes))
            zone = timezone(offset if sign == "+" else -offset)
        moment = datetime(
            int(year), int(month), int(day), int(hour), int(minute), int(second or 0), microseconds, tzinfo=zone
        )
    except ValueError:
        return None
    return moment


def in_words(seconds: float) -> str:
    """A duration in its one or two largest units, hours up to two days: `26 h`, `3 d 4 h`, `1 min 30 s`, `0.25 s`."""
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds:.3f}".rstrip("0").rstrip(".") + " s"
    rest = round(seconds)
    units = [("h", 3_600), ("min", 60), ("s", 1)]
    if rest >= 2 * 86_400:
        units.insert(0, ("d", 86_400))
    parts: list[str] = []
    for unit, length in units:
        count, rest = divmod(rest, length)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2])
