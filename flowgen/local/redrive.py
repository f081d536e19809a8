"""Where an execution that did not succeed stopped, so that a redrive can continue it there.

Developer guide, "Restarting state machine executions with redrive": states that have exited do not run again, and in
Parallel and Map states only the branches, iterations and child executions that did not succeed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from flowgen.local.values import JSON

if TYPE_CHECKING:
    from flowgen.local.map_runs import MapRun


@dataclass(frozen=True, slots=True)
class Completed:
    """A branch or an iteration that succeeded, and its output."""

    output: JSON


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A thread of control that did not succeed: its current state, and what is inside of that state by index.

    `state` is empty if it has entered none. `entered` is the id of the event that entered the state.
    """

    state: str
    entered: int
    input: JSON
    variables: Mapping[str, JSON]
    inner: Mapping[int, Part]
    map_run: MapRun[Any] | None


Part: TypeAlias = Completed | Unfinished


def completed(parts: Mapping[int, Part]) -> dict[int, JSON]:
    """The outputs of the parts that succeeded, in the order of their indexes."""
    return {index: part.output for index, part in sorted(parts.items()) if isinstance(part, Completed)}
