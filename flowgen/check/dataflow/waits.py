"""Checks durations and timestamps of `wait`."""

from __future__ import annotations

import re

from flowgen.check.dataflow.state import FlowState
from flowgen.check.dataflow.values import Teller, place_of, value_of
from flowgen.model import Expression, Interpolation, Until, Value, Wait
from flowgen.types import NUMBER_TYPE, Type, expand, show
from flowgen.types.algebra import FRACTION

_TIME = Type(formats=frozenset({"date-time"}))
_COMPOSED = re.compile(r".*[T:].*(Z|[+-]\d\d:\d\d)", re.DOTALL)
"""The text of a template, without its expressions, that is meant as a timestamp."""


def check_wait(step: Wait, known: FlowState, teller: Teller) -> None:
    """A wait must be a non-negative whole number of seconds, or a timestamp (FG302, FG307).

    Source: States Language, "Wait State"; Step Functions fails for any other value.
    """
    duration = step.duration
    if isinstance(duration, Expression):
        found = value_of(duration, known.variables, teller, catchable=False)
        teller.fit(duration, step.span_of("wait"), found, NUMBER_TYPE, "a wait, in seconds", None)
        numbers = [literal for literal in expand(found).literals if not isinstance(literal, str)]
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
