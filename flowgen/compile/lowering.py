"""Steps to states. A list of steps is lowered from its end to its start, so that each knows where control goes next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from flowgen.asl.states import (
    ABSENT,
    Catcher,
    Choice,
    ChoiceRule,
    Pass,
    State,
    StateMachine,
    Succeed,
    Task,
    Template,
)
from flowgen.asl.states import Wait as WaitState
from flowgen.compile.calls import call_arguments, result_output
from flowgen.compile.defaults import fill
from flowgen.compile.errors import ErrorScope, Handler, asl_errors, caught_error, lower_fail
from flowgen.compile.liveness import Names, is_volatile, live_names, reads_error
from flowgen.compile.names import condition_state, end_state, error_variable, input_state, kept_state, skipped_state
from flowgen.compile.retries import retriers
from flowgen.compile.templates import enclosed, output, renamed, template
from flowgen.model import (
    Call,
    Expression,
    Fail,
    Group,
    Return,
    Set,
    Step,
    Switch,
    Until,
    Value,
    Wait,
    Workflow,
)
from flowgen.model import Catcher as ModelCatcher
from flowgen.model.flow import completes

INPUT = enclosed("$states.input")


@dataclass(frozen=True, slots=True)
class Edge:
    """Where control goes (None: the end), and the variables that get the value which flows along."""

    target: str | None
    variables: tuple[str, ...] = ()
    ignores: bool = False
    """Whether what is there has no use for the value that flows along."""

    def keeping(self, variables: tuple[str, ...]) -> Edge:
        return replace(self, variables=self.variables + variables)


@dataclass(frozen=True, slots=True)
class Lowered:
    """What a step or a list of steps became: how it is entered, and its states in the order of the text."""

    entry: Edge
    states: tuple[State, ...] = ()


def compile_workflow(workflow: Workflow) -> StateMachine:
    """The state machine of a workflow without errors. Deterministic."""
    live = live_names(workflow)
    names = {"input": "$states.context.Execution.Input", "context": "$states.context"}
    filled = fill(workflow, live)
    if filled is not None:
        names["input"] = "$input"
    body = _Lowering(workflow, live.steps).sequence(workflow.steps, Edge(None), _Scope(names, ErrorScope()))
    states = body.states
    entry = body.entry.target or end_state(workflow.name)
    if filled is not None or body.entry.variables:
        expression = INPUT if filled is None else enclosed(filled)
        start = Pass(
            input_state(workflow.name),
            entry,
            output=ABSENT if filled is None else expression,
            assign=_assign((*(() if filled is None else ("input",)), *body.entry.variables), expression),
        )
        entry, states = start.name, (start, *states)
    if not states or any(_leads_to(state, end_state(workflow.name)) for state in states):
        states = (*states, Succeed(end_state(workflow.name)))
    return StateMachine(
        entry,
        states,
        comment=workflow.description,
        timeout_seconds=workflow.timeout.seconds if workflow.timeout else None,
    )


def _leads_to(state: State, name: str) -> bool:
    targets: list[str | None] = []
    match state:
        case Task(next=after, catch=catch):
            targets = [after, *(catcher.next for catcher in catch)]
        case Pass(next=after) | WaitState(next=after):
            targets = [after]
        case Choice(rules=rules, default=default):
            targets = [default, *(rule.next for rule in rules)]
        case _:
            pass
    return name in targets


@dataclass(frozen=True, slots=True)
class _Scope:
    """What holds where a step stands: what its names mean, and who catches what it raises."""

    names: Names
    errors: ErrorScope


class _Lowering:
    def __init__(self, workflow: Workflow, live: frozenset[str]) -> None:
        self.workflow, self.live = workflow, live

    def sequence(self, steps: tuple[Step, ...], out: Edge, scope: _Scope) -> Lowered:
        reachable = steps
        for index, step in enumerate(steps):
            if not completes(step):
                reachable = steps[: index + 1]
                break
        reachable, folded = self._fold_return(reachable, scope)
        edge = out
        states: tuple[State, ...] = ()
        for step in reversed(reachable):
            lowered = self.step(step, edge, scope, folded if step is reachable[-1] else None)
            edge, states = lowered.entry, (*lowered.states, *states)
        return Lowered(edge, states)

    def _fold_return(self, steps: tuple[Step, ...], scope: _Scope) -> tuple[tuple[Step, ...], Return | None]:
        """A `return` right after a call needs no state: the call's own `Output` is its value.

        Only where nothing could notice: an expression that fails would be retried or caught along with the call.
        """
        if len(steps) < 2:  # noqa: PLR2004 - a call and a return
            return steps, None
        call, last = steps[-2:]
        if (
            isinstance(last, Return)
            and last.condition is None
            and isinstance(call, Call)
            and call.condition is None
            and not call.catch
            and not scope.errors.handlers
            and not any(retrier.errors[0] == "States.ALL" for retrier in retriers(self.workflow, call))
        ):
            return steps[:-1], last
        return steps, None

    def step(self, step: Step, out: Edge, scope: _Scope, returned: Return | None = None) -> Lowered:
        own = (step.id,) if step.id in self.live else ()
        inner = out.keeping(own)
        lowered = self._kind(step, inner, scope, returned)
        return lowered if step.condition is None else self._conditional(step, lowered, out, scope)

    def _conditional(self, step: Step, lowered: Lowered, out: Edge, scope: _Scope) -> Lowered:
        assert step.condition is not None  # noqa: S101 - the caller asked
        rule = self._rule(step.condition, lowered.entry, scope)
        skip = Choice(
            condition_state(step.id), (rule,), default=self._target(out), assign=_assign(out.variables, INPUT)
        )
        if step.skipped is None:
            return Lowered(Edge(skip.name), (skip, *lowered.states))
        out = out.keeping((step.id,) if step.id in self.live else ())
        if out.variables and is_volatile(step.skipped):
            made = self._made(skipped_state(step.id), step.skipped, out, scope)
            skip = replace(skip, default=skipped_state(step.id), assign={})
            return Lowered(Edge(skip.name), (skip, *lowered.states, *made))
        assign = _assign(out.variables, template(step.skipped, scope.names))
        skip = replace(skip, output=output(step.skipped, scope.names), assign=assign)
        return Lowered(Edge(skip.name), (skip, *lowered.states))

    def _made(self, name: str, value: Value, out: Edge, scope: _Scope, comment: str | None = None) -> tuple[State, ...]:
        """A state that makes a value; two for `$uuid()`, since `Output` and `Assign` are evaluated each for itself."""
        made, assigned = output(value, scope.names), _assign(out.variables, template(value, scope.names))
        if not assigned or not is_volatile(value):
            return (Pass(name, out.target, output=made, assign=assigned, comment=comment),)
        if out.ignores:
            return (Pass(name, out.target, assign=assigned, comment=comment),)
        kept = kept_state(name)
        return (
            Pass(name, kept, output=made, comment=comment),
            Pass(kept, out.target, assign=_assign(out.variables, INPUT)),
        )

    def _kind(self, step: Step, out: Edge, scope: _Scope, returned: Return | None) -> Lowered:
        match step:
            case Call():
                return self._call(step, out, scope, returned)
            case Wait():
                return self._wait(step, out, scope)
            case Set(value=value):
                made = self._made(step.id, value, out, scope, step.description)
                return Lowered(Edge(step.id, ignores=True), made)
            case Switch():
                return self._switch(step, out, scope)
            case Group(steps=steps, catch=catch):
                handlers, states = self._handlers(step, catch, out, scope)
                body = self.sequence(steps, out, replace(scope, errors=scope.errors.within(handlers)))
                return Lowered(body.entry, (*body.states, *states))
            case Return(value=value):
                ended = Succeed(step.id, output=output(value, scope.names), comment=step.description)
                return Lowered(Edge(step.id, ignores=True), (ended,))
            case Fail():
                return Lowered(Edge(step.id, ignores=True), lower_fail(step, scope.names, scope.errors))
            case _:
                assert_never(step)

    def _call(self, step: Call, out: Edge, scope: _Scope, returned: Return | None) -> Lowered:
        function = self.workflow.functions[step.function]
        handlers, states = self._handlers(step, step.catch, out, scope)
        result = result_output(scope.names, step.id, returned)
        task = Task(
            step.id,
            None if returned else out.target,
            "arn:aws:states:::lambda:invoke",
            arguments=call_arguments(self.workflow, step, function, scope.names),
            output=result,
            assign={} if returned else _assign(out.variables, result),
            retry=retriers(self.workflow, step),
            catch=scope.errors.within(handlers).catchers(),
            timeout_seconds=step.timeout.seconds if step.timeout else self._default_timeout(),
            comment=step.description,
        )
        return Lowered(Edge(step.id, ignores=step.argument is not None), (task, *states))

    def _default_timeout(self) -> int | None:
        defaults = self.workflow.defaults
        return defaults.timeout.seconds if defaults and defaults.timeout else None

    def _wait(self, step: Wait, out: Edge, scope: _Scope) -> Lowered:
        duration = step.duration
        state = WaitState(
            step.id,
            out.target,
            assign=_assign(out.variables, INPUT),
            comment=step.description,
        )
        if isinstance(duration, Expression):
            state = replace(state, seconds=enclosed(renamed(duration, scope.names)))
        elif isinstance(duration, Until):
            state = replace(state, timestamp=template(duration.timestamp, scope.names))
        else:
            state = replace(state, seconds=duration.seconds)
        return Lowered(Edge(step.id), (state,))

    def _switch(self, step: Switch, out: Edge, scope: _Scope) -> Lowered:
        rules = [(rule, self.sequence(rule.steps, out, scope)) for rule in step.rules]
        otherwise = Lowered(out) if step.otherwise is None else self.sequence(step.otherwise, out, scope)
        # Without `else` the switch has no value of its own when nothing holds: the value before flows on.
        flowing = otherwise.entry.variables
        if step.otherwise is None:
            flowing = tuple(name for name in flowing if name != step.id)
        choice = Choice(
            step.id,
            tuple(self._rule(rule.when, lowered.entry, scope) for rule, lowered in rules),
            default=self._target(otherwise.entry),
            assign=_assign(flowing, INPUT),
            comment=step.description,
        )
        bodies = (state for _, lowered in rules for state in lowered.states)
        return Lowered(Edge(step.id), (choice, *bodies, *otherwise.states))

    def _rule(self, condition: Expression, entry: Edge, scope: _Scope) -> ChoiceRule:
        return ChoiceRule(
            enclosed(renamed(condition, scope.names)), self._target(entry), assign=_assign(entry.variables, INPUT)
        )

    def _handlers(
        self, owner: Step, catch: tuple[ModelCatcher, ...], out: Edge, scope: _Scope
    ) -> tuple[tuple[Handler, ...], tuple[State, ...]]:
        """The catchers of a step, outermost last, and the states of their steps (entered by the catchers alone)."""
        handlers: list[Handler] = []
        states: tuple[State, ...] = ()
        for catcher in catch:
            variable = error_variable(owner.id)
            body = self.sequence(catcher.steps, out, replace(scope, names={**scope.names, "error": f"${variable}"}))
            value = caught_error(self.workflow, catcher.errors)
            flowing = value or "$states.errorOutput"
            kept = (variable,) if reads_error(catcher.steps) else ()
            handlers.append(
                Handler(
                    Catcher(
                        asl_errors(catcher.errors),
                        self._target(body.entry),
                        output=ABSENT if value is None else enclosed(value),
                        assign=_assign((*kept, *body.entry.variables), enclosed(flowing)),
                    )
                )
            )
            states = (*states, *body.states)
        return tuple(handlers), states

    def _target(self, edge: Edge) -> str:
        """A state to name where a state must be named: a Choice and a catcher can't end the execution themselves."""
        return edge.target or end_state(self.workflow.name)


def _assign(variables: tuple[str, ...], value: Template) -> Mapping[str, Template]:
    """Each variable gets the value. AWS's validators refuse an empty text there unless it is an expression."""
    return dict.fromkeys(dict.fromkeys(variables), enclosed("''") if value == "" else value)
