"""Durations and numbers of states: literals, or expressions that Step Functions evaluates."""

from __future__ import annotations

from typing import TypeVar

from flowgen.compile.templates import Names, enclosed, renamed
from flowgen.model import Expression
from flowgen.model.quantities import Seconds

N = TypeVar("N", int, float)


def seconds(duration: Seconds | None, names: Names) -> int | str | None:
    """`TimeoutSeconds` and similar fields; developer guide, "Transforming data with JSONata"."""
    if isinstance(duration, Expression):
        return enclosed(renamed(duration, names))
    return None if duration is None else duration.seconds


def number(value: N | Expression | None, names: Names) -> N | str | None:
    """A number such as `MaxConcurrency`."""
    return enclosed(renamed(value, names)) if isinstance(value, Expression) else value
