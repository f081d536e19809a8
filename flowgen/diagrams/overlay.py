"""What a run did with each state, in the diagram: its status, how often it was entered, its retries.

In: a structure, the runs of states by name. Out: a structure. Never: the events of an execution.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

from flowgen.diagrams.structure import Box, Chain, Column, Frame, Guarded, Part, Split, Structure


class Status(Enum):
    """The status of a state; a state that was entered several times has the first of these that applies to a visit."""

    FAILED = "failed"
    ABORTED = "aborted"
    """Another branch or iteration failed."""
    RUNNING = "running"
    CAUGHT = "caught"
    SUCCEEDED = "succeeded"
    NOT_ENTERED = "not-entered"


_SIGNS = {
    Status.FAILED: "✗",
    Status.ABORTED: "⊘",
    Status.RUNNING: "…",
    Status.CAUGHT: "↷",
    Status.SUCCEEDED: "✓",
}


@dataclass(frozen=True, slots=True)
class StateRun:
    """The status of a state, how often it was entered, and the number of its retries in all visits."""

    status: Status
    visits: int = 1
    retries: int = 0


def states_of(structure: Structure) -> frozenset[str]:
    """The names of the states that have a box."""
    overlay = _Overlay({})
    for column in structure.columns:
        overlay.column(column)
    return frozenset(overlay.states)


def with_run(structure: Structure, runs: Mapping[str, StateRun]) -> Structure:
    """The structure with the runs of its states, by their names. States without a run were not entered."""
    overlay = _Overlay(runs)
    return replace(structure, columns=tuple(map(overlay.column, structure.columns)))


class _Overlay:
    def __init__(self, runs: Mapping[str, StateRun]) -> None:
        self.runs = runs
        self.states: set[str] = set()

    def column(self, column: Column) -> Column:
        return replace(column, chain=self.chain(column.chain))

    def chain(self, chain: Chain) -> Chain:
        return tuple(map(self.part, chain))

    def part(self, part: Part) -> Part:
        match part:
            case Box():
                return self.box(part)
            case Split():
                return Split(self.box(part.head), tuple(map(self.column, part.columns)))
            case Frame():
                return self.frame(part)
            case Guarded():
                main = self.frame(part.main) if isinstance(part.main, Frame) else self.box(part.main)
                undo = None if part.undo is None else self.column(part.undo)
                return Guarded(main, undo, tuple(map(self.column, part.catches)))

    def frame(self, frame: Frame) -> Frame:
        last = None if frame.last is None else self.column(frame.last)
        return replace(frame, head=self.box(frame.head), columns=tuple(map(self.column, frame.columns)), last=last)

    def box(self, box: Box) -> Box:
        if box.state is None:
            return box
        self.states.add(box.state)
        run = self.runs.get(box.state)
        if run is None:
            return replace(box, status=Status.NOT_ENTERED.value)
        counts = [f"{_SIGNS[run.status]} {run.status.value}"]
        if run.visits > 1:
            counts.append(f"{run.visits:,} visits")
        if run.retries:
            counts.append("1 retry" if run.retries == 1 else f"{run.retries:,} retries")
        shown = ", ".join(counts)
        return replace(
            box, details=(*box.details, shown), tooltip=f"{box.tooltip}\n{shown}".strip(), status=run.status.value
        )
