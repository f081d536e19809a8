"""Errors: which catcher catches what, the input of handlers, and the states of a `fail`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from flowgen.asl.states import Absent, Catcher, Choice, ChoiceRule, Pass, State
from flowgen.asl.states import Fail as FailState
from flowgen.compile.names import catch_state, raise_state
from flowgen.compile.templates import Names, enclosed, jsonata, renamed, template
from flowgen.model import Expression, Fail, Literal, Raised, Workflow, every_step
from flowgen.model.steps import ANY_ERROR, walk

ALL = "States.ALL"
ERROR_OUTPUT = "$states.errorOutput"
RERAISED = "Reraised"
"""The name for raising a reserved error again. It is not known whether AWS allows `States.*` in a Fail state."""


def asl_errors(errors: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(ALL if error == ANY_ERROR else error for error in errors)


@dataclass(frozen=True, slots=True)
class ErrorScope:
    """The active catchers, innermost first; `outside` are the errors that are caught by name around the scope."""

    handlers: tuple[Catcher, ...] = ()
    outside: frozenset[str] = frozenset()

    def within(self, handlers: tuple[Catcher, ...]) -> ErrorScope:
        return ErrorScope(handlers + self.handlers, self.outside)

    def within_last(self, handlers: tuple[Catcher, ...]) -> ErrorScope:
        """With further catchers after all others."""
        return ErrorScope(self.handlers + handlers, self.outside)

    def named(self) -> frozenset[str]:
        """The errors that are caught by name, here or around the scope."""
        return self.outside.union(*(catcher.errors for catcher in self.handlers))

    def catchers(self) -> tuple[Catcher, ...]:
        """The `Catch` of a state. AWS uses the first match, so unreachable catchers are omitted."""
        made: list[Catcher] = []
        seen: set[str] = set()
        for catcher in self.handlers:
            if not set(catcher.errors) <= seen:
                made.append(catcher)
            seen.update(catcher.errors)
            if ALL in seen:
                break
        return tuple(made)


def catches(catcher: Catcher, error: str) -> bool:
    return error in catcher.errors or ALL in catcher.errors


# See docs/explanation/decisions.md#details-travel-in-the-message
def caught_error(
    workflow: Workflow, errors: tuple[str, ...], children: frozenset[str], bare: frozenset[str | None]
) -> str | None:
    """The JSONata of a handler's `$error`, or None if it is AWS's error output.

    A declared error carries its details as JSON text in the message of Lambda's failure, which is its cause. `children`
    are the errors with details of the workflows that this one runs, `bare` those of `raised_inside`.
    """
    own = {
        declared.name
        for function in workflow.functions.values()
        for declared in function.errors
        if declared.details is not None
    }
    detailed = sorted(name for name in own | children if name in errors or (ANY_ERROR in errors and name in own))
    if not detailed:
        return None
    merged = f"$merge([{ERROR_OUTPUT}, {{'details': $parse($parse({ERROR_OUTPUT}.Cause).errorMessage)}}])"
    written = f"$contains({ERROR_OUTPUT}.Cause, '\"errorMessage\"')" if None in bare or bare & set(detailed) else ""
    if set(errors) <= set(detailed):
        return f"{written} ? {merged} : {ERROR_OUTPUT}" if written else merged
    listed = ", ".join(f"'{name}'" for name in detailed)
    condition = f"{ERROR_OUTPUT}.Error in [{listed}]" + (f" and {written}" if written else "")
    return f"{condition} ? {merged} : {ERROR_OUTPUT}"


def raised_inside(workflow: Workflow) -> frozenset[str | None]:
    """The errors that a `fail` raises inside a `parallel` or `for_each`; None means any name.

    Their cause is written by the user; it is not the JSON of a failed function.
    """
    apart = (body.steps for step in every_step(workflow) for body in step.bodies() if body.apart)
    inside = (step for steps in apart for step in walk(steps))
    raised = (step.raised for step in inside if isinstance(step, Fail))
    return frozenset(
        str(failure.error.value) if isinstance(failure.error, Literal) else None
        for failure in raised
        if isinstance(failure, Raised)
    )


# See docs/explanation/decisions.md#a-caught-fail-is-a-jump
def lower_fail(step: Fail, names: Names, scope: ErrorScope) -> tuple[State, ...]:
    """A `fail`: a Fail state or, if an active catcher catches it, an error value and a jump."""
    raised = step.raised
    if isinstance(raised, Expression):
        return raise_again(step.id, renamed(raised, names), scope, step.description)
    made = _error_object(raised, names)
    # A handler's `$error` always has both, like AWS's error output.
    cause = "''" if raised.cause is None else jsonata(raised.cause, names)
    caught = Caught(
        {"Error": enclosed("''"), "Cause": enclosed("''"), **made},
        f"{{'Error': {jsonata(raised.error, names)}, 'Cause': {cause}}}",
    )
    if isinstance(raised.error, Literal):
        name = str(raised.error.value)
        catcher = next((catcher for catcher in scope.handlers if catches(catcher, name)), None)
        if catcher is not None:
            assign = caught.assign(catcher)
            return (Pass(step.id, catcher.next, output=caught.template, assign=assign, comment=step.description),)
    elif scope.handlers:
        return _compared(step.id, caught, scope, step.description)
    return (FailState(step.id, made["Error"], made.get("Cause"), comment=step.description),)


@dataclass(frozen=True, slots=True)
class Caught:
    """An error that the machine itself raises, for its catcher: as a template, and as JSONata."""

    template: Any
    jsonata: str

    def assign(self, catcher: Catcher) -> dict[str, Any]:
        """What the catcher assigns, with this error instead of AWS's."""
        flowing = enclosed(ERROR_OUTPUT) if isinstance(catcher.output, Absent) else catcher.output
        return {variable: self._in_place(value, flowing) for variable, value in catcher.assign.items()}

    def _in_place(self, value: Any, flowing: Any) -> Any:
        if value in (flowing, enclosed(ERROR_OUTPUT)):
            return self.template
        match value:
            case str():
                return value.replace(flowing[3:-3], self.jsonata).replace(ERROR_OUTPUT, self.jsonata)
            case dict():
                return {key: self._in_place(inner, flowing) for key, inner in value.items()}
            case list():
                return [self._in_place(inner, flowing) for inner in value]
            case _:
                return value


