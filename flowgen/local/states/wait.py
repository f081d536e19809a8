"""Wait: until a point in time, or for some seconds of virtual time."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, TypeAlias

from flowgen.asl.errors import ValueNotFound
from flowgen.local import jsonata_query, jsonpath_query
from flowgen.local.clock import parse_timestamp
from flowgen.local.failures import InvalidDefinition
from flowgen.local.scheduler import Effect, Sleep
from flowgen.local.states.base import Source, State, Step
from flowgen.local.values import JSON, as_number, encode, is_number

if TYPE_CHECKING:
    from flowgen.local.frame import Frame

Duration: TypeAlias = "Callable[[Frame, JSON], float]"


def compile_wait(source: Source) -> State:
    """A Wait state."""
    flow, following = source.flow(), source.next
    duration = _compile_jsonata_duration(source) if source.is_jsonata else _compile_jsonpath_duration(source)

    def wait(frame: Frame, raw: JSON) -> Generator[Effect, Any, Step]:
        seconds = duration(frame, flow.select_input(frame, raw))
        if seconds > 0:
            yield Sleep(seconds)
        output, assigned = flow.pass_on(frame, raw)
        return Step(output, following, assigned)

    return State(source.name, "Wait", routine=wait)


def _until(frame: Frame, timestamp: JSON) -> float | None:
    moment = parse_timestamp(timestamp) if isinstance(timestamp, str) else None
    if moment is None:
        return None
    return (moment - frame.run.start).total_seconds() - frame.scheduler.now


def _compile_jsonata_duration(source: Source) -> Duration:
    definition = source.definition
    if "Seconds" in definition:
        number = jsonata_query.compile_typed(definition["Seconds"], "Seconds", "number")

        def seconds(frame: Frame, raw: JSON) -> float:
            value = number(frame, {"input": raw})
            if value < 0 or value != int(value):
                problem = "references a negative value" if value < 0 else "cannot be parsed as a long value"
                cause = f"The Seconds field {problem}: {encode(value)}"
                raise frame.query_failure(cause, "Seconds")
            return float(value)

        return seconds
    text = jsonata_query.compile_typed(source["Timestamp"], "Timestamp", "string")

    def until(frame: Frame, raw: JSON) -> float:
        timestamp = text(frame, {"input": raw})
        remaining = _until(frame, timestamp)
        if remaining is None:
            cause = (
                "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: "
                f"{timestamp}"
            )
            raise frame.query_failure(cause, "Timestamp")
        return remaining

    return until


def _compile_jsonpath_duration(source: Source) -> Duration:
    definition = source.definition
    if "Seconds" in definition:
        fixed = definition["Seconds"]
        if not is_number(fixed) or fixed < 0:
            raise InvalidDefinition(f"{source.pointer}/Seconds", "expected a number of seconds, at least 0")
        return lambda _frame, _data: float(fixed)
    if "SecondsPath" in definition:
        return _compile_seconds_path(definition["SecondsPath"])
    if "Timestamp" in definition:
        written = definition["Timestamp"]
        if not isinstance(written, str) or parse_timestamp(written) is None:
            raise InvalidDefinition(f"{source.pointer}/Timestamp", "expected an RFC 3339 timestamp")
        return lambda frame, _data: _until(frame, written) or 0.0
    path = source["TimestampPath"]
    read = _compile_input_value(path, "TimestampPath")

    def until(frame: Frame, data: JSON) -> float:
        timestamp = read(frame, data)
        remaining = _until(frame, timestamp)
        if remaining is None:
            shown = timestamp if isinstance(timestamp, str) else encode(timestamp)
            raise frame.runtime_failure(
                "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format "
                f"string: {path} == {shown}"
            )
        return remaining

    return until


def _compile_input_value(path: str, field: str) -> jsonpath_query.Reader:
    """The reader of a path. If it selects nothing, the service's cause names only the field."""
    read = jsonpath_query.compile_reader(path, field)

    def read_value(frame: Frame, data: JSON) -> JSON:
        try:
            return read(frame, data)
        except ValueNotFound:
            raise frame.runtime_failure(f"The {field} parameter does not reference an input value: {path}") from None

    return read_value


def _compile_seconds_path(path: str) -> Duration:
    read = _compile_input_value(path, "SecondsPath")

    def seconds(frame: Frame, data: JSON) -> float:
        value = as_number(read(frame, data))
        if not is_number(value) or value != int(value):
            shown = value if isinstance(value, str) else encode(value)
            problem = f"The SecondsPath parameter cannot be parsed as a long value: {path} == {shown}"
            raise frame.runtime_failure(problem)
        if value < 0:
            raise frame.runtime_failure(f"The SecondsPath parameter references a negative value: {path} == {value}")
        return float(value)

    return seconds
