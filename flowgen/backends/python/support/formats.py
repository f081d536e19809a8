"""String formats with a Python type, and checks of all formats.

Formats are those of RFC 3339 (dates and times), RFC 4122 (UUIDs), ISO 8601 (durations) and RFC 4291 (addresses). A
value keeps the text that it was read from, and is written as that text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from ipaddress import IPv4Address, IPv6Address
from typing import Annotated, Any
from uuid import UUID

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from .base import EMAIL, HOSTNAME, REFERENCE, WHOLE_URI


class _FromText:
    """A value with the text that it was read from."""

    format: str
    text: str

    def __reduce_ex__(self, protocol: Any) -> Any:
        # A copy keeps the text. The result of arithmetic is another value, and has none.
        text = getattr(self, "text", None)
        return super().__reduce_ex__(protocol) if text is None else (_again, (self.format, text))


class _DateTime(_FromText, datetime):
    format = "date-time"


class _UtcTime(datetime):
    """A time in UTC, read with three digits after the second if they are not zero, as AWS writes it."""

    @property
    def text(self) -> str | None:
        if self.microsecond % 1000 or self.utcoffset():
            return None
        digits = "milliseconds" if self.microsecond else "seconds"
        return f"{self.replace(tzinfo=None).isoformat(timespec=digits)}Z"


class _Time(_FromText, time):
    format = "time"


class _Duration(_FromText, timedelta):
    format = "duration"


class _Uuid(_FromText, UUID):
    format = "uuid"


class _IPv6(_FromText, IPv6Address):
    format = "ipv6"


def _written(value: Any) -> Any:
    """The text of a value; the value itself, which pydantic then writes, if it was not read from a string."""
    return getattr(value, "text", None) or value


def _again(name: str, text: str) -> Any:
    return _FORMATS[name].read(text)


class TextFormat:
    """A format whose values are of a Python type; `pattern` is of the whole text, `what` describes it in messages.

    `parse` may raise ValueError. `is_valid` limits values that code creates. `simple` has
    pydantic patterns of frequent texts, each with a function in C that reads them, or None for pydantic itself.
    """

    json_type = "string"

    def __init__(
        self,
        name: str,
        what: str,
        type_: type[Any],
        pattern: str,
        parse: Callable[[str], Any],
        is_valid: Callable[[Any], bool] | None = None,
        simple: Mapping[str, Callable[[str], Any] | None] | None = None,
    ) -> None:
        self.name, self.what, self.type, self.pattern, self.parse = name, what, type_, pattern, parse
        self.is_valid, self.simple = is_valid, simple
        self.match: Callable[[str], Any] | None = None

    def read(self, text: Any) -> Any:
        """The value of a JSON string. Raises PydanticCustomError."""
        # Compiled late, because most functions need few formats.
        match = self.match
        if match is None:
            match = self.match = re.compile(self.pattern, re.ASCII).fullmatch
        try:
            if match(text) is not None:
                return self.parse(text)
        except (ValueError, OverflowError, TypeError):
            pass
        raise PydanticCustomError("format", "Input should be {what}", {"what": self.what})

    def accept(self, value: Any) -> Any:
        """A value that code created, or the value of its string. Raises PydanticCustomError."""
        if isinstance(value, self.type) and (self.is_valid is None or self.is_valid(value)):
            return value
        return self.read(value)

    def matches(self, text: str) -> bool:
        """Whether a string has the format."""
        try:
            self.read(text)
        except PydanticCustomError:
            return False
        return True

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        plain = handler(source)
        read: CoreSchema = core_schema.no_info_plain_validator_function(self.read)
        if self.simple:
            choices: list[CoreSchema] = []
            for pattern, parse in self.simple.items():
                step = plain if parse is None else core_schema.no_info_plain_validator_function(parse)
                text = core_schema.str_schema(pattern=pattern, strict=True)
                choices.append(core_schema.chain_schema([text, step]))
            message = f"Input should be {self.what}"
            read = core_schema.union_schema(
                [*choices, read], mode="left_to_right", custom_error_type="format", custom_error_message=message
            )
        return core_schema.json_or_python_schema(
            read,
            core_schema.no_info_plain_validator_function(self.accept),
            serialization=core_schema.plain_serializer_function_ser_schema(_written, when_used="json"),
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "format": self.name}


def _date_time(text: str) -> datetime:
    try:
        made = _DateTime.fromisoformat(text)
    except ValueError:
        made = _DateTime.fromisoformat(_usual(text))
        if ":60" in text and not _is_before_midnight(made):
            raise
    made.text = text
    return made


def _time(text: str) -> time:
    made = _Time.fromisoformat(_usual(text))
    if ":60" in text and not _is_before_midnight(datetime.combine(date(2000, 1, 2), made)):
        raise ValueError(text)
    made.text = text
    return made


def _usual(text: str) -> str:
    """The text as Python reads it: in upper case, and without a leap second, which only the text keeps."""
    return text.upper().replace(":60", ":59", 1)


def _is_before_midnight(moment: datetime) -> bool:
    """Whether a time is in the last minute of a day in UTC, the only minute that can have a leap second."""
    minutes = moment.hour * 60 + moment.minute - (moment.utcoffset() or timedelta()) // timedelta(minutes=1)
    return minutes % _DAY == _DAY - 1


def _duration(text: str) -> timedelta:
    parts = {unit: float(number.replace(",", ".")) for number, unit in re.findall(r"([\d.,]+)([A-Z])", _marked(text))}
    days = parts.get("Y", 0) * 365 + parts.get("O", 0) * 30 + parts.get("W", 0) * 7 + parts.get("D", 0)
    made = _Duration(days=days, hours=parts.get("H", 0), minutes=parts.get("M", 0), seconds=parts.get("S", 0))
    made.text = text
    return made


def _marked(text: str) -> str:
    """The text with `O` for months, because `M` is also the unit of minutes."""
    days, _, times = text.partition("T")
    return f"{days.replace('M', 'O')}{times}"


def _uuid(text: str) -> UUID:
    made = _Uuid(text)
    object.__setattr__(made, "text", text)
    return made


def _ipv6(text: str) -> IPv6Address:
    made = _IPv6(text)
    made.text = text
    return made


def _has_zone(value: Any) -> bool:
    return value.tzinfo is not None


_DAY = 24 * 60

_DATE = r"\d{4}-\d\d-\d\d"
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)"
_COUNT = r"\d+(?:[.,]\d+(?=[A-Z]\Z))?"
_DURATION = (
    rf"P(?=.)(?:{_COUNT}W|(?:{_COUNT}Y)?(?:{_COUNT}M)?(?:{_COUNT}D)?"
    rf"(?:T(?=.)(?:{_COUNT}H)?(?:{_COUNT}M)?(?:{_COUNT}S)?)?)"
)
_SIMPLE_MOMENT = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9](?:\.(?:[1-9][0-9]{2}|0[1-9][0-9]|00[1-9]))?Z$"
)
_SIMPLE_UUID = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
_UUID = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"

_FORMATS = {
    one.name: one
    for one in (
        TextFormat(
            "date-time",
            "a date and time with a time zone, such as 2026-03-01T12:00:00Z",
            datetime,
            rf"{_DATE}[Tt]{_TIME}",
            _date_time,
            _has_zone,
            simple={_SIMPLE_MOMENT: _UtcTime.fromisoformat},
        ),
        TextFormat("date", "a date, such as 2026-03-01", date, _DATE, date.fromisoformat),
        TextFormat("time", "a time with a time zone, such as 12:00:00Z", time, _TIME, _time, _has_zone),
        TextFormat("duration", "a duration in ISO 8601, such as P1DT12H", timedelta, _DURATION, _duration),
        TextFormat(
            "uuid",
            "a UUID, such as 123e4567-e89b-12d3-a456-426614174000",
            UUID,
            _UUID,
            _uuid,
            simple={_SIMPLE_UUID: None},
        ),
        TextFormat("ipv4", "an IPv4 address", IPv4Address, r"[\d.]+", IPv4Address),
        TextFormat("ipv6", "an IPv6 address", IPv6Address, r"[0-9A-Fa-f:.]+", _ipv6),
    )
}

JsonDateTime = Annotated[datetime, _FORMATS["date-time"]]
JsonDate = Annotated[date, _FORMATS["date"]]
JsonTime = Annotated[time, _FORMATS["time"]]
JsonDuration = Annotated[timedelta, _FORMATS["duration"]]
JsonUuid = Annotated[UUID, _FORMATS["uuid"]]
JsonIPv4 = Annotated[IPv4Address, _FORMATS["ipv4"]]
JsonIPv6 = Annotated[IPv6Address, _FORMATS["ipv6"]]

_POINTER = r"(?:/(?:[^~/]|~[01])*)*"
_VARIABLE = r"(?:\w|%[0-9A-Fa-f]{2})(?:\.?(?:\w|%[0-9A-Fa-f]{2}))*(?::[1-9]\d{0,3}|\*)?"
_TEMPLATE = rf"(?:[^\x00-\x20\x7f\"<>%\\^`{{|}}]|%[0-9A-Fa-f]{{2}}|\{{[+#./;?&=,!@|]?{_VARIABLE}(?:,{_VARIABLE})*\}})*"


class _TextPattern:
    """A pattern of whole texts, compiled when it is first used."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern

    def matches(self, text: str) -> bool:
        return re.fullmatch(self.pattern, text, re.ASCII | re.DOTALL) is not None


def _is_regex(text: str) -> bool:
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError):
        return False
    return True


CHECKS: Mapping[str, Callable[[str], bool]] = {
    **{name: one.matches for name, one in _FORMATS.items()},
    "email": EMAIL.matches,
    "idn-email": EMAIL.matches,
    "hostname": HOSTNAME.matches,
    "idn-hostname": HOSTNAME.matches,
    "uri": WHOLE_URI.matches,
    "iri": WHOLE_URI.matches,
    "uri-reference": REFERENCE.matches,
    "iri-reference": REFERENCE.matches,
    "json-pointer": _TextPattern(_POINTER).matches,
    "relative-json-pointer": _TextPattern(rf"(?:0|[1-9]\d*)(?:#|{_POINTER})").matches,
    "uri-template": _TextPattern(_TEMPLATE).matches,
    "regex": _is_regex,
}
"""Whether a string has a format, by the format's name. Other formats are not checked."""
