"""Parallel: runs its branches at the same time, and fails with the first that fails."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any

from flowgen.local.failures import StateFailure
from flowgen.local.fields import as_array
from flowgen.local.scheduler import NEXT_CHILD, Effect, Process
from flowgen.local.states.base import Source, State, Step

if TYPE_CHECKING:
    from flowgen.local.frame import Frame
    from flowgen.local.values import JSON


def compile_parallel(source: Source) -> State:
    """A Parallel state. Its result is the array of its branches' outputs, in their order."""
    flow, following = source.flow(), source.next
    branches = as_array(source["Branches"], f"{source.pointer}/Branches")
    machines = [
        source.compile_machine(branch, f"{source.pointer}/Branches/{index}") for index, branch in enumerate(branches)
    ]

    def attempt(frame: Frame, raw: JSON) -> Generator[Effect, Any, Step]:
        effective = flow.enter(frame, raw)
        if frame.trial is not None:
            output, assigned = flow.leave(frame, raw, effective, frame.trial.outcome())
            return Step(output, following, assigned)
        frame.record("ParallelStateStarted", {})
        frames = {index: frame.fork(frame.item) for index in range(len(machines))}
        for index, machine in enumerate(machines):
            frame.scheduler.spawn(machine.run(frames[index], effective), index)
        result: list[JSON] = [None] * len(machines)
        for _ in machines:
            ended: Process = yield NEXT_CHILD
            frame.previous = frames[ended.tag].previous
            if ended.failure is not None:
                abort(frame, frames)
                raise ended.failure
            result[ended.tag] = ended.value
        frame.note("ParallelStateSucceeded", {}, frame.previous)
        output, assigned = flow.leave(frame, raw, effective, result)
        return Step(output, following, assigned)

    return State(source.name, "Parallel", recovery=source.recovery(attempt, given_up))


def given_up(frame: Frame, _failure: StateFailure) -> None:
    """Records that a Parallel state failed for good."""
    frame.record("ParallelStateFailed", {})


def abort(frame: Frame, frames: Mapping[int, Frame]) -> None:
    """Ends what still runs below the current process, and records the states that were left where they stood."""
    process = frame.scheduler.current
    if process is None:
        return
    running = [child.tag for child in process.children if not child.done]
    frame.scheduler.cancel_children(process)
    for tag in running:
        child = frames[tag]
        if child.kind in {"Task", "Wait", "Parallel", "Map"}:
            child.record(f"{child.kind}StateAborted", {})
