"""What a recorded execution did with each state, for its diagram."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flowgen.asl.json_text import parse
from flowgen.diagrams.overlay import StateRun, Status
from flowgen.local.visits import Visit, build_tree, walk
from flowgen.running.recorded import BadHistory, read_events

if TYPE_CHECKING:
    from flowgen.local.history import Event

_SEVERITY = list(Status)
_ENDS = ("ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted")


def read_state_runs(text: str) -> dict[str, StateRun]:
    """The runs of states by their names, from a history in JSON; the execution may still run. Raises `BadHistory`."""
    try:
        document = parse(text)
    except ValueError as error:
        raise BadHistory(f"invalid JSON: {error}") from None
    listed = document.get("events") or document.get("history") if isinstance(document, dict) else document
    if not isinstance(listed, list) or not all(isinstance(event, dict) for event in listed):
        raise BadHistory("no events found; `flowgen run --history FILE` writes them")
    return state_runs(read_events(listed)[1])


def state_runs(events: Iterable[Event]) -> dict[str, StateRun]:
    """The runs of states by their names, from the events of an execution."""
    known = tuple(events)
    ended = bool(known) and known[-1].type in _ENDS
    found: dict[str, StateRun] = {}
    for visit in walk(build_tree(known)):
        status, retries = _status(visit, ended=ended), max(len(visit.tries) - 1, 0)
        before = found.get(visit.name)
        if before is not None:
            status = min(status, before.status, key=_SEVERITY.index)
            found[visit.name] = StateRun(status, before.visits + 1, before.retries + retries)
        else:
            found[visit.name] = StateRun(status, 1, retries)
    return found


def _status(visit: Visit, *, ended: bool) -> Status:
    if visit.halted:
        return Status.ABORTED
    if visit.ended is None:
        return (Status.SUCCEEDED if visit.kind == "Succeed" else Status.FAILED) if ended else Status.RUNNING
    return Status.CAUGHT if visit.caught else Status.SUCCEEDED
