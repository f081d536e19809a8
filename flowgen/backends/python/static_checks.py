"""Checks values in schemas during `generate`: defaults, and members of enumerations. Schemas are not trusted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from flowgen.backends.python.support.constraints import Constraints

MOST_STEPS = 100_000
"""The number of schemas that a check may apply to a value and its parts."""


class _TooManyStepsError(Exception):
    """A check takes too long, because schemas refer to each other in exponentially many ways."""


class _BoundedConstraints(Constraints):
    def __init__(self, schema: dict[str, Any]) -> None:
        super().__init__(schema)
        self.steps = 0

    def problems(self, schema: Any, value: Any, at: str, seen: set[str | int]) -> Iterator[str]:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise _TooManyStepsError
        yield from super().problems(schema, value, at, seen)


def problem_of(constraints: dict[str, Any], value: Any) -> str | None:
    """Why a value violates constraints; None if it does not, or if finding out takes too many steps."""
    try:
        _BoundedConstraints(constraints).check_json(value)
    except ValueError as error:
        return str(error)
    except _TooManyStepsError:
        return None
    return None


def valid_values(constraints: dict[str, Any], values: Iterable[Any]) -> list[Any]:
    """The values that satisfy constraints, or of which that is not known."""
    return [value for value in values if problem_of(constraints, value) is None]
