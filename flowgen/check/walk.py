"""The one walk of control through a workflow, shared by all analyses that follow paths.

In: a workflow. Out: a state for each place of it, of a kind that a subclass chooses: which steps have run, which types
the variables have. Never: a diagnostic, a type.

The walk decides which paths there are and where they meet. Both the check of names (FG208) and the check of types
(FG303) are subclasses, so they cannot disagree about which steps have run.
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
    walk,
)
from flowgen.model.flow import completes, completes_when_run
from flowgen.model.raised import LIMIT_EXCEEDED
from flowgen.model.steps import kind_span


@dataclass(frozen=True, slots=True)
class PathState:
    """What holds at a place. `reached` is false behind a step that never hands on."""

    reached: bool = field(default=True, kw_only=True)


@dataclass(frozen=True, slots=True)
class Absence:
    """Why a step may have no value: the place that decides, and what it does."""

    span: Span
    text: str


S = TypeVar("S", bound=PathState)


@dataclass(slots=True)
class _Enclosing(Generic[S]):
    """A group or loop around a step, and the states that jumps take to its end."""

    id: str
    loop: bool
    left: list[S] = field(default_factory=list)
    continued: list[tuple[S, Absence]] = field(default_factory=list)


class Walk(ABC, Generic[S]):
    """Follows control from the first step to the last. A subclass says what each step does to a state."""

    def __init__(self, workflow: Workflow) -> None:
        self.workflow = workflow
        self.uses: dict[str, list[S]] = {}
        """For each shared handler the states in which it is entered."""
        self._enclosing: list[_Enclosing[S]] = []

    def whole(self, start: S) -> None:
        """The workflow's steps, then its own `catch`, then the handlers that several steps share."""
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
            why = Absence(step.condition.node.span, f"where this is false, `{step.id}` has no value")
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
        """The end of a body that is a machine inside its step: jumps around it do not reach into it."""
        outer, self._enclosing = self._enclosing, []
        end, _ = self.round(step, body, entry)
        self._enclosing = outer
        return end

    def round(self, step: Step, body: Body, entry: S) -> tuple[S, list[S]]:
        """The end of one run of a body, and the states in which a `break` leaves the step."""
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
                    text = "where this goes to the end of the round, it has no value"
                    around.continued.append((state, Absence(step.span_of("continue"), text)))
                return

    def _branches(self, step: Switch | Match, before: S) -> S:
        entries, none = self.entries(step, before)
        ends: list[tuple[S, Absence | None]] = []
        for body, entry in zip(step.bodies(), entries, strict=True):
            end = self.leaves(self.sequence(body.steps, entry), before)
            span = step.span_of("else") if body.decided_by is None else body.decided_by.span
            ends.append((self.valued(step, end), Absence(span, "where this branch is taken, it has no value")))
        if none is not None:
            text = f"where no rule of this `{step.kind}` holds, it has no value"
            ends.append((none, Absence(kind_span(step), text)))
        return self.joined(ends)

    def _group(self, step: Group, before: S) -> S:
        first, *last = step.bodies()
        end, left = self.round(step, first, before)
        why = Absence(step.span_of("steps"), "where a `break` leaves this group, it has no value")
        after = self._left(step, end, left, before, why)
        for body in last:
            self.sequence(body.steps, self.finally_(step, before, end, after))
        return self._caught(step, after, before)

    def _repeat(self, step: Repeat, before: S) -> S:
        end, left = self.rounds(step, before)
        limit = self.leaves(end, before) if end.reached and fails_only_at_its_limit(self.workflow, step) else None
        over = self.ended(step, before, end)
        if step.rounds.until is None and step.rounds.while_ is None:
            # Only `break` leaves such a loop: after its last round it fails.
            over = replace(over, reached=False)
        why = Absence(kind_span(step), "where the loop is left early, it has no value")
        after = self._left(step, over, left, before, why)
        return self._caught(step, self.unbound(step, after, before), before, limit)

    def _left(self, step: Step, end: S, left: Iterable[S], before: S, why: Absence) -> S:
        """What holds after a step that ends by itself or by a `break`."""
        ends: list[tuple[S, Absence | None]] = [(self.valued(step, self.leaves(end, before)), None)]
        return self.joined([*ends, *((self.valued(step, self.leaves(one, before)), why) for one in left)])

    def _caught(self, step: Step, after: S, before: S, limit: S | None = None) -> S:
        """The step's normal end and those of its handlers, whose values are the step's.

        `limit` is the state after the last round of a loop, if nothing else in the loop fails with that error.
        """
        ends: list[tuple[S, Absence | None]] = [(after, None)]
        for catcher in catchers_of(step):
            why = Absence(catcher.span_of("errors"), "where this is caught, it has no value")
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
        """What undoes a step sees the state that the step left."""
        undoing = undoing_of(step)
        if undoing is not None:
            self.undoing(undoing, done)
            for catcher in undoing.catch:
                self.sequence(catcher.steps or (), self.handling(done, catcher))
        return done

    @abstractmethod
    def joined(self, ends: Sequence[tuple[S, Absence | None]]) -> S:
        """What holds whichever end was reached. An end comes with the reason why it lacks what the others have."""

    @abstractmethod
    def condition(self, step: Step, condition: Expression, state: S) -> tuple[S, S]:
        """The states in which a step with an `if` runs, and in which it was skipped."""

    @abstractmethod
    def task(self, step: Task, state: S) -> S: ...

    @abstractmethod
    def simple(self, step: Wait | Set | Asl | Return | Fail, state: S) -> S: ...

    @abstractmethod
    def entries(self, step: Switch | Match, state: S) -> tuple[list[S], S | None]:
        """The state in which each branch is entered, and the one in which none is; None where one always is."""

    @abstractmethod
    def parallel(self, step: Parallel, state: S) -> S: ...

    @abstractmethod
    def for_each(self, step: ForEach, state: S) -> S: ...

    @abstractmethod
    def rounds(self, step: Repeat, state: S) -> tuple[S, list[S]]:
        """The end of any round, and the states in which a `break` leaves the loop."""

    @abstractmethod
    def ended(self, step: Repeat, before: S, end: S) -> S:
        """The state in which a loop's own condition ends it; `end` is that of a round."""

    @abstractmethod
    def valued(self, step: Step, state: S) -> S:
        """The value before becomes the step's."""

    @abstractmethod
    def failed(self, step: Step, before: S, after: S, why: Absence) -> S:
        """What holds where a step failed halfway."""

    @abstractmethod
    def finally_(self, step: Group, before: S, end: S, after: S) -> S:
        """What holds at the start of `finally`; `end` is that of the group's steps, `after` joins it with jumps."""

    @abstractmethod
    def handling(self, state: S, catcher: Catcher, raising: tuple[Steps, ...] = ()) -> S:
        """The state in which a handler begins: `$error` is bound, to what `raising` and the step itself may raise."""

    @abstractmethod
    def handled(self, end: S, before: S) -> S:
        """The state after a handler: `$error` is what it was."""

    @abstractmethod
    def undoing(self, undoing: Task, state: S) -> None: ...

    @abstractmethod
    def at_any_time(self, start: S, catcher: Catcher) -> S:
        """The state in which the workflow's own handler begins."""

    @abstractmethod
    def shared(self, handler: Handler, uses: Sequence[S]) -> S | None:
        """The state in which a shared handler begins; None where it need not be looked at."""

    def enters(self, step: Step, state: S) -> None:
        """Called before each step."""

    def ran(self, step: Step, before: S, after: S) -> None:
        """Called after each step."""

    def leaves(self, state: S, outer: S) -> S:
        """The state without what holds only in the body that control leaves."""
        del outer
        return state

    def unbound(self, step: Repeat, state: S, before: S) -> S:
        """The state after a loop without the loop's variable."""
        del step, before
        return state

    def workflow_ends(self, end: S) -> None:
        """Called with the state after the last step."""


def fails_only_at_its_limit(workflow: Workflow, loop: Repeat) -> bool:
    """Whether `RepeatLimitExceeded` comes from `loop` itself, and so after a whole round, and from nothing in it."""
    if loop.rounds.most is None or any(
        function.error(LIMIT_EXCEEDED) is not None for function in workflow.functions.values()
    ):
        return False
    return not any(isinstance(step, Repeat | Asl | Fail) for step in walk(loop.steps))
