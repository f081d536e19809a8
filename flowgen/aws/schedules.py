"""Schedule expressions of EventBridge Scheduler: whether they are valid, and whether they ever match.

EventBridge Scheduler user guide, "Schedule types in EventBridge Scheduler".
"""

from __future__ import annotations

import re
import zoneinfo
from dataclasses import dataclass
from datetime import datetime

_DAYS_OF_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_LEAP_DAY = 29
_FEBRUARY = 2
_MOST_WEEKS = 5
_LARGEST_CYCLIC = 59
"""The largest value of a field whose values wrap around, unlike years."""
MAX_CHARACTERS = 256
"""EventBridge Scheduler API reference, `CreateSchedule`."""


@dataclass(frozen=True, slots=True)
class BadSchedule:
    """An error in an expression; `start` and `end` are offsets into it."""

    message: str
    start: int
    end: int
    help: str | None = None


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    least: int
    most: int
    words: tuple[str, ...] = ()
    special: str = ""

    def number(self, text: str) -> int | None:
        """The value of a number or word; None if it is invalid or out of range."""
        upper = text.upper()
        if upper in self.words:
            return self.words.index(upper) + self.least
        return int(text) if text.isdecimal() and self.least <= int(text) <= self.most else None


_FIELDS = (
    _Field("minutes", 0, 59),
    _Field("hours", 0, 23),
    _Field("day of month", 1, 31, special="?LW"),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of week", 1, 7, _WEEKDAYS, special="?L#"),
    _Field("year", 1970, 2199),
)
_RATE = re.compile(r"\s*(?P<value>\S+)\s+(?P<unit>\S+)\s*")
_UNITS = ("minute", "minutes", "hour", "hours", "day", "days")
_FORMS = "write `rate(1 day)`, `cron(0 3 * * ? *)` or `at(2030-01-01T00:00:00)`"


def bad_schedule(expression: str) -> BadSchedule | None:
    """The error in a schedule expression; None if it is valid.

    >>> bad_schedule("cron(0 3 31 2 ? *)").message
    'this schedule never runs: February has no day 31'
    """
    if len(expression) > MAX_CHARACTERS:
        return BadSchedule(f"a schedule can have at most {MAX_CHARACTERS} characters", 0, len(expression))
    found = re.fullmatch(r"(rate|cron|at)\((.*)\)", expression)
    if found is None:
        return BadSchedule(f"`{expression}` is not a valid schedule", 0, len(expression), _FORMS)
    start = found.start(2)
    match found[1]:
        case "rate":
            return _rate(found[2], start)
        case "at":
            return _moment(found[2], start)
        case _:
            return _cron(found[2], start)


