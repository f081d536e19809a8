"""A whole workflow as a state machine: its steps, `catch`, shared handlers and compensations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from flowgen.asl.states import Catcher, Choice, ChoiceRule, Pass, State, StateMachine
from flowgen.compile.compensation import Undo
from flowgen.compile.defaults import fill
from flowgen.compile.edges import INPUT, PASSED_ON, Edge, Flowing, Lowered, Scope, ended, targets
from flowgen.compile.errors import ALL, ERROR_OUTPUT, ErrorScope, raise_again
from flowgen.compile.groups import lower_catcher
from flowgen.compile.kinds import Kinds
from flowgen.compile.liveness import live_names
from flowgen.compile.lowering import Lowering
from flowgen.compile.names import (
    check_state,
    end_state,
    error_variable,
    input_state,
    pivot_guard_state,
    raise_state,
    undo_guard_state,
    undo_state,
    undone_state,
    workflow_owner,
)
from flowgen.compile.pipe_records import unwrapped
from flowgen.compile.substitutions import parameter_kinds
from flowgen.compile.templates import enclosed
from flowgen.compile.validation import check_first, check_of_input
from flowgen.model import Workflow
from flowgen.model.raised import RaisedErrors

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
    lowering = Kinds(workflow, live, express, children, others)
    body = _whole(lowering, Scope(names, ErrorScope(), end))
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
        unfilled = {"input": given or INPUT} if filled is not None and live.input_references else {}
        errors = ErrorScope(lowering.workflow_handlers)
        checked = check_first(owner, check, given or INPUT, start, errors, unfilled)
        start, states = check_state(owner), (*checked.states, *states)
    return StateMachine(
        start,
        ended(states, end, start),
        comment=workflow.description,
        timeout_seconds=workflow.timeout.seconds if workflow.timeout else None,
    )


def _whole(lowering: Lowering, scope: Scope) -> Lowered:
    """The workflow's steps, its `catch`, and the shared handlers."""
    workflow = lowering.workflow
    handlers: list[Catcher] = []
    states: tuple[State, ...] = ()
    undone: str | None = None
    owner = workflow_owner(workflow)
    variable = error_variable(owner)
    for index, catcher in enumerate(workflow.catch):
        own = replace(scope, names={**scope.names, "error": f"${variable}"}, inner=True)
        name = owner if index == 0 else f"{owner}_{index + 1}"
        again = raise_again(raise_state(name), f"${variable}", scope.errors)
        body = lowering.sequence(catcher.steps or (), Edge(raise_state(name)), own)
        made = lower_catcher(lowering, catcher, variable, body.entry, catcher.steps or (), own)
        falls_through = body.entry.target == raise_state(name) or any(
            raise_state(name) in targets(state) for state in body.states
        )
        if falls_through:
            made = replace(made, assign={variable: enclosed("$states.errorOutput"), **made.assign})
        handlers.append(made)
        # The handler of every error, if its first step needs only what the compensations already have.
        only = index == 0 and ALL in made.errors and body.entry.ignores and made.assign.keys() <= {variable}
        undone = made.next if only else None
        states = (*states, *body.states, *(again if falls_through else ()))
    lowering.workflow_handlers = tuple(handlers)
    body = lowering.sequence(workflow.steps, Edge(None), scope)
    undoing = _compensations(lowering, scope, ErrorScope(tuple(handlers)), undone)
    shared = (state for handler in lowering.handlers.values() for state in handler.states)
    return Lowered(body.entry, (*body.states, *shared, *undoing, *states))


def _compensations(lowering: Lowering, scope: Scope, errors: ErrorScope, handled: str | None) -> tuple[State, ...]:
    """The chain, and the state at its end that raises the failure again, for the catchers in `errors`.

    `handled` names the state that handles every failure, if there is one that can be used directly.
    """
    undos, after = lowering.undo.undos, handled or undone_state(workflow_owner(lowering.workflow))
    if not undos:
        return ()
    states: list[State] = []
    following = after
    chains: list[tuple[State, ...]] = []
    for undo in undos:
        if undo.pivot is not None:
            following = _passing(lowering, undo.pivot, following, after, chains)
        chains.append(_undoing(lowering, undo, following, scope))
        following = undo.entry
    if lowering.undo.pivot is not None:
        _passing(lowering, lowering.undo.pivot, following, after, chains)
    for chain in reversed(chains):
        states += chain
    return tuple(states) if handled else (*states, *raise_again(after, f"${lowering.undo.variable}", errors))


def _passing(lowering: Lowering, pivot: str, following: str, after: str, chains: list[tuple[State, ...]]) -> str:
    """The state after the compensations that follow a pivot. If the pivot is completed, the chain ends there."""
    if not lowering.undo.guards:
        return after
    rule = ChoiceRule(enclosed(f"$exists(${pivot})"), after)
    chains.append((Choice(pivot_guard_state(pivot), (rule,), following),))
    return pivot_guard_state(pivot)


def _with_failed(lowering: Lowering, name: str) -> str:
    """The JSONata of the error to raise after a compensation failed: its cause also names the compensation.

    A cause that is a JSON object, such as that of a failed function, stays one, because handlers parse it.
    """
    error = f"${lowering.undo.variable}"
    failed = f"{ERROR_OUTPUT}.Error"
    is_json = "$substring($cause__, 0, 2) = '{\"' and $substring($cause__, -1) = '}'"
    as_json = f"$substring($cause__, 0, $length($cause__) - 1) & ',\"{name}\":' & $string([{failed}]) & '}}'"
    as_text = f"$cause__ & '; {name} failed: ' & {failed}"
    cause = f"{is_json} ? {as_json} : {as_text}"
    return f"($cause__ := {error}.Cause & ''; $merge([{error}, {{'Cause': {cause}}}]))"


def _undoing(lowering: Lowering, undo: Undo, following: str, scope: Scope) -> tuple[State, ...]:
    """A failing compensation does not stop the others, unless its own `catch` does. The cause names it."""
    assert undo.step.compensate is not None  # noqa: S101 - that is what an Undo is of
    name = undo_state(undo.step.id)
    step = undo.step.compensate.step.replace(id=name)
    goes_on = Catcher((ALL,), following, assign={lowering.undo.variable: enclosed(_with_failed(lowering, name))})
    value = f"${undo.step.id}"
    inside = replace(scope, errors=ErrorScope((goes_on,)), before=value, inner=True)
    lowered = lowering.step(step, Edge(following), inside)
    if undo.certain:
        return lowered.states
    rule = ChoiceRule(enclosed(f"$exists({value})"), name)
    return (Choice(undo_guard_state(undo.step.id), (rule,), following), *lowered.states)
