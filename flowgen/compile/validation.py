"""Checks of values from outside: a Choice state after the value arrived, which raises `ContractViolation`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flowgen.asl.states import Choice, ChoiceRule, Flow, State
from flowgen.asl.states import Fail as FailState
from flowgen.compile.edges import Edge, Kept, Lowered, Scope, target
from flowgen.compile.errors import Caught, ErrorScope, catches
from flowgen.compile.names import check_state, violation_state, violation_variable
from flowgen.compile.templates import enclosed
from flowgen.jsonata.schema_check import SchemaCheck, schema_check
from flowgen.jsonata.text_conversion import converted
from flowgen.model import ForEach, Reader, TypeUse, Workflow
from flowgen.model.outside import Outside, first_step_validates_input, validated, validates_input
from flowgen.model.raised import CONTRACT_VIOLATION


def _definitions(use: TypeUse, workflow: Workflow) -> dict[str, Any]:
    return {name: declared.schema for name, declared in workflow.types.items()} | dict(use.hoisted)


def check_of(outside: Outside | None) -> SchemaCheck | None:
    """The check of a value from outside; None if nothing has to be checked."""
    if outside is None:
        return None
    check = schema_check(outside.type.schema, _definitions(outside.type, outside.owner))
    return None if check.check is None else check


def check_of_input(workflow: Workflow, *, fills: bool) -> SchemaCheck | None:
    """The check before the first step; None if nothing has to be checked.

    `fills`: an entry state fills in defaults, for which the input must already have its type.
    """
    if not validates_input(workflow) or (first_step_validates_input(workflow) and not fills):
        return None
    return check_of(Outside("input", workflow.input, workflow))


def check_of_items(workflow: Workflow, step: ForEach, *, batched: bool) -> SchemaCheck | None:
    """The check of the item or batch of a reader; None if nothing has to be checked."""
    outside = validated(workflow, step, {})
    if outside is None:
        return None
    schema = {"type": "array", "items": outside.type.schema} if batched else outside.type.schema
    check = schema_check(schema, _definitions(outside.type, workflow))
    return None if check.check is None else check


def converted_item(workflow: Workflow, reader: Reader, item: str) -> str:
    """The JSONata of an item of a reader with `convert`."""
    return converted(reader.item.schema, _definitions(reader.item, workflow), item)


def checked_body(step: str, check: SchemaCheck, body: Flow, scope: Scope) -> Flow:
    """The body of a loop after a state that checks the item and binds the variables of the body."""
    checked = check_first(step, check, scope.before, body.start_at, ErrorScope(), {})
    first, *others = checked.states
    if isinstance(first, Choice):
        bound = Edge(None).assign(scope.passed_on(), scope.binds)
        first = replace(first, assign=bound, **scope.passing())
    return Flow(check_state(step), (first, *others, *body.states))


@dataclass(frozen=True, slots=True)
class Checked:
    """A check that a separate state makes after the states of a step."""

    step: str
    check: SchemaCheck

    def entry(self, value: str) -> Edge:
        """The edge to the check, for the state that receives `value` (JSONata): it assigns the problem to a variable.

        The Choice tests the variable, so the expression is in the definition once.
        """
        text = self.check.of(value) or "''"
        return Edge(check_state(self.step), kept=(Kept(violation_variable(self.step), enclosed(text)),))

    def states(self, out: Edge, scope: Scope, errors: ErrorScope) -> tuple[State, ...]:
        """The states that continue along `out` with the value, or raise the problem for the catchers in `errors`."""
        problem = f"${violation_variable(self.step)}"
        rule, failed = violation(self.step, f"{problem} != ''", problem, errors)
        after = scope.later()
        choice = Choice(check_state(self.step), (rule,), target(out, after), assign=out.assign(after.passed_on()))
        return (choice, *failed)


def check_first(
    owner: str, check: SchemaCheck, value: str, entry: str, errors: ErrorScope, variables: Mapping[str, str]
) -> Lowered:
    """A state that checks `value` (JSONata) before any other state; `entry` is the next state.

    No state before it can keep the problem, so the expression is in the definition twice. `variables` (JSONata) get a
    value for handlers of the failure, because the state that normally assigns them is skipped.
    """
    text = check.of(value) or "''"
    name = violation_variable(owner)
    kept = {name: enclosed(text), **{variable: enclosed(found) for variable, found in variables.items()}}
    rule, failed = violation(owner, f"{text} != ''", f"${name}", errors, given={name: text, **variables})
    rule = replace(rule, assign={**kept, **rule.assign})
    return Lowered(Edge(check_state(owner)), (Choice(check_state(owner), (rule,), entry), *failed))


def violation(
    owner: str, condition: str, problem: str, errors: ErrorScope, *, given: Mapping[str, str] | None = None
) -> tuple[ChoiceRule, tuple[State, ...]]:
    """The rule that raises `ContractViolation` with a cause (JSONata): a jump to its catcher, or a Fail state.

    `given` has the JSONata of variables that the rule itself assigns, which it cannot read.
    """
    catcher = next((one for one in errors.handlers if catches(one, CONTRACT_VIOLATION)), None)
    if catcher is None:
        failed = FailState(violation_state(owner), CONTRACT_VIOLATION, enclosed(problem))
        return ChoiceRule(enclosed(condition), failed.name), (failed,)
    cause = problem if given is None else given[problem[1:]]
    error: dict[str, Any] = {"Error": CONTRACT_VIOLATION, "Cause": enclosed(cause)}
    text = f"{{'Error': {json.dumps(CONTRACT_VIOLATION)}, 'Cause': {cause}}}"
    return ChoiceRule(enclosed(condition), catcher.next, error, Caught(error, text).assign(catcher)), ()
