"""Groups, their catchers, and their `finally`."""

from __future__ import annotations

from dataclasses import replace

from flowgen.asl.states import ABSENT, Catcher, Choice, ChoiceRule, Pass, State, Succeed
from flowgen.compile.edges import Edge, Enclosing, Flowing, Kept, Lowered, Scope, target
from flowgen.compile.errors import ALL, ErrorScope, asl_errors, caught_error, raise_again
from flowgen.compile.liveness import reads_error
from flowgen.compile.lowering import Handlers, Lowering
from flowgen.compile.names import (
    error_variable,
    finally_state,
    outcome_variable,
    raise_state,
    return_state,
    value_variable,
)
from flowgen.compile.templates import enclosed, output
from flowgen.jsonata.literals import quoted
from flowgen.model import Catcher as ModelCatcher
from flowgen.model import Group, Return, Steps, Value


def lower_catch(
    lowering: Lowering, owner: str, catch: tuple[ModelCatcher, ...], out: Edge, scope: Scope
) -> tuple[Handlers, tuple[State, ...]]:
    """The catchers of a step, and the states of their steps, which only the catchers enter."""
    handlers: list[Catcher] = []
    states: tuple[State, ...] = ()
    after = scope.later()
    for catcher in catch:
        if catcher.handler is not None:
            handlers.append(_shared(lowering, catcher, after))
            continue
        variable = error_variable(owner)
        body = lowering.sequence(
            catcher.steps or (), out, replace(after, names={**after.names, "error": f"${variable}"})
        )
        handlers.append(lower_catcher(lowering, catcher, variable, body.entry, catcher.steps or (), after))
        states = (*states, *body.states)
    return tuple(handlers), states


def lower_catcher(
    lowering: Lowering, catcher: ModelCatcher, variable: str, entry: Edge, steps: Steps, scope: Scope
) -> Catcher:
    value = caught_error(lowering.workflow, catcher.errors, lowering.detailed, lowering.bare)
    flowing = Flowing.expression(value or "$states.errorOutput")
    kept = (variable,) if reads_error(steps) else ()
    return Catcher(
        asl_errors(catcher.errors),
        target(entry, scope),
        output=ABSENT if value is None else flowing.template,
        assign=replace(entry, variables=(*kept, *entry.variables)).assign(flowing),
    )


def _shared(lowering: Lowering, catcher: ModelCatcher, scope: Scope) -> Catcher:
    """A catcher with shared steps, whose states exist once, at the end."""
    name = catcher.handler or ""
    handler = lowering.workflow.handlers[name]
    variable = error_variable(name)
    if name not in lowering.handlers:
        top = replace(
            scope,
            names={**scope.names, "error": f"${variable}"},
            errors=ErrorScope(lowering.undo.whole() + lowering.workflow_handlers),
            inner=True,
            rounds=(),
            enclosing=(),
            returns=None,
        )
        lowering.handlers[name] = lowering.sequence(handler.steps, Edge(None), top)
    return lower_catcher(lowering, catcher, variable, lowering.handlers[name].entry, handler.steps, scope)


def lower_group(lowering: Lowering, step: Group, out: Edge, scope: Scope) -> Lowered:
    """A group needs no state: its catchers are added to the states in it; its value is the value of its last step."""
    if scope.is_entry and not step.steps:
        return lowering.entered(step.id, scope, lambda own: lower_group(lowering, step, out, own))
    if step.finally_ is not None:
        return _lower_finally(lowering, step, step.finally_, out, scope)
    handlers, states = lower_catch(lowering, step.id, step.catch, out, scope)
    inside = replace(scope, errors=scope.errors.within(handlers)).within(Enclosing(step.id, out))
    body = lowering.sequence(step.steps, out, inside)
    return Lowered(body.entry, (*body.states, *states))


