"""Each kind of step as states: tasks, waits, values and raw states here, the others in their own modules."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from flowgen.asl.states import ABSENT, Choice, ChoiceRule, Pass, Raw, State
from flowgen.asl.states import Task as TaskState
from flowgen.asl.states import Wait as WaitState
from flowgen.compile.branching import lower_match, lower_parallel, lower_switch
from flowgen.compile.child_errors import caught_by_name, first_catcher, of_any_failure, with_details
from flowgen.compile.edges import Edge, Flowing, Lowered, Scope, target
from flowgen.compile.errors import lower_fail, raise_again
from flowgen.compile.groups import lower_catch, lower_group, lower_return
from flowgen.compile.loops import lower_for_each, lower_jump, lower_repeat
from flowgen.compile.lowering import Handlers, Lowering, bound
from flowgen.compile.names import raise_state, status_state
from flowgen.compile.quantities import seconds
from flowgen.compile.retries import retriers
from flowgen.compile.tasks import Request, credentials, request
from flowgen.compile.templates import enclosed, is_enclosed, output, template
from flowgen.model import (
    Asl,
    Aws,
    Break,
    Call,
    Continue,
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
    Switch,
    Task,
    Until,
    Wait,
)
from flowgen.model.raised import NO_ERRORS, RaisedErrors
from flowgen.model.task_settings import timeout_of


class Kinds(Lowering):
    """The recursion over steps, with the function for each kind."""

    def kind(self, step: Step, out: Edge, scope: Scope, returned: Return | None) -> Lowered:
        names = scope.own_names
        match step:
            case Call() | Aws() | Http() | RunWorkflow():
                return self._task(step, out, scope, returned)
            case Wait():
                return self._wait(step, out, scope)
            case Set(value=value):
                return Lowered(Edge(step.id, ignores=True), self.made(step.id, value, out, scope, step.description))
            case Asl():
                return self._asl(step, out, scope)
            case Switch():
                return lower_switch(self, step, out, scope)
            case Match():
                return lower_match(self, step, out, scope)
            case Parallel():
                return lower_parallel(self, step, out, scope)
            case ForEach():
                return lower_for_each(self, step, out, scope)
            case Repeat():
                return lower_repeat(self, step, out, scope)
            case Group():
                return lower_group(self, step, out, scope)
            case Break(target=name) | Continue(target=name):
                return lower_jump(step, name, scope)
            case Return(value=value):
                return lower_return(step, value, scope)
            case Fail():
                first, *others = lower_fail(step, names, self.errors(step.id, scope))
                if isinstance(first, Pass):
                    # The catcher may read variables that are bound at the entry.
                    first = replace(first, assign={**bound(scope), **first.assign})
                return Lowered(Edge(step.id, ignores=True), (first, *others))
            case _:
                assert_never(step)

    def _task(self, step: Task, out: Edge, scope: Scope, returned: Return | None) -> Lowered:
        names = scope.own_names
        handlers, states = lower_catch(self, step.id, step.catch, out, scope)
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
            credentials=credentials(step, names),
            output=ABSENT if value == enclosed("$states.result") else value,
            assign=out.assign(flowing, scope.binds) if returned is None else {},
            retry=retriers(self.workflow, step),
            catch=(*first, *self.catchers(step.id, handlers, scope)),
            timeout_seconds=seconds(timeout_of(self.workflow, step), names),
            heartbeat_seconds=seconds(step.heartbeat, names),
            comment=step.description,
        )
        ignores = not (isinstance(step, Call | RunWorkflow) and step.argument is None)
        return Lowered(Edge(step.id, ignores=ignores), (task, *raised, *states))

    def _child_failure(self, step: Task, handlers: Handlers, scope: Scope) -> tuple[Handlers, tuple[State, ...]]:
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
        self, step: Task, asked: Request, handlers: Handlers, handled: tuple[State, ...], out: Edge, scope: Scope
    ) -> Lowered:
        """A task that reports its failure as a result: a Choice checks its status and raises the error."""
        named = self.errors(step.id, scope).within(handlers).named()
        detailed = with_details(self._raised(step), named, "$states.result")
        names = scope.own_names
        task = TaskState(
            step.id,
            status_state(step.id),
            asked.resource,
            arguments=asked.arguments,
            credentials=credentials(step, names),
            output=ABSENT if detailed is None else enclosed(detailed),
            assign=Edge(None).assign(scope.passed_on(), scope.binds),
            retry=retriers(self.workflow, step),
            catch=self.catchers(step.id, handlers, scope),
            timeout_seconds=seconds(timeout_of(self.workflow, step), names),
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
            case Until(timestamp=timestamp):
                state = replace(state, timestamp=template(timestamp, names))
            case duration:
                state = replace(state, seconds=seconds(duration, names))
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
