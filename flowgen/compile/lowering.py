"""The recursion over steps. A list of steps is lowered backwards, so that the successor of each step is known."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

from flowgen.asl.states import Catcher, Choice, ChoiceRule, Pass, State
from flowgen.compile.compensation import compensations
from flowgen.compile.edges import PASSED_ON, Edge, Flowing, Lowered, Scope, target
from flowgen.compile.errors import ErrorScope, raised_inside
from flowgen.compile.liveness import Live, is_volatile
from flowgen.compile.names import condition_state, kept_state, skipped_state, start_state
from flowgen.compile.retries import retriers
from flowgen.compile.templates import enclosed, output, renamed
from flowgen.compile.validation import Checked, check_of
from flowgen.model import Aws, Call, Http, Return, RunWorkflow, Step, Steps, Value, Workflow, every_step
from flowgen.model.flow import completes
from flowgen.model.outside import validated
from flowgen.model.raised import RaisedErrors

Handlers: TypeAlias = tuple[Catcher, ...]
Lower: TypeAlias = Callable[[Scope], Lowered]


class Lowering(ABC):
    """The context of the whole workflow while its steps are lowered.

    The functions that lower steps with steps inside them call back to it; `kind` selects among these functions.
    """

    def __init__(
        self,
        workflow: Workflow,
        live: Live,
        express: frozenset[str],
        children: Mapping[str, RaisedErrors],
        others: Mapping[str, Workflow],
    ) -> None:
        self.workflow, self.express, self.children, self.others = workflow, express, children, others
        self.detailed = frozenset[str]().union(*(raised.detailed() for raised in children.values()))
        self.bare = raised_inside(workflow)
        self.undo = compensations(workflow)
        self.live = live.steps | self.undo.live()
        self.handlers: dict[str, Lowered] = {}
        self.workflow_handlers: Handlers = ()
        self.ids = frozenset(step.id for step in every_step(workflow))
        self.enveloped = frozenset(
            step.id
            for step in every_step(workflow)
            if isinstance(step, Call) and workflow.functions[step.function].enveloped
        )
        """The steps whose call sends its position."""

    @abstractmethod
    def kind(self, step: Step, out: Edge, scope: Scope, returned: Return | None) -> Lowered:
        """Lowers one step without its `if`."""

    def outer_names(self, scope: Scope) -> frozenset[str]:
        """The names that have a value at a step: those in scope, and those of steps."""
        return self.ids | {name for name in scope.names if "." not in name}

    def sequence(self, steps: Steps, out: Edge, scope: Scope) -> Lowered:
        """Lowers a list of steps that leaves along `out`."""
        reachable = steps
        for index, step in enumerate(steps):
            if not completes(step):
                reachable = steps[: index + 1]
                break
        reachable, folded = self._fold_return(reachable, scope)
        edge = out
        states: tuple[State, ...] = ()
        for index in reversed(range(len(reachable))):
            own = scope if index == 0 else scope.later()
            lowered = self.step(reachable[index], edge, own, folded if index == len(reachable) - 1 else None)
            edge, states = lowered.entry, (*lowered.states, *states)
        return Lowered(edge, states)

    def _fold_return(self, steps: Steps, scope: Scope) -> tuple[Steps, Return | None]:
        """A `return` directly after a task needs no state: the task's `Output` is its value.

        Only if it makes no difference: otherwise a failing expression would be retried or caught together with the
        task.
        """
        if len(steps) < 2 or scope.returns is not None:  # noqa: PLR2004 - a task and a return
            return steps, None
        task, last = steps[-2:]
        if (
            isinstance(last, Return)
            and last.condition is None
            and isinstance(task, Call | Aws | Http | RunWorkflow)
            and task.condition is None
            and not task.catch
            and self.checked(task) is None
            and not (isinstance(task, RunWorkflow) and task.workflow in self.express)
            and not self.errors(task.id, scope).handlers
            and not any(retrier.errors[0] == "States.ALL" for retrier in retriers(self.workflow, task))
        ):
            return steps[:-1], last
        return steps, None

    def step(self, step: Step, out: Edge, scope: Scope, returned: Return | None = None) -> Lowered:
        """Lowers one step that leaves along `out`; `returned` is the `return` that was folded into it."""
        inner = out.keeping((step.id,) if step.id in self.live else ())
        if step.condition is None:
            return self.kind(step, inner, scope, returned)
        return self._conditional(step, self.kind(step, inner, scope.later(), returned), out, scope)

    def _conditional(self, step: Step, lowered: Lowered, out: Edge, scope: Scope) -> Lowered:
        names = scope.own_names
        assert step.condition is not None  # noqa: S101 - the caller asked
        skip = Choice(
            condition_state(step.id),
            (self.rule(renamed(step.condition, names), lowered.entry, scope),),
            default=target(out, scope),
            assign=out.assign(scope.passed_on(), scope.binds),
            **scope.passing(),
        )
        if step.skipped is None:
            return Lowered(Edge(skip.name), (skip, *lowered.states))
        out = out.keeping((step.id,) if step.id in self.live else ())
        if out.variables and is_volatile(step.skipped):
            made = self.made(skipped_state(step.id), step.skipped, out, scope.later())
            bound = Edge(None).assign(scope.passed_on(), scope.binds)
            skip = replace(skip, default=skipped_state(step.id), assign=bound)
            return Lowered(Edge(skip.name), (skip, *lowered.states, *made))
        assign = out.assign(Flowing.value(step.skipped, names), scope.binds)
        skip = replace(skip, output=output(step.skipped, names), assign=assign)
        return Lowered(Edge(skip.name), (skip, *lowered.states))

    def made(self, name: str, value: Value, out: Edge, scope: Scope, comment: str | None = None) -> tuple[State, ...]:
        """A state that sets a value; two for `$uuid()`, because `Output` and `Assign` are evaluated separately."""
        names = scope.own_names
        made, assign = output(value, names), out.assign(Flowing.value(value, names), scope.binds)
        if not out.variables or not is_volatile(value):
            return (Pass(name, out.target, made, assign, comment),)
        if out.ignores:
            return (Pass(name, out.target, assign=assign, comment=comment),)
        bound = Edge(None).assign(scope.passed_on(), scope.binds)
        return (
            Pass(name, kept_state(name), made, bound, comment),
            Pass(kept_state(name), out.target, assign=out.assign(PASSED_ON)),
        )

    def rule(self, condition: str, entry: Edge, scope: Scope) -> ChoiceRule:
        """A rule that leaves along `entry` if the condition (JSONata) is true."""
        assign = entry.assign(scope.passed_on(), scope.binds)
        return ChoiceRule(enclosed(condition), target(entry, scope), assign=assign, **scope.passing())

    def checked(self, step: Step) -> Checked | None:
        """The check of the value that a step receives from outside, if there is one."""
        check = check_of(validated(self.workflow, step, self.others))
        return None if check is None else Checked(step.id, check)

    def catchers(self, step: str, handlers: Handlers, scope: Scope) -> Handlers:
        """The `Catch` of a state: its own catchers before all other active ones."""
        every = self.errors(step, scope).within(handlers).catchers()
        at_entry = bound(scope)
        return tuple(replace(one, assign={**at_entry, **one.assign}) for one in every) if at_entry else every

    def errors(self, step: str, scope: Scope) -> ErrorScope:
        """All catchers for a step: its enclosing groups, the compensations of previous steps, and the workflow."""
        if scope.inner:
            return scope.errors
        return scope.errors.within_last(self.undo.catchers(step)).within_last(self.workflow_handlers)

    def entered(self, step: str, scope: Scope, lower: Lower) -> Lowered:
        """A separate state that binds variables before a step whose own states cannot."""
        lowered = lower(scope.later())
        start = Pass(
            start_state(step),
            target(lowered.entry, scope),
            assign=lowered.entry.assign(scope.passed_on(), scope.binds),
            **scope.passing(),
        )
        return Lowered(Edge(start.name), (start, *lowered.states))


def bound(scope: Scope) -> dict[str, str]:
    """The `Assign` of the variables that the entry state of a scope must bind."""
    return {name: enclosed(text) for name, text in scope.binds.items()}
