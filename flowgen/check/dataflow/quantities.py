"""Checks the durations, timestamps and numbers that expressions compute."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flowgen.aws.limits import MAX_SECONDS
from flowgen.check.dataflow.state import FlowState
from flowgen.check.dataflow.values import Teller, place_of, value_of
from flowgen.model import Expression, ForEach, Interpolation, Reader, Until, Value, Wait
from flowgen.model.steps.loops import MAX_BATCH_BYTES, MAX_CONCURRENCY, MAX_ITEMS
from flowgen.types import INTEGER_TYPE, NUMBER_TYPE, Type, expand, show
from flowgen.types.algebra import FRACTION

_TIME = Type(formats=frozenset({"date-time"}))
_COMPOSED = re.compile(r".*[T:].*(Z|[+-]\d\d:\d\d)", re.DOTALL)
"""The text of a template, without its expressions, that is meant as a timestamp."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number that Step Functions accepts in a field, in words and with its bounds."""

    what: str
    least: int
    most: int
    type: Type = INTEGER_TYPE


# Developer guide, "Task workflow state", "Map workflow state"; States Language, "Wait State".
TIMEOUT = Quantity("a timeout, in seconds", 1, MAX_SECONDS)
HEARTBEAT = Quantity("a heartbeat, in seconds", 1, MAX_SECONDS)
PAUSE = Quantity("the wait between rounds, in seconds", 0, MAX_SECONDS)
CONCURRENCY = Quantity("a number of iterations", 0, MAX_CONCURRENCY)
ITEMS = Quantity("a number of items", 1, MAX_ITEMS)
BYTES = Quantity("a number of bytes", 1, MAX_BATCH_BYTES)
TOLERATED = Quantity("a number of items that may fail", 0, MAX_ITEMS)
PERCENT = Quantity("a share of items, in percent", 0, 100, NUMBER_TYPE)


def check_quantity(value: object, quantity: Quantity, known: FlowState, teller: Teller, *, catchable: bool) -> None:
    """Reports an expression that is not such a number, or is outside of its bounds (FG302, FG303)."""
    if not isinstance(value, Expression):
        return
    found = value_of(value, known.variables, teller, catchable=catchable)
    teller.fit(value, value.node.span, found, quantity.type, quantity.what, None)
    beyond = [number for number in _numbers(found) if not quantity.least <= number <= quantity.most]
    if beyond:
        message = f"this may be {beyond[0]:,}, expected {quantity.least:,} to {quantity.most:,}"
        teller.tell("FG302", message, place_of(value), f"does not fit {quantity.what}")


def _numbers(found: Type) -> list[float]:
    """The numbers among the literals of a type."""
    return [literal for literal in expand(found).literals if isinstance(literal, int | float)]


def check_wait(step: Wait, known: FlowState, teller: Teller) -> None:
    """A wait must be a non-negative whole number of seconds, or a timestamp (FG302, FG307).

    Source: States Language, "Wait State"; Step Functions fails for any other value.
    """
    duration = step.duration
    if isinstance(duration, Expression):
        found = value_of(duration, known.variables, teller, catchable=False)
        teller.fit(duration, step.span_of("wait"), found, NUMBER_TYPE, "a wait, in seconds", None)
        numbers = _numbers(found)
        if any(number < 0 for number in numbers):
            teller.tell("FG302", "a wait must not be negative", place_of(duration), f"`{show(found)}`")
        elif found.unknown is None and (
            expand(found).atoms & FRACTION or any(isinstance(number, float) for number in numbers)
        ):
            message, help_ = "a wait must be a whole number of seconds, but this may have a fraction", "use `$round(x)`"
            teller.tell("FG307", message, place_of(duration), f"`{show(found)}`", help_=help_)
    elif isinstance(duration, Until):
        found = value_of(duration.timestamp, known.variables, teller, catchable=False)
        exact = not _is_composed(duration.timestamp)
        teller.fit(duration.timestamp, duration.span_of("until"), found, _TIME, "a timestamp", None, exact=exact)


def _is_composed(timestamp: Value) -> bool:
    """Whether a template has the form of a timestamp, whatever its expressions insert."""
    if not isinstance(timestamp, Interpolation):
        return False
    return _COMPOSED.fullmatch("".join(part for part in timestamp.parts if isinstance(part, str))) is not None


def check_sizes(step: ForEach, known: FlowState, teller: Teller) -> None:
    """The computed limits of a `for_each`."""
    batch, tolerate = step.batch, step.tolerate
    sizes: list[tuple[object, Quantity]] = [(step.max_concurrency, CONCURRENCY)]
    if isinstance(step.items, Reader):
        sizes.append((step.items.max_items, ITEMS))
    if batch is not None:
        sizes += [(batch.items, ITEMS), (batch.bytes, BYTES)]
    if tolerate is not None:
        sizes += [(tolerate.count, TOLERATED), (tolerate.percent, PERCENT)]
    for value, quantity in sizes:
        check_quantity(value, quantity, known, teller, catchable=False)
