"""Lowers steps to states. A list of steps is lowered backwards, so that the successor of each step is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import assert_never

from flowgen.asl.states import ABSENT, Choice, ChoiceRule, Pass, Raw, State, StateMachine
from flowgen.asl.states import Task as TaskState
from flowgen.asl.states import Wait as WaitState
from flowgen.compile import branching, groups, loops
from flowgen.compile.child_errors import caught_by_name, first_catcher, of_any_failure, with_details
from flowgen.compile.compensation import compensations
from flowgen.compile.defaults import fill
from flowgen.compile.edges import PASSED_ON, Edge, Flowing, Lowered, Scope, ended, target
from flowgen.compile.errors import ErrorScope, lower_fail, raise_again, raised_inside
from flowgen.compile.liveness import Live, is_volatile, live_names
from flowgen.compile.names import (
    check_state,
    condition_state,
    end_state,
    input_state,
    kept_state,
    raise_state,
    skipped_state,
    start_state,
    status_state,
    workflow_owner,
)
from flowgen.compile.records import unwrapped
from flowgen.compile.retries import retriers
from flowgen.compile.substitutions import parameter_kinds
from flowgen.compile.tasks import Request, request
from flowgen.compile.templates import enclosed, is_enclosed, output, renamed, template
from flowgen.compile.validation import Checked, check_first, check_of, check_of_input
from flowgen.model import (
    Asl,
    Aws,
    Break,
    Call,
    Continue,
    Expression,
    Fail,
    ForEach,
    Group,
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
    Until,
    Value,
    Wait,
    Workflow,
    every_step,
)
from flowgen.model.flow import completes
from flowgen.model.raised import NO_ERRORS, RaisedErrors
from flowgen.model.validation import validated

NO_CHILDREN: Mapping[str, RaisedErrors] = MappingProxyType({})
ALONE: Mapping[str, Workflow] = MappingProxyType({})


def compile_workflow(
    workflow: Workflow,
    express: frozenset[str] = frozenset(),
    children: Mapping[str, RaisedErrors] = NO_CHILDREN,
    others: Mapping[str, Workflow] = ALONE,
) -> StateMachine:
    """The state machine of a workflow without errors. Deterministic.

    `express` names the express workflows of the project, which need a different way of waiting. `children` has the
    errors of the child workflows by the name of the child. `others` are the workflows that this one may run, by name.
    """
    live = live_names(workflow)
    given = unwrapped(workflow)
    filled = fill(workflow, live, given)
    names = {
        "input": "$states.context.Execution.Input" if filled is None else "$input",
        "context": "$states.context",
        **parameter_kinds(workflow),
    }
    owner = workflow_owner(workflow)
    end = end_state(owner)
    lowering = Lowering(workflow, live, express, children, others)
    body = lowering.whole(Scope(names, ErrorScope(), end))
    states, start = body.states, body.entry.target or end
    if filled is not None:
        expression = Flowing.expression(filled)
        assign = body.entry.assign(expression, {"input": filled} if live.input_references else {})
        first = Pass(input_state(owner), start, output=expression.template, assign=assign)
        start, states = first.name, (first, *states)
    elif body.entry.kept or body.entry.variables:
        first = Pass(input_state(owner), start, assign=body.entry.assign(PASSED_ON))
        start, states = first.name, (first, *states)
    check = check_of_input(workflow, fills=filled is not None)
    if check is not None:
        sent = given or "$states.input"
        unfilled = {"input": sent} if filled is not None and live.input_references else {}
        checked = check_first(owner, check, sent, start, ErrorScope(lowering.workflow_handlers), unfilled)
        start, states = check_state(owner), (*checked.states, *states)
    return StateMachine(
        start,
        ended(states, end, start),
        comment=workflow.description,
        timeout_seconds=workflow.timeout.seconds if workflow.timeout else None,
    )


class Lowering:
    """The context of the whole workflow while its steps are lowered."""

    def __init__(
        self,
        workflow: Workflow,
        live: Live,
        express: frozenset[str],
        children: Mapping[str, RaisedErrors],
        others: Mapping[str, Workflow] = ALONE,
    ) -> None:
        self.workflow, self.express, self.children, self.others = workflow, express, children, others
        self.detailed = frozenset[str]().union(*(raised.detailed() for raised in children.values()))
        self.bare = raised_inside(workflow)
        self.undo = compensations(workflow)
        self.live = live.steps | self.undo.live()
        self.handlers: dict[str, Lowered] = {}
        self.workflow_handlers: groups.Handlers = ()
        self.ids = frozenset(step.id for step in every_step(workflow))
        self.enveloped = frozenset(
            step.id
            for step in every_step(workflow)
            if isinstance(step, Call) and workflow.functions[step.function].enveloped
        )
        """The steps whose call sends its position."""

    def outer_names(self, scope: Scope) -> frozenset[str]:
        """The names that have a value at a step: those in scope, and those of steps."""
        return self.ids | {name for name in scope.names if "." not in name}

    def whole(self, scope: Scope) -> Lowered:
        """The steps of the workflow with everything around them."""
        return groups.lower_whole(self, scope)

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
            return self._kind(step, inner, scope, returned)
        return self._conditional(step, self._kind(step, inner, scope.later(), returned), out, scope)

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
            made = self._made(skipped_state(step.id), step.skipped, out, scope.later())
            bound = Edge(None).assign(scope.passed_on(), scope.binds)
            skip = replace(skip, default=skipped_state(step.id), assign=bound)
            return Lowered(Edge(skip.name), (skip, *lowered.states, *made))
        assign = out.assign(Flowing.value(step.skipped, names), scope.binds)
        skip = replace(skip, output=output(step.skipped, names), assign=assign)
        return Lowered(Edge(skip.name), (skip, *lowered.states))

    def _made(self, name: str, value: Value, out: Edge, scope: Scope, comment: str | None = None) -> tuple[State, ...]:
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

    def _kind(self, step: Step, out: Edge, scope: Scope, returned: Return | None) -> Lowered:
        names = scope.own_names
        match step:
            case Call() | Aws() | Http() | RunWorkflow():
                return self._task(step, out, scope, returned)
            case Wait():
                return self._wait(step, out, scope)
            case Set(value=value):
                return Lowered(Edge(step.id, ignores=True), self._made(step.id, value, out, scope, step.description))
            case Asl():
                return self._asl(step, out, scope)
            case Switch():
                return branching.lower_switch(self, step, out, scope)
            case Match():
                return branching.lower_match(self, step, out, scope)
            case Parallel():
                return branching.lower_parallel(self, step, out, scope)
            case ForEach():
                return loops.lower_for_each(self, step, out, scope)
            case Repeat():
                return loops.lower_repeat(self, step, out, scope)
            case Group():
                return groups.lower_group(self, step, out, scope)
            case Break(target=name) | Continue(target=name):
                return loops.lower_jump(step, name, scope)
            case Return(value=value):
                return groups.lower_return(step, value, scope)
            case Fail():
                first, *others = lower_fail(step, names, self.errors(step.id, scope))
                if isinstance(first, Pass):
                    # The catcher may read variables that are bound at the entry.
                    first = replace(first, assign={**_bound(scope), **first.assign})
                return Lowered(Edge(step.id, ignores=True), (first, *others))
            case _:
                assert_never(step)

    def _task(self, step: Task, out: Edge, scope: Scope, returned: Return | None) -> Lowered:
        names = scope.own_names
        handlers, states = groups.lower_catch(self, step.id, step.catch, out, scope)
        asked = request(self.workflow, step, names, scope.before, self.express, scope.iteration)
        checked = self.checked(step)
        if checked is not None:
            states = (*checked.states(out, scope, self.errors(step.id, scope).within(handlers)), *states)
            out = checked.entry(asked.result)
        if asked.tells_status:
            return self._told_by_status(step, asked, handlers, states, out, scope)
        flowing = Flowing.expression(asked.result)
        value = flowing.template if returned is None else output(returned.value, {**names, step.id: asked.result})
        first, raised = self._child_failure(step, handlers, scope)
        task = TaskState(
            step.id,
            out.target if returned is None else None,
            asked.resource,
            arguments=asked.arguments,
            output=ABSENT if value == enclosed("$states.result") else value,
            assign=out.assign(flowing, scope.binds) if returned is None else {},
            retry=retriers(self.workflow, step),
            catch=(*first, *self.catchers(step.id, handlers, scope)),
            timeout_seconds=step.timeout.seconds if step.timeout else self._default_timeout(),
            heartbeat_seconds=step.heartbeat.seconds if step.heartbeat else None,
            comment=step.description,
        )
        ignores = not (isinstance(step, Call | RunWorkflow) and step.argument is None)
        return Lowered(Edge(step.id, ignores=ignores), (task, *raised, *states))

    def checked(self, step: Step) -> Checked | None:
        """The check of the value that a step receives from outside, if there is one."""
        check = check_of(validated(self.workflow, step, self.others))
        return None if check is None else Checked(step.id, check)

    def _child_failure(
        self, step: Task, handlers: groups.Handlers, scope: Scope
    ) -> tuple[groups.Handlers, tuple[State, ...]]:
        """The catcher and the states that catch a child's error by name."""
        errors = self.errors(step.id, scope).within(handlers)
        names = caught_by_name(self._raised(step), errors)
        if not names:
            return (), ()
        bound = {name: enclosed(text) for name, text in scope.binds.items()}
        first = replace(first_catcher(self._raised(step), names, raise_state(step.id)), assign=bound)
        return (first,), raise_again(raise_state(step.id), "$states.input", of_any_failure(errors))

    def _raised(self, step: Task) -> RaisedErrors:
        waits = isinstance(step, RunWorkflow) and not step.detached
        return self.children.get(step.workflow, NO_ERRORS) if waits and isinstance(step, RunWorkflow) else NO_ERRORS

    def _told_by_status(
        self, step: Task, asked: Request, handlers: groups.Handlers, handled: tuple[State, ...], out: Edge, scope: Scope
    ) -> Lowered:
        """A task that reports its failure as a result: a Choice checks its status and raises the error."""
        names = self.errors(step.id, scope).within(handlers).named()
        detailed = with_details(self._raised(step), names, "$states.result")
        task = TaskState(
            step.id,
            status_state(step.id),
            asked.resource,
            arguments=asked.arguments,
            output=ABSENT if detailed is None else enclosed(detailed),
            assign=Edge(None).assign(scope.passed_on(), scope.binds),
            retry=retriers(self.workflow, step),
            catch=self.catchers(step.id, handlers, scope),
            timeout_seconds=step.timeout.seconds if step.timeout else self._default_timeout(),
            comment=step.description,
        )
        flowing = Flowing.expression(asked.result)
        condition = enclosed("$states.input.Status = 'SUCCEEDED'")
        rule = ChoiceRule(condition, target(out, scope), flowing.template, out.assign(flowing))
        choice = Choice(status_state(step.id), (rule,), raise_state(step.id))
        raised = raise_again(raise_state(step.id), "$states.input", self.errors(step.id, scope).within(handlers))
        first = raised[0]
        # The value with the status also selects the handler of the failure.
        if isinstance(first, Choice):
            choice = replace(choice, rules=(rule, *first.rules), default=first.default, assign=first.assign)
            raised = raised[1:]
        elif isinstance(first, Pass):
            choice = replace(choice, default=first.next, assign=first.assign)
            raised = ()
        return Lowered(Edge(step.id), (task, choice, *raised, *handled))

    def catchers(self, step: str, handlers: groups.Handlers, scope: Scope) -> groups.Handlers:
        """The `Catch` of a state: its own catchers before all other active ones."""
        every = self.errors(step, scope).within(handlers).catchers()
        bound = _bound(scope)
        return tuple(replace(catcher, assign={**bound, **catcher.assign}) for catcher in every) if bound else every

    def errors(self, step: str, scope: Scope) -> ErrorScope:
        """All catchers for a step: its enclosing groups, the compensations of previous steps, and the workflow."""
        if scope.inner:
            return scope.errors
        return scope.errors.within_last(self.undo.catchers(step)).within_last(self.workflow_handlers)

    def _default_timeout(self) -> int | None:
        defaults = self.workflow.defaults
        return defaults.timeout.seconds if defaults and defaults.timeout else None

    def _wait(self, step: Wait, out: Edge, scope: Scope) -> Lowered:
        names = scope.own_names
        state = WaitState(
            step.id,
            out.target,
            assign=out.assign(scope.passed_on(), scope.binds),
            comment=step.description,
            **scope.passing(),
        )
        match step.duration:
            case Expression() as seconds:
                state = replace(state, seconds=enclosed(renamed(seconds, names)))
            case Until(timestamp=timestamp):
                state = replace(state, timestamp=template(timestamp, names))
            case duration:
                state = replace(state, seconds=duration.seconds)
        return Lowered(Edge(step.id), (state,))

    def _asl(self, step: Asl, out: Edge, scope: Scope) -> Lowered:
        """The value of a raw state is its `Output`; without `Output`, the default output of such a state."""
        if scope.is_entry:
            return self.entered(step.id, scope, lambda own: self._asl(step, out, own))
        written = step.state.get("Output")
        by_itself = "$states.input" if step.state["Type"] in ("Pass", "Wait") else "$states.result"
        text = str(written)[2:-2].strip() if is_enclosed(written) else by_itself
        flowing = Flowing.expression(by_itself) if written is None else Flowing(written, text)
        own = step.state.get("Catch", ())
        complete = any("States.ALL" in catcher.get("ErrorEquals", ()) for catcher in own)
        catches = step.state["Type"] in ("Task", "Parallel", "Map") and not complete
        around = self.errors(step.id, scope).catchers() if catches else ()
        state = Raw(step.id, out.target, step.state, out.assign(flowing), around, step.description)
        return Lowered(Edge(step.id), (state,))

    def entered(self, step: str, scope: Scope, lower: groups.Lower) -> Lowered:
        """A separate state that binds variables before a step whose own states cannot."""
        lowered = lower(scope.later())
        start = Pass(
            start_state(step),
            target(lowered.entry, scope),
            assign=lowered.entry.assign(scope.passed_on(), scope.binds),
            **scope.passing(),
        )
        return Lowered(Edge(start.name), (start, *lowered.states))


def _bound(scope: Scope) -> dict[str, str]:
    """The `Assign` of the variables that the entry state of a scope must bind."""
    return {name: enclosed(text) for name, text in scope.binds.items()}