def lower_return(step: Return, value: Value, scope: Scope) -> Lowered:
    """A `return` ends the workflow, or first runs the `finally` of an enclosing group."""
    names = scope.own_names
    made = output(value, names)
    if scope.returns is None:
        return Lowered(Edge(step.id, ignores=True), (Succeed(step.id, output=made, comment=step.description),))
    assign = scope.returns.assign(Flowing.value(value, names))
    return Lowered(Edge(step.id), (Pass(step.id, scope.returns.target, made, assign, step.description),))


def _lower_finally(lowering: Lowering, step: Group, last: Steps, out: Edge, scope: Scope) -> Lowered:
    """One copy of the states of `finally`, a flag for how the group ended, and a Choice on the flag."""
    outcome, value, choice = outcome_variable(step.id), value_variable(step.id), finally_state(step.id)
    later = scope.later()
    final = lowering.sequence(last, Edge(choice), later)

    def through(word: str) -> Edge:
        variables = (*final.entry.variables, value)
        return Edge(final.entry.target, variables, (*final.entry.kept, Kept(outcome, word)))

    ways: dict[str, Edge] = {}
    enclosing = []
    for one in scope.enclosing:
        left, round_ends = through(f"break {one.id}"), through(f"continue {one.id}")
        ways |= {f"break {one.id}": one.after} | (
            {} if one.round_ends is None else {f"continue {one.id}": one.round_ends}
        )
        enclosing.append(Enclosing(one.id, left, None if one.round_ends is None else round_ends))
    failed = through("error")
    everything = Catcher((ALL,), failed.target or "", assign=failed.assign(Flowing.expression("$states.errorOutput")))
    inside = replace(
        scope,
        errors=scope.errors.within((everything,)),
        enclosing=tuple(enclosing),
        returns=through("return"),
    )
    handlers, handled = lower_catch(lowering, step.id, step.catch, through("value"), inside)
    body = lowering.sequence(
        step.steps,
        through("value"),
        replace(inside, errors=inside.errors.within(handlers)).within(Enclosing(step.id, through("value"))),
    )
    used = {
        word for word in (*ways, "return") if any(_assigns(state, outcome, word) for state in (*body.states, *handled))
    }
    crossed = {word: edge for word, edge in ways.items() if word in used}
    after = _after_finally(step, out, later, lowering.errors(step.id, later), crossed, returns="return" in used)
    return Lowered(body.entry, (*body.states, *handled, *final.states, *after))


def _assigns(state: State, variable: str, word: str) -> bool:
    assigns = [getattr(state, "assign", {})]
    assigns += [rule.assign for rule in getattr(state, "rules", ())]
    assigns += [catcher.assign for catcher in getattr(state, "catch", ())]
    return any(assign.get(variable) == word for assign in assigns)


def _after_finally(
    step: Group, out: Edge, scope: Scope, errors: ErrorScope, ways: dict[str, Edge], *, returns: bool
) -> tuple[State, ...]:
    outcome, value = f"${outcome_variable(step.id)}", f"${value_variable(step.id)}"
    flowing = Flowing.expression(value)
    again = raise_again(raise_state(step.id), value, errors)
    rules = [ChoiceRule(enclosed(f"{outcome} = 'error'"), raise_state(step.id))]
    more: list[State] = list(again)
    for word, edge in ways.items():
        condition = enclosed(f"{outcome} = {quoted(word)}")
        rules.append(ChoiceRule(condition, target(edge, scope), flowing.template, edge.assign(flowing)))
    if returns:
        rules.append(ChoiceRule(enclosed(f"{outcome} = 'return'"), return_state(step.id)))
        if scope.returns is None:
            more.append(Succeed(return_state(step.id), output=flowing.template))
        else:
            more.append(
                Pass(return_state(step.id), scope.returns.target, flowing.template, scope.returns.assign(flowing))
            )
    choice = Choice(
        finally_state(step.id),
        tuple(rules),
        default=target(out, scope),
        output=flowing.template,
        assign=out.assign(flowing),
    )
    return (choice, *more)
