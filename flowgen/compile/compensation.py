"""Sagas: undo the completed steps in reverse order when the workflow fails later.

All compensations are one chain of states. Each step that may fail enters the chain at the compensation of the last
completed step. A compensation is guarded if its step may not have run on every path there. After a step with `pivot`,
the chain ends at that step.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from flowgen.asl.states import Catcher
from flowgen.compile.errors import ALL
from flowgen.compile.names import error_variable, pivot_guard_state, undo_guard_state, undo_state, workflow_owner
from flowgen.compile.templates import enclosed
from flowgen.model import Call, Runs, RunWorkflow, Steps, Undoable, Workflow, catchers_of, walk


@dataclass(frozen=True, slots=True)
class Undo:
    """A step that can be undone. `certain`: the step was completed on every path that enters the chain here."""

    step: Undoable
    certain: bool
    pivot: str | None = None
    """The pivot between this step and the previous one that can be undone."""

    @property
    def entry(self) -> str:
        return undo_state(self.step.id) if self.certain else undo_guard_state(self.step.id)


@dataclass(frozen=True, slots=True)
class Compensations:
    """The steps that can be undone, in the order of execution, and for each step those that it enters the chain at.

    `reach` has the numbers of the compensations that run if a step fails: from the last completed step back to the last
    completed pivot. `pivot` is the pivot after all of them.
    """

    undos: tuple[Undo, ...]
    reach: dict[str, range]
    variable: str
    pivot: str | None = None
    guards: bool = False
    """Whether the chain can be entered before a pivot and pass it: shared handlers enter it at its end."""

    def catchers(self, step: str) -> tuple[Catcher, ...]:
        """The last catcher of a step, which enters the chain; empty if there is nothing to undo."""
        reach = self.reach.get(step, range(0))
        following = self.undos[reach.stop].step if reach.stop < len(self.undos) else None
        own = following.compensate if following is not None and following.id == step else None
        if own is not None and own.when == "started":
            return (self._catcher(undo_state(step)),)
        return (self._catcher(self.undos[reach.stop - 1].entry),) if reach else ()

    def whole(self) -> tuple[Catcher, ...]:
        """The entry for failures at any time: for a handler that several steps share."""
        if not self.undos:
            return ()
        return (self._catcher(self.undos[-1].entry if self.pivot is None else pivot_guard_state(self.pivot)),)

    def _catcher(self, entry: str) -> Catcher:
        return Catcher((ALL,), entry, assign={self.variable: enclosed("$states.errorOutput")})

    def live(self) -> frozenset[str]:
        """The steps whose values the chain reads."""
        read = {undo.step.id for undo in self.undos if not undo.certain or _takes_value(undo.step)}
        pivots = {undo.pivot for undo in self.undos} | {self.pivot} if self.guards and self.undos else set()
        return frozenset(read | {pivot for pivot in pivots if pivot is not None})


def _takes_value(step: Undoable) -> bool:
    undoing = step.compensate.step if step.compensate is not None else None
    return isinstance(undoing, Call | RunWorkflow) and undoing.argument is None


# See docs/explanation/decisions.md#compensations-form-one-chain
def compensations(workflow: Workflow) -> Compensations:
    walked = _Walk()
    walked.visit(workflow.steps, certain=not workflow.handlers)
    variable = error_variable(workflow_owner(workflow))
    return Compensations(tuple(walked.found), walked.reach, variable, walked.pivot, bool(workflow.handlers))


@dataclass(slots=True)
class _Walk:
    """What has been seen of the main sequence: what can be undone, and the last pivot."""

    found: list[Undo] = field(default_factory=list)
    reach: dict[str, range] = field(default_factory=dict)
    pivot: str | None = None
    """The first pivot after the last step that can be undone; later ones are completed only after it."""
    start: int = 0
    """The number of compensations before the last pivot."""

    def visit(self, steps: Steps, *, certain: bool) -> None:
        for step in steps:
            reach = self.reach[step.id] = range(self.start, len(self.found))
            for catcher in catchers_of(step):
                self.reach.update((inner.id, reach) for inner in walk(catcher.steps or ()))
            always = certain and step.condition is None and not catchers_of(step)
            for body in step.bodies():
                if body.in_sequence:
                    self.visit(body.steps, certain=always and body.runs is Runs.ONCE)
                else:
                    self.reach.update((inner.id, reach) for inner in walk(body.steps))
            if isinstance(step, Undoable) and step.compensate is not None:
                self.found.append(Undo(step, always, self.pivot))
                self.pivot = None
            if isinstance(step, Undoable) and step.pivot:
                self.pivot, self.start = self.pivot or step.id, len(self.found)
