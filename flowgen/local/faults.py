"""Injected faults: states that fail, and states that take longer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flowgen.local.values import JSON

FAULT_CAUSE = "Injected failure."


@dataclass(frozen=True, slots=True)
class Fault:
    """A failure of a state: its error and cause, and how many attempts fail (None: all of them).

    `result` is set if the call returns its failure as a result, as an express workflow does.
    """

    error: str | None
    times: int | None = None
    cause: str | None = FAULT_CAUSE
    result: JSON = None


class Faults:
    """The faults of one run by state. `delays` are in virtual seconds."""

    def __init__(self, failures: Mapping[str, Sequence[Fault]], delays: Mapping[str, float] | None = None) -> None:
        self._failures = {state: tuple(faults) for state, faults in failures.items()}
        self._delays = dict(delays or {})
        self._struck: dict[tuple[str, int], int] = {}

    def strike(self, state: str) -> Fault | None:
        """The fault with which this attempt at a state fails, if any. Each call counts as one attempt."""
        for place, fault in enumerate(self._failures.get(state, ())):
            struck = self._struck.get((state, place), 0)
            if fault.times is None or struck < fault.times:
                self._struck[state, place] = struck + 1
                return fault
        return None

    def delay(self, state: str) -> float:
        """The additional seconds that an attempt at a state takes."""
        return self._delays.get(state, 0.0)
