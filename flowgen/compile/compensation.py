"""Sagas: undo the completed steps in reverse order when the workflow fails later.

All compensations are one chain of states. Each step that may fail enters the chain at the compensation of the last
completed step. A compensation is guarded if its step may not have run on every path there.
"""

from __future__ import annotations

from dataclasses import dataclass

from flowgen.asl.states import Catcher
from flowgen.compile.errors import ALL
from flowgen.compile.names import error_variable, undo_guard_state, undo_state, workflow_owner
from flowgen.compile.templates import enclosed
from flowgen.model import Call, Runs, RunWorkflow, Steps, Undoable, Workflow, catchers_of, walk


@dataclass(frozen=True, slots=True)
class Undo:
    """A step that can be undone. `certain`: the step was completed on every path that enters the chain here."""

    step: Undoable
    certain: bool

    @property
    def entry(self) -> str:
        return undo_state(self.step.id) if self.certain else undo_guard_state(self.step.id)


@dataclass(frozen=True, slots=True)
class Compensations:
    """The steps that can be undone, in the order of execution, and for each step the number of those before it."""

    undos: tuple[Undo, ...]
    before: dict[str, int]
    variable: str

    def catchers(self, step: str) -> tuple[Catcher, ...]:
        """The last catcher of a step, which enters the chain; empty if there is nothing to undo."""
        count = self.before.get(step, 0)
        own = self.undos[count] if count < len(self.undos) and self.undos[count].step.id == step else None
        if own is not None and own.step.compensate is not None and own.step.compensate.when == "started":
            return (self._catcher(undo_state(step)),)
        return (self._catcher(self.undos[count - 1].entry),) if count else ()

    def whole(self) -> tuple[Catcher, ...]:
        """The entry for failures at any time: for a handler that several steps share."""
        return (self._catcher(self.undos[-1].entry),) if self.undos else ()

    def _catcher(self, entry: str) -> Catcher:
        return Catcher((ALL,), entry, assign={self.variable: enclosed("$states.errorOutput")})

    def live(self) -> frozenset[str]:
        """The steps whose values the chain reads."""
        return frozenset(undo.step.id for undo in self.undos if not undo.certain or _takes_value(undo.step))


def _takes_value(step: Undoable) -> bool:
    undoing = step.compensate.step if step.compensate is not None else None
    return isinstance(undoing, Call | RunWorkflow) and undoing.argument is None


# See docs/explanation/decisions.md#compensations-form-one-chain
def compensations(workflow: Workflow) -> Compensations:
    found: list[Undo] = []
    before: dict[str, int] = {}
    _visit(workflow.steps, found, before, certain=not workflow.handlers)
    return Compensations(tuple(found), before, error_variable(workflow_owner(workflow)))


def _visit(steps: Steps, found: list[Undo], before: dict[str, int], *, certain: bool) -> None:
    for step in steps:
        count = before[step.id] = len(found)
        for catcher in catchers_of(step):
            before.update((inner.id, count) for inner in walk(catcher.steps or ()))
        always = certain and step.condition is None and not catchers_of(step)
        for body in step.bodies():
            if body.in_sequence:
                _visit(body.steps, found, before, certain=always and body.runs is Runs.ONCE)
            else:
                before.update((inner.id, count) for inner in walk(body.steps))
        if isinstance(step, Undoable) and step.compensate is not None:
            found.append(Undo(step, always))
