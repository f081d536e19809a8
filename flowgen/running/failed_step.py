"""Which step made an execution fail, and which compensations failed after it.

A failure may end in a state that the compiler added, such as the end of the compensations, which only raises the error
again. People look for the step in which it began.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowgen.local.visits import Inside, Visit, build_tree, find_failure, walk
from flowgen.running.program import step_of

if TYPE_CHECKING:
    from flowgen.local.history import Event

_UNDO = "__undo"


@dataclass(frozen=True, slots=True)
class FailedCompensation:
    """A compensation that failed: the step that it should have undone, its error, and the cause."""

    step: str
    error: str | None
    cause: str | None


def failed_step(events: Iterable[Event], inside: Inside | None = None) -> Visit | None:
    """The visit of the step in which an execution failed."""
    events = list(events)
    last = find_failure(events, inside)
    if last is None or last.kind != "Fail" or step_of(last.name) == last.name:
        return last
    before = [visit for visit in walk(build_tree(events, inside)) if visit.began <= last.began and visit is not last]
    raised = _error_of(events)
    return next((visit for visit in reversed(before) if _raised(visit, raised)), last)


def failed_compensations(events: Iterable[Event], inside: Inside | None = None) -> Iterator[FailedCompensation]:
    """The compensations that failed, in the order in which they ran."""
    for visit in walk(build_tree(events, inside)):
        if visit.name.endswith(_UNDO) and visit.failure is not None:
            yield FailedCompensation(step_of(visit.name), *visit.failure)


def _error_of(events: list[Event]) -> tuple[str | None, str]:
    details = events[-1].details
    return details.get("error"), str(details.get("cause") or "")


def _raised(visit: Visit, raised: tuple[str | None, str]) -> bool:
    """Whether a visit is the origin of an error. For a reserved one, the cause of `Reraised` begins with its name."""
    if visit.name.endswith(_UNDO):
        return False
    error, cause = raised
    made = visit.failure[0] if visit.failure is not None else None
    if made is None and visit.kind in {"Pass", "Choice"} and isinstance(visit.output, dict):
        made = visit.output.get("Error")  # a `fail` or a violation that is caught
    return made is not None and (made == error or (error == "Reraised" and cause.startswith(f"{made}: ")))
