"""Walks the control flow of a workflow, for all analyses that follow paths.

In: a workflow. Out: a state for each place, of a kind that a subclass chooses: the steps that have run, the types of
the variables. Never: diagnostics, types.

The walk determines the paths and where they join. Both the check of names (FG208) and the check of types (FG303) are
subclasses, so they cannot disagree about which steps have run.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar, assert_never

from flowgen.diagnostics import Span
from flowgen.model import (
    Asl,
    Aws,
    Body,
    Break,
    Call,
    Catcher,
    Continue,
    Expression,
    Fail,
    ForEach,
    Group,
    Handler,
    Http,
    Match,
    Parallel,
    Repeat,
    Return,
    RunWorkflow,
    Set,
    Step,
    Steps,
    Switch,
    Task,
    Wait,
    Workflow,
    catchers_of,
    own_bodies,
    undoing_of,
)
from flowgen.model.flow import completes, completes_when_run
from flowgen.model.raised import LIMIT_EXCEEDED, fails_only_at_its_limit
from flowgen.model.steps import kind_span


@dataclass(frozen=True, slots=True)
class PathState:
    """The state at a place. `reached` is false after a step that never continues."""

    reached: bool = field(default=True, kw_only=True)


@dataclass(frozen=True, slots=True)
class Absence:
    """Why a step may have no value: the place that decides, and the reason."""

    span: Span
    text: str


S = TypeVar("S", bound=PathState)


@dataclass(slots=True)
class _Enclosing(Generic[S]):
    """An enclosing group or loop, and the states of the jumps to its end."""

    id: str
    loop: bool
    left: list[S] = field(default_factory=list)
    continued: list[tuple[S, Absence]] = field(default_factory=list)


class Walk(ABC, Generic[S]):
    """Follows control from the first step to the last. A subclass defines the effect of each step on a state."""

    def __init__(self, workflow: Workflow) -> None:
        self.workflow = workflow
        self.uses: dict[str, list[S]] = {}
        """The entry states of each shared handler."""
        self._enclosing: list[_Enclosing[S]] = []

    def whole(self, start: S) -> None:
        """The workflow's steps, then its `catch`, then the shared handlers."""
        workflow = self.workflow
        self.workflow_ends(self.sequence(workflow.steps, start))
        for catcher in workflow.catch:
            self.sequence(catcher.steps or (), self.at_any_time(start, catcher))
        for name, handler in workflow.handlers.items():
            entry = self.shared(handler, self.uses.get(name, ()))
            if entry is not None:
                self.sequence(handler.steps, entry)

    def sequence(self, steps: Steps, state: S) -> S:
        for step in steps:
            state = self.step(step, state)
            if not completes(step):
                return replace(state, reached=False)
        return state

    def step(self, step: Step, before: S) -> S:
        self.enters(step, before)
        if step.condition is None:
            after = self._kind(step, before)
        else:
            inside, skipped = self.condition(step, step.condition, before)
            end = self.leaves(self._kind(step, inside), before)
            ran = end if completes_when_run(step) else replace(end, reached=False)
            why = Absence(step.condition.node.span, f"if this is false, `{step.id}` has no value")
            after = self.joined([(ran, None), (skipped, why)])
        self.ran(step, before, after)
        return after

    def _kind(self, step: Step, before: S) -> S:
        match step:
            case Call() | Aws() | Http() | RunWorkflow():
                return self._caught(step, self._undone(step, self.task(step, before)), before)
            case Wait() | Set() | Asl() | Return() | Fail():
                return self.simple(step, before)
            case Switch() | Match():
                return self._branches(step, before)
            case Parallel():
                return self._caught(step, self._undone(step, self.parallel(step, before)), before)
            case ForEach():
                return self._caught(step, self._undone(step, self.for_each(step, before)), before)
            case Repeat():
                return self._repeat(step, before)
            case Group():
                return self._group(step, before)
            case Break() | Continue():
                self._jump(step, before)
                return before
            case _:
                assert_never(step)

    def apart(self, step: Step, body: Body, entry: S) -> S:
        """The end of a body that is a nested state machine, which outer jumps do not affect."""
        outer, self._enclosing = self._enclosing, []
        end, _ = self.round(step, body, entry)
        self._enclosing = outer
        return end

    def round(self, step: Step, body: Body, entry: S) -> tuple[S, list[S]]:
        """The end of one run of a body, and the states at each `break` that leaves the step."""
        around = _Enclosing[S](step.id, loop=body.is_loop)
        self._enclosing.insert(0, around)
        end = self.sequence(body.steps, entry)
        self._enclosing.pop(0)
        if around.loop and around.continued:
            end = self.joined([(end, None), *around.continued])
        return self.leaves(end, entry), around.left

    def _jump(self, step: Break | Continue, state: S) -> None:
        for around in self._enclosing:
            if around.id == step.target or (step.target is None and around.loop):
                if isinstance(step, Break):
                    around.left.append(state)
                else:
                    text = "if this ends the round, it has no value"
                    around.continued.append((state, Absence(step.span_of("continue"), text)))
                return

    def _branches(self, step: Switch | Match, before: S) -> S:
        entries, none = self.entries(step, before)
        ends: list[tuple[S, Absence | None]] = []
        for body, entry in zip(step.bodies(), entries, strict=True):
            end = self.leaves(self.sequence(body.steps, entry), before)
            span = step.span_of("else") if body.decided_by is None else body.decided_by.span
            ends.append((self.valued(step, end), Absence(span, "on this branch, it has no value")))
        if none is not None:
            text = f"if no rule of this `{step.kind}` applies, it has no value"
            ends.append((none, Absence(kind_span(step), text)))
        return self.joined(ends)

    def _group(self, step: Group, before: S) -> S:
        first, *last = step.bodies()
        end, left = self.round(step, first, before)
        why = Absence(step.span_of("steps"), "if a `break` leaves this group, it has no value")
        after = self._left(step, end, left, before, why)
        for body in last:
            self.sequence(body.steps, self.finally_(step, before, end, after))
        return self._caught(step, after, before)

    def _repeat(self, step: Repeat, before: S) -> S:
        end, left = self.rounds(step, before)
        limit = self.leaves(end, before) if end.reached and fails_only_at_its_limit(self.workflow, step) else None
        over = self.ended(step, before, end)
        if step.rounds.until is None and step.rounds.while_ is None:
            # Only `break` leaves such a loop: it fails after its last round.
            over = replace(over, reached=False)
        why = Absence(kind_span(step), "if the loop is left early, it has no value")
        after = self._left(step, over, left, before, why)
        return self._caught(step, self.unbound(step, after, before), before, limit)

    def _left(self, step: Step, end: S, left: Iterable[S], before: S, why: Absence) -> S:
        """The state after a step that ends by itself or by a `break`."""
        ends: list[tuple[S, Absence | None]] = [(self.valued(step, self.leaves(end, before)), None)]
        return self.joined([*ends, *((self.valued(step, self.leaves(jump, before)), why) for jump in left)])

    def _caught(self, step: Step, after: S, before: S, limit: S | None = None) -> S:
        """The step's normal end and the ends of its handlers, whose values become the step's value.

        `limit` is the state after the last round of a loop, if nothing else in the loop fails with that error.
        """
        ends: list[tuple[S, Absence | None]] = [(after, None)]
        for catcher in catchers_of(step):
            why = Absence(catcher.span_of("errors"), "if this error is caught, it has no value")
            failed = self.failed(step, before, after, why)
            if catcher.handler is not None:
                entry = self.handling(failed, catcher, own_bodies(step))
                self.uses.setdefault(catcher.handler, []).append(entry)
                continue
            start = failed if limit is None or catcher.errors != (LIMIT_EXCEEDED,) else limit
            end = self.sequence(catcher.steps or (), self.handling(start, catcher, own_bodies(step)))
            ends.append((self.handled(self.valued(step, end), before), why))
        return self.joined(ends)

    def _undone(self, step: Step, done: S) -> S:
        """Visits a compensation with the state after its step."""
        undoing = undoing_of(step)
        if undoing is not None:
            self.undoing(undoing, done)
            for catcher in undoing.catch:
                self.sequence(catcher.steps or (), self.handling(done, catcher))
        return done

    @abstractmethod
    def joined(self, ends: Sequence[tuple[S, Absence | None]]) -> S:
        """Joins several ends. Each end has the reason why it lacks values of the others."""

    @abstractmethod
    def condition(self, step: Step, condition: Expression, state: S) -> tuple[S, S]:
        """The states in which a step with `if` runs, and in which it is skipped."""

    @abstractmethod
    def task(self, step: Task, state: S) -> S: ...

    @abstractmethod
    def simple(self, step: Wait | Set | Asl | Return | Fail, state: S) -> S: ...

    @abstractmethod
    def entries(self, step: Switch | Match, state: S) -> tuple[list[S], S | None]:
        """The entry state of each branch, and the state if no branch runs; None if one always does."""

    @abstractmethod
    def parallel(self, step: Parallel, state: S) -> S: ...

    @abstractmethod
    def for_each(self, step: ForEach, state: S) -> S: ...

    @abstractmethod
    def rounds(self, step: Repeat, state: S) -> tuple[S, list[S]]:
        """The end of any round, and the states at each `break` that leaves the loop."""

    @abstractmethod
    def ended(self, step: Repeat, before: S, end: S) -> S:
        """The state in which the loop's condition ends it; `end` is the end of a round."""

    @abstractmethod
    def valued(self, step: Step, state: S) -> S:
        """The previous value becomes the value of the step."""

    @abstractmethod
    def failed(self, step: Step, before: S, after: S, why: Absence) -> S:
        """The state if a step failed before its end."""

    @abstractmethod
    def finally_(self, step: Group, before: S, end: S, after: S) -> S:
        """The state at the start of `finally`; `end` is the end of the group's steps, `after` includes jumps."""

    @abstractmethod
    def handling(self, state: S, catcher: Catcher, raising: tuple[Steps, ...] = ()) -> S:
        """The entry state of a handler: `$error` is bound to the errors of `raising` and of the step itself."""

    @abstractmethod
    def handled(self, end: S, before: S) -> S:
        """The state after a handler: `$error` has its outer meaning again."""

    @abstractmethod
    def undoing(self, undoing: Task, state: S) -> None: ...

    @abstractmethod
    def at_any_time(self, start: S, catcher: Catcher) -> S:
        """The entry state of the workflow's own handler."""

    @abstractmethod
    def shared(self, handler: Handler, uses: Sequence[S]) -> S | None:
        """The entry state of a shared handler; None if it need not be checked."""

    def enters(self, step: Step, state: S) -> None:
        """Called before each step."""

    def ran(self, step: Step, before: S, after: S) -> None:
        """Called after each step."""

    def leaves(self, state: S, outer: S) -> S:
        """The state without the variables of the body that control leaves."""
        del outer
        return state

    def unbound(self, step: Repeat, state: S, before: S) -> S:
        """The state after a loop without the loop's variable."""
        del step, before
        return state

    def workflow_ends(self, end: S) -> None:
        """Called with the state after the last step."""