def bad_time(text: str) -> str | None:
    """Why a string is not an RFC 3339 time with an offset; None if it is."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", text):
        return f"`{text}` is not a valid time"
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return f"`{text}` does not exist"
    return None


def time_zones() -> frozenset[str]:
    """The names of known time zones; empty if no time zone data is installed."""
    return frozenset(zoneinfo.available_timezones())


def _rate(text: str, start: int) -> BadSchedule | None:
    found = _RATE.fullmatch(text)
    end = start + len(text)
    if found is None:
        return BadSchedule("a rate must be a number and a unit", start, end, "write `rate(5 minutes)`")
    value = found["value"]
    if not value.isdecimal() or int(value) < 1:
        where = (start + found.start("value"), start + found.end("value"))
        return BadSchedule(f"`{value}` must be a whole number of at least 1", *where)
    if found["unit"] not in _UNITS:
        where = (start + found.start("unit"), start + found.end("unit"))
        return BadSchedule(f"`{found['unit']}` is not a valid unit", *where, "the units are minutes, hours and days")
    return None


def _moment(text: str, start: int) -> BadSchedule | None:
    end = start + len(text)
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", text):
        help_ = "write `at(2030-01-01T00:00:00)`, and put the time zone into `timezone`"
        return BadSchedule(f"expected a time without a time zone, found `{text}`", start, end, help_)
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return BadSchedule(f"`{text}` does not exist", start, end)
    return None


def _cron(text: str, start: int) -> BadSchedule | None:
    parts = [(found[0], start + found.start(), start + found.end()) for found in re.finditer(r"\S+", text)]
    if len(parts) != len(_FIELDS):
        names = ", ".join(field.name for field in _FIELDS)
        count = len(parts)
        help_ = f"they are {names}: `cron(0 3 * * ? *)`"
        if len(parts) == len(_FIELDS) - 1:
            help_ = f"AWS adds a year to the usual five fields, and one of the days must be `?`; {help_}"
        return BadSchedule(
            f"a cron expression has {len(_FIELDS)} fields, found {count}", start, start + len(text), help_
        )
    values: list[frozenset[int] | None] = []
    for field, (part, at, end) in zip(_FIELDS, parts, strict=True):
        found = _values(field, part)
        if isinstance(found, str):
            return BadSchedule(found, at, end)
        values.append(found)
    return _days(parts, values)


def _days(parts: list[tuple[str, int, int]], values: list[frozenset[int] | None]) -> BadSchedule | None:
    (day, day_start, day_end), (weekday, weekday_start, weekday_end) = parts[2], parts[4]
    if "?" not in (day, weekday):
        help_ = "use `?` for one of them: `cron(0 3 * * ? *)` is every day, `cron(0 3 ? * MON *)` every Monday"
        return BadSchedule("day of month and day of week cannot both have a value", day_start, weekday_end, help_)
    if day == weekday:
        return BadSchedule("day of month and day of week cannot both be `?`", weekday_start, weekday_end)
    days, months, years = values[2], values[3], values[5]
    if days is None or months is None:
        return None
    if all(day_of_month > _DAYS_OF_MONTH[month - 1] for day_of_month in days for month in months):
        names = ", ".join(_MONTHS[month - 1].capitalize() for month in sorted(months))
        name = "February" if months == {_FEBRUARY} else names
        return BadSchedule(f"this schedule never runs: {name} has no day {min(days)}", day_start, day_end)
    leap = days == {_LEAP_DAY} and months == {_FEBRUARY} and years is not None
    if leap and not any(year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) for year in years or ()):
        return BadSchedule("this schedule never runs: none of these years has a 29 February", day_start, day_end)
    return None


def _values(field: _Field, part: str) -> frozenset[int] | str | None:
    """The values of a field; None if they depend on the calendar; a string with the error."""
    allowed: set[int] = set()
    for item in part.split(","):
        found = _item(field, item, alone=item == part)
        if isinstance(found, str) or found is None:
            return found
        allowed |= found
    return frozenset(allowed)


def _item(field: _Field, item: str, *, alone: bool) -> set[int] | str | None:
    every = set(range(field.least, field.most + 1))
    if item == "*":
        return every
    if any(mark in item.upper() for mark in field.special) and item.upper() not in field.words:
        return _calendar(field, item.upper()) if alone else f"`{item}` must be the only value in the field {field.name}"
    base, slash, step = item.partition("/")
    if slash and (not step.isdecimal() or int(step) < 1):
        return f"`{step}` is not a valid step: write a number of at least 1 after the slash"
    first, dash, last = base.partition("-")
    low, high = (field.least, field.most) if base in ("*", "") and slash else (field.number(first), field.number(last))
    if low is None or (dash and high is None):
        wrong = first if low is None else last
        return f"`{wrong}` is not valid in the field {field.name}, which has values from {field.least} to {field.most}"
    if not dash and base not in ("*", ""):
        high = field.most if slash else low
    if high is None:
        raise TypeError(item)
    if low > high and not field.words and field.most > _LARGEST_CYCLIC:
        return f"the range `{base}` ends before it starts"
    # `FRI-MON` and `22-2` wrap around.
    values = [*range(low, high + 1)] if low <= high else [*range(low, field.most + 1), *range(field.least, high + 1)]
    return set(values[:: int(step) if slash else 1])


def _calendar(field: _Field, item: str) -> str | None:
    """The error in `?`, a last day, a nearest weekday or an n-th weekday; None if it is valid."""
    day, hash_, week = item.partition("#")
    if item == "?":
        fine = True
    elif not field.words:  # the day of the month
        fine = item in ("L", "LW") or re.fullmatch(r"L-([1-9]|[12]\d|30)", item) is not None
        fine = fine or (item.endswith("W") and field.number(item[:-1]) is not None)
    elif hash_:
        fine = field.number(day) is not None and week.isdecimal() and 1 <= int(week) <= _MOST_WEEKS
    else:
        fine = item == "L" or field.number(item.removesuffix("L")) is not None
    return None if fine else f"`{item}` is not valid in the field {field.name}"
