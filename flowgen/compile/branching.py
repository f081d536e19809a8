"""Steps that branch."""

from __future__ import annotations

import json
from dataclasses import replace

from flowgen.asl.states import ABSENT, Choice, Fail, Flow, Pass, State
from flowgen.asl.states import Parallel as ParallelState
from flowgen.compile.edges import Edge, Flowing, Lowered, Scope, ended, target
from flowgen.compile.errors import Caught, ErrorScope, catches
from flowgen.compile.groups import lower_catch
from flowgen.compile.lowering import Lowering
from flowgen.compile.names import body_state, end_state, no_case_state
from flowgen.compile.retries import written_retriers
from flowgen.compile.templates import enclosed, renamed
from flowgen.jsonata.literals import quoted
from flowgen.model import Match, Parallel, Steps, Switch
from flowgen.model.raised import CONTRACT_VIOLATION


def lower_switch(lowering: Lowering, step: Switch, out: Edge, scope: Scope) -> Lowered:
    """A Choice state. Without `else`, the previous value flows on, and the switch itself has no value."""
    names = scope.own_names
    branches = [(renamed(rule.when, names), rule.steps) for rule in step.rules]
    return _choice(lowering, step, branches, step.otherwise, out, scope)


def lower_match(lowering: Lowering, step: Match, out: Edge, scope: Scope) -> Lowered:
    """A Choice state that compares values for equality."""
    subject = renamed(step.subject, scope.own_names)
    subject = subject if all(character.isalnum() or character in "_.$" for character in subject) else f"({subject})"
    branches = []
    for case in step.cases:
        literal = quoted(case.value) if isinstance(case.value, str) else json.dumps(case.value)
        branches.append((f"{subject} = {literal}", case.steps))
    choice, *states = _choice(lowering, step, branches, step.otherwise, out, scope).states
    if step.otherwise is None and isinstance(choice, Choice):
        choice, failed = _without_case(step, choice, lowering.errors(step.id, scope), scope)
        states += failed
    return Lowered(Edge(step.id), (choice, *states))


def _without_case(step: Match, choice: Choice, errors: ErrorScope, scope: Scope) -> tuple[Choice, list[State]]:
    """The default of an exhaustive match, for values that violate the contract: makes the failure catchable."""
    error = {"Error": CONTRACT_VIOLATION, "Cause": f"{step.id} has no case for this value"}
    catcher = next((one for one in errors.handlers if catches(one, CONTRACT_VIOLATION)), None)
    if catcher is None:
        failed = Fail(no_case_state(step.id), error["Error"], error["Cause"])
        return replace(choice, default=failed.name, output=ABSENT, assign={}), [failed]
    text = f"{{'Error': '{CONTRACT_VIOLATION}', 'Cause': {quoted(error['Cause'])}}}"
    # The catcher may read variables that are bound at the entry.
    bound = {name: enclosed(value) for name, value in scope.binds.items()}
    assign = {**bound, **Caught(error, text).assign(catcher)}
    return replace(choice, default=catcher.next, output=error, assign=assign), []


def _choice(
    lowering: Lowering,
    step: Switch | Match,
    branches: list[tuple[str, Steps]],
    otherwise: Steps | None,
    out: Edge,
    scope: Scope,
) -> Lowered:
    inner = scope.later()
    lowered = [(condition, lowering.sequence(steps, out, inner)) for condition, steps in branches]
    if otherwise is None:
        past = replace(out, variables=tuple(name for name in out.variables if name != step.id))
        last = Lowered(past)
    else:
        last = lowering.sequence(otherwise, out, inner)
    choice = Choice(
        step.id,
        tuple(lowering.rule(condition, body.entry, scope) for condition, body in lowered),
        default=target(last.entry, scope),
        assign=last.entry.assign(scope.passed_on(), scope.binds),
        comment=step.description,
        **scope.passing(),
    )
    bodies = (state for _, body in lowered for state in body.states)
    return Lowered(Edge(step.id), (choice, *bodies, *last.states))


def lower_parallel(lowering: Lowering, step: Parallel, out: Edge, scope: Scope) -> Lowered:
    """A Parallel state. Its result is an array; its `Output` maps it to an object with the names of the branches."""
    if scope.is_entry:
        return lowering.entered(step.id, scope, lambda own: lower_parallel(lowering, step, out, own))
    handlers, states = lower_catch(lowering, step.id, step.catch, out, scope)
    outside = lowering.errors(step.id, scope).within(handlers).named()
    inner = Scope(scope.names, ErrorScope(outside=outside), "", rounds=scope.rounds, inner=True)
    flows = tuple(body_flow(lowering, steps, f"{step.id}__{name}", inner) for name, steps in step.branches.items())
    pairs = ", ".join(f"{quoted(name)}: $states.result[{index}]" for index, name in enumerate(step.branches))
    flowing = Flowing.expression(f"{{{pairs}}}")
    by_name = {name: enclosed(f"$states.result[{index}]") for index, name in enumerate(step.branches)}
    state = ParallelState(
        step.id,
        out.target,
        flows,
        output=by_name,
        assign=out.assign(Flowing(by_name, flowing.jsonata)),
        retry=written_retriers(step.retry),
        catch=lowering.catchers(step.id, handlers, scope),
        comment=step.description,
    )
    return Lowered(Edge(step.id), (state, *states))


def body_flow(lowering: Lowering, steps: Steps, name: str, scope: Scope) -> Flow:
    """The states of a separate body: of a branch, or of an item. `name` is part of the names of its states."""
    end = end_state(name)
    body = lowering.sequence(steps, Edge(None), replace(scope, end=end, enclosing=scope.enclosing, returns=None))
    start, states = body.entry.target or end, body.states
    if body.entry.kept or body.entry.variables or (scope.is_entry and not states):
        assign = body.entry.assign(scope.passed_on())
        made: State = Pass(body_state(name), None if start == end else start, assign=assign, **scope.passing())
        return Flow(made.name, (made, *(() if start == end else ended(states, end, start))))
    return Flow(start, ended(states, end, start))