def raise_again(name: str, error: str, scope: ErrorScope, comment: str | None = None) -> tuple[State, ...]:
    """States that raise an error value; the first is named `name`."""
    if scope.handlers:
        return _compared(name, Caught(enclosed(error), error), scope, comment)
    return (_fail_again(name, error, comment),)


def _compared(name: str, made: Caught, scope: ErrorScope, comment: str | None) -> tuple[State, ...]:
    """Raises an error whose name is known only at run time, by comparing it with the errors of each active catcher."""
    rules: list[ChoiceRule] = []
    last: Catcher | None = None
    passed_on = Caught(enclosed("$states.input"), "$states.input")
    for catcher in scope.catchers():
        if ALL in catcher.errors:
            last = catcher
            break
        condition = enclosed(f"$states.input.Error in {json.dumps(list(catcher.errors))}")
        rules.append(ChoiceRule(condition, catcher.next, assign=passed_on.assign(catcher)))
    if not rules and last is not None:
        # Raising an error again from the variable it would be assigned to needs no assignment.
        kept = {key: value for key, value in made.assign(last).items() if value != enclosed(f"${key}")}
        return (Pass(name, last.next, output=made.template, assign=kept, comment=comment),)
    made_here = made != passed_on
    value = (Pass(name, catch_state(name), output=made.template, comment=comment),) if made_here else ()
    choice = Choice(
        catch_state(name) if made_here else name,
        tuple(rules),
        raise_state(name) if last is None else last.next,
        assign={} if last is None else passed_on.assign(last),
        comment=None if made_here else comment,
    )
    if last is not None:
        return (*value, choice)
    return (*value, choice, _fail_again(raise_state(name), "$states.input", None))


def _error_object(raised: Raised, names: Names) -> dict[str, Any]:
    cause = {} if raised.cause is None else {"Cause": template(raised.cause, names)}
    return {"Error": template(raised.error, names), **cause}


# See docs/explanation/decisions.md#reserved-errors-become-reraised
def _fail_again(name: str, error: str, comment: str | None) -> FailState:
    reserved = f"$substring({error}.Error, 0, 7) = 'States.'"
    return FailState(
        name,
        enclosed(f"{reserved} ? '{RERAISED}' : {error}.Error"),
        enclosed(f"{reserved} ? {error}.Error & ': ' & {error}.Cause : {error}.Cause & ''"),
        comment=comment,
    )
