"""The formats of strings as regular expressions that every engine reads alike.

Sources: RFC 3339 (`date-time`, `date`, `time`), ISO 8601 (`duration`), RFC 9562 (`uuid`), RFC 4291 (`ipv6`), RFC 6901
(`json-pointer`), RFC 6570 (`uri-template`). All formats accept what the generated models accept.
"""

from __future__ import annotations

from collections.abc import Mapping

_YEAR = r"(?:000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})"
_LEAP = r"(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
_DATE = (
    rf"(?:{_YEAR}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    rf"|02-(?:0[1-9]|1[0-9]|2[0-8]))|{_LEAP}-02-29)"
)
_HOURS = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_TIME = (
    rf"(?:{_HOURS}:[0-5][0-9](?:\.[0-9]+)?(?:[Zz]|[+-]{_HOURS})"
    # Leap seconds, as long as they are written in UTC.
    r"|23:59:60(?:\.[0-9]+)?(?:[Zz]|[+-]00:00))"
)
_COUNT = r"[0-9]+(?:[.,][0-9]+(?=[A-Z]$))?"
_DURATION = (
    rf"P(?=.)(?:{_COUNT}W|(?:{_COUNT}Y)?(?:{_COUNT}M)?(?:{_COUNT}D)?"
    rf"(?:T(?=.)(?:{_COUNT}H)?(?:{_COUNT}M)?(?:{_COUNT}S)?)?)"
)
_BYTE = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = rf"{_BYTE}(?:\.{_BYTE}){{3}}"


def _ipv6() -> str:
    group = r"[0-9A-Fa-f]{1,4}"
    last = rf"(?:{group}:{group}|{_IPV4})"
    ways = [rf"(?:{group}:){{6}}{last}"]
    for before in range(8):
        # `::` replaces at least one group, so at most seven others remain.
        head = rf"{group}(?::{group}){{0,{before - 1}}}" if before > 1 else group * before
        after = 7 - before
        tails = [rf"(?:{group}(?::{group}){{0,{after - 1}}})?" if after else ""]
        if after >= 2:  # noqa: PLR2004 - an IPv4 address takes the place of two groups
            tails.append(rf"(?:{group}:){{0,{after - 2}}}{_IPV4}")
        ways.append(rf"{head}::(?:{'|'.join(tails)})")
    return "|".join(ways)


_LETTER = r"[A-Za-z0-9\u0080-\uffff]"
_LABEL = rf"{_LETTER}(?:[A-Za-z0-9_\u0080-\uffff-]{{0,61}}{_LETTER})?"
_HOST = rf"{_LABEL}(?:\.{_LABEL})*"
_ATOM = r"[^\s\x22\(\),:;<>@\[\x5c\]\x00-\x1f\x7f]+"
_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]*:"
_URI = r"[^\s\x22<>\x5c^`\{|\}\x00-\x1f\x7f]*"

_POINTER = r"(?:/(?:[^~/]|~[01])*)*"
_VARIABLE = r"(?:\w|%[0-9A-Fa-f]{2})(?:\.?(?:\w|%[0-9A-Fa-f]{2}))*(?::[1-9][0-9]{0,3}|\*)?"
_TEMPLATE = (
    r"(?:[^\x00-\x20\x7f\x22<>%\x5c^`\{|\}]|%[0-9A-Fa-f]{2}"
    rf"|\{{[+#./;?&=,!@|]?{_VARIABLE}(?:,{_VARIABLE})*\}})*"
)

PATTERNS: Mapping[str, str] = {
    "date-time": rf"{_DATE}[Tt]{_TIME}",
    "date": _DATE,
    "time": _TIME,
    "duration": _DURATION,
    "uuid": r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
    "ipv4": _IPV4,
    "ipv6": _ipv6(),
    "email": rf"{_ATOM}@{_HOST}",
    "idn-email": rf"{_ATOM}@{_HOST}",
    "hostname": _HOST,
    "idn-hostname": _HOST,
    "uri": _SCHEME + _URI,
    "iri": _SCHEME + _URI,
    "uri-reference": _URI,
    "iri-reference": _URI,
    "json-pointer": _POINTER,
    "relative-json-pointer": rf"(?:0|[1-9][0-9]*)(?:#|{_POINTER})",
    "uri-template": _TEMPLATE,
}
"""The pattern that a whole string of a format matches. `regex` has none: no pattern describes all patterns."""

LENGTHS: Mapping[str, tuple[int, int]] = {
    "email": (3, 254),
    "idn-email": (3, 254),
    "hostname": (1, 253),
    "idn-hostname": (1, 253),
}
"""The length of strings of a format, in characters."""
