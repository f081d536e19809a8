"""Fields that inline and distributed Map states share: the item selector, and numbers in each of their three forms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from flowgen.local import jsonata_query, jsonpath_query
from flowgen.local.failures import StateFailure
from flowgen.local.values import JSON, as_number, encode, is_number

if TYPE_CHECKING:
    from flowgen.local.frame import Frame
    from flowgen.local.states.base import Source

Evaluator: TypeAlias = "Callable[[Frame, JSON, JSON], JSON]"
"""Computes a value from the state's raw and effective input."""

Number: TypeAlias = "Callable[[Frame, JSON, JSON], float | None]"


def compile_payload(source: Source, payload: JSON, location: str) -> Evaluator:
    """The evaluator of a payload in the state's query language."""
    if source.is_jsonata:
        evaluator = jsonata_query.compile_value(payload, location)
        return lambda frame, raw, _data: evaluator(frame, {"input": raw})
    read = jsonpath_query.compile_payload(payload)
    return lambda frame, _raw, data: read(frame, data)


def compile_selector(source: Source) -> Evaluator | None:
    """The input of an iteration instead of its item, which is in the frame's context.

    The field is ItemSelector, or Parameters, its older name.
    """
    field = "ItemSelector" if "ItemSelector" in source.definition else "Parameters"
    return compile_payload(source, source.definition[field], field) if field in source.definition else None


def compile_count(source: Source, field: str, *, prefix: str = "", least: int = 0) -> Number:
    """The reader of a whole number that is at least `least`, 0 or 1.

    As measured on AWS, a negative ToleratedFailureCount fails with States.Runtime. The States Language requires the
    same for the other counts.
    """
    number = compile_number(source, field, prefix=prefix)
    cause = f"{field} cannot be negative." if least == 0 else f"{field} must be positive."

    def count(frame: Frame, raw: JSON, data: JSON) -> float | None:
        value = number(frame, raw, data)
        if value is not None and value < least:
            raise frame.runtime_failure(cause)
        return value

    return count


def compile_number(source: Source, field: str, *, prefix: str = "", is_float: bool = False) -> Number:
    """The reader of a number such as MaxConcurrency: a literal, a path (`…Path`) or an expression. None if missing.

    `prefix` precedes the field's name in failures of expressions (`ItemBatcher/`).
    """
    definition = source.definition
    kind = "float" if is_float else "integer"
    if f"{field}Path" in definition:
        path = definition[f"{field}Path"]
        read = jsonpath_query.compile_reader(path, f"{field}Path")

        def from_path(frame: Frame, _raw: JSON, data: JSON) -> float:
            value = as_number(read(frame, data))
            if not is_number(value) or (not is_float and value != int(value)):
                shown = value if isinstance(value, str) else encode(value)
                cause = f'The {field}Path field refers to value "{shown}" which is not a valid {kind}: {path}'
                raise frame.runtime_failure(cause)
            return float(value) if is_float else int(value)

        return from_path
    if field not in definition:
        return lambda _frame, _raw, _data: None
    number = jsonata_query.compile_typed(definition[field], f"{prefix}{field}", "number")

    def from_expression(frame: Frame, raw: JSON, _data: JSON) -> float:
        value = number(frame, {"input": raw})
        if not is_number(value) or (not is_float and value != int(value)):
            raise frame.query_failure(f"The {field} field must be a valid {kind}: {encode(value)}", f"{prefix}{field}")
        return float(value) if is_float else int(value)

    return from_expression


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How many child executions of a Map run may fail: a count, a percentage, both, or none by default."""

    count: Number
    percentage: Number

    def limits(self, frame: Frame, raw: JSON, data: JSON) -> tuple[float | None, float | None]:
        """The count and the percentage, each None if not set."""
        count, percentage = self.count(frame, raw, data), self.percentage(frame, raw, data)
        if percentage is not None and not 0 <= percentage <= 100:  # noqa: PLR2004 - per cent
            raise frame.runtime_failure("ToleratedFailurePercentage must be between 0 and 100.")
        return count, percentage


def compile_tolerance(source: Source) -> Tolerance:
    """The tolerance of a Map state."""
    return Tolerance(
        compile_count(source, "ToleratedFailureCount"),
        compile_number(source, "ToleratedFailurePercentage", is_float=True),
    )


def is_exceeded(failed: int, total: int, count: float | None, percentage: float | None) -> bool:
    """Whether more child executions failed than tolerated."""
    if count is None and percentage is None:
        return failed > 0
    over_count = count is not None and failed > count
    return over_count or (percentage is not None and failed * 100 > percentage * total)


def threshold_exceeded() -> StateFailure:
    """The failure of a Map run in which too many child executions failed."""
    return StateFailure(
        "States.ExceedToleratedFailureThreshold", "The specified tolerated failure threshold was exceeded"
    )
