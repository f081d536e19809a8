"""Parallel: runs its branches at the same time, and fails with the first failure."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from flowgen.local.fields import as_array
from flowgen.local.redrive import Completed, completed
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
            # As recorded in 2026, TestState does not show the effective input of a Parallel state.
            frame.trial.inspection.pop("afterInputPath", None)
            output, assigned = flow.leave(frame, raw, effective, frame.trial.outcome())
            return Step(output, following, assigned)
        resumed = frame.take_resumed()
        parts = {} if resumed is None else resumed.inner
        if not parts:
            frame.record("ParallelStateStarted", {})
        for index, machine in enumerate(machines):
            part = parts.get(index)
            if isinstance(part, Completed):
                frame.inner[index] = part
            else:
                frame.scheduler.spawn(machine.run(frame.fork(index, frame.item), effective, part), index)
        while frame.branches:
            ended: Process = yield NEXT_CHILD
            branch = frame.join(ended.tag)
            if ended.failure is not None:
                frame.inner[ended.tag] = branch.unfinished()
                frame.cut(ended.failure)
                raise ended.failure
            frame.inner[ended.tag] = Completed(ended.value)
        outputs = completed(frame.inner)
        result = [outputs[index] for index in range(len(machines))]
        last = frame.previous
        frame.record("ParallelStateSucceeded", {})
        output, assigned = flow.leave(frame, raw, effective, result)
        # The state's exit follows from the last branch; a failure of the state's fields from its success event.
        frame.previous = last
        return Step(output, following, assigned)

    return State(source.name, "Parallel", recovery=source.recovery(attempt, "ParallelStateFailed"))
