"""Errors: who catches what, what a handler gets, and what a `fail` becomes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from flowgen.asl.states import Catcher, Choice, ChoiceRule, Pass, State
from flowgen.asl.states import Fail as FailState
from flowgen.compile.names import catch_state, raise_state
from flowgen.compile.templates import Names, enclosed, renamed, template
from flowgen.model import Expression, Fail, Literal, Raised, Workflow
from flowgen.model.steps import ANY_ERROR

ALL = "States.ALL"
ERROR_OUTPUT = "$states.errorOutput"
RERAISED = "Reraised"
"""The name under which a reserved error is raised again: whether AWS lets a Fail state use `States.*` is not known."""


def asl_errors(errors: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(ALL if error == ANY_ERROR else error for error in errors)


@dataclass(frozen=True, slots=True)
class ErrorScope:
    """The catchers in force, the innermost first."""

    handlers: tuple[Catcher, ...] = ()

    def within(self, handlers: tuple[Catcher, ...]) -> ErrorScope:
        return ErrorScope(handlers + self.handlers)

    def within_last(self, handlers: tuple[Catcher, ...]) -> ErrorScope:
        """With further catchers behind all others."""
        return ErrorScope(self.handlers + handlers)

    def catchers(self) -> tuple[Catcher, ...]:
        """The `Catch` of a state: AWS takes the first that fits, so those that can never be are left out."""
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


def caught_error(workflow: Workflow, errors: tuple[str, ...]) -> str | None:
    """The JSONata of what a handler gets, or None where it is AWS's own error output.

    A declared error with details carries them as JSON text in the message of Lambda's failure, which is its cause.
    """
    detailed = sorted(
        {
            declared.name
            for function in workflow.functions.values()
            for declared in function.errors
            if declared.details is not None and (declared.name in errors or ANY_ERROR in errors)
        }
    )
    if not detailed:
        return None
    merged = f"$merge([{ERROR_OUTPUT}, {{'details': $parse($parse({ERROR_OUTPUT}.Cause).errorMessage)}}])"
    if set(errors) <= set(detailed):
        return merged
    listed = ", ".join(f"'{name}'" for name in detailed)
    return f"{ERROR_OUTPUT}.Error in [{listed}] ? {merged} : {ERROR_OUTPUT}"


def lower_fail(step: Fail, names: Names, scope: ErrorScope) -> tuple[State, ...]:
    """A `fail`: a Fail state, or where something in reach catches it, a value made and a jump."""
    raised = step.raised
    if isinstance(raised, Expression):
        return raise_again(step.id, renamed(raised, names), scope, step.description)
    made = _error_object(raised, names)
    # What a handler gets always has both, as what AWS itself hands to one.
    caught = {"Error": "", "Cause": "", **made}
    if isinstance(raised.error, Literal):
        name = str(raised.error.value)
        catcher = next((catcher for catcher in scope.handlers if catches(catcher, name)), None)
        if catcher is not None:
            assign = dict.fromkeys(catcher.assign, caught)
            return (Pass(step.id, catcher.next, output=caught, assign=assign, comment=step.description),)
    elif scope.handlers:
        return _compared(step.id, caught, scope, step.description)
    return (FailState(step.id, made["Error"], made.get("Cause"), comment=step.description),)


def raise_again(name: str, error: str, scope: ErrorScope, comment: str | None = None) -> tuple[State, ...]:
    """States that raise an error value, the first of them called `name`."""
    if scope.handlers:
        return _compared(name, enclosed(error), scope, comment)
    return (_fail_again(name, error, comment),)


def _compared(name: str, made: Any, scope: ErrorScope, comment: str | None) -> tuple[State, ...]:
    """The error's name is known only when it runs: it is compared with what each catcher in force catches."""
    rules: list[ChoiceRule] = []
    default: str | None = None
    assign: dict[str, Any] = {}
    for catcher in scope.catchers():
        given = dict.fromkeys(catcher.assign, enclosed("$states.input"))
        if ALL in catcher.errors:
            default, assign = catcher.next, given
            break
        condition = enclosed(f"$states.input.Error in {json.dumps(list(catcher.errors))}")
        rules.append(ChoiceRule(condition, catcher.next, assign=given))
    if not rules and default is not None:
        # An error that is raised again from the variable that is to hold it needs no assignment.
        kept = {variable: made for variable in assign if made != enclosed(f"${variable}")}
        return (Pass(name, default, output=made, assign=kept, comment=comment),)
    value = Pass(name, catch_state(name), output=made, comment=comment)
    choice = Choice(catch_state(name), tuple(rules), default=default or raise_state(name), assign=assign)
    if default is not None:
        return (value, choice)
    return (value, choice, _fail_again(raise_state(name), "$states.input", None))


def _error_object(raised: Raised, names: Names) -> dict[str, Any]:
    cause = {} if raised.cause is None else {"Cause": template(raised.cause, names)}
    return {"Error": template(raised.error, names), **cause}


def _fail_again(name: str, error: str, comment: str | None) -> FailState:
    reserved = f"$substring({error}.Error, 0, 7) = 'States.'"
    return FailState(
        name,
        enclosed(f"{reserved} ? '{RERAISED}' : {error}.Error"),
        enclosed(f"{reserved} ? {error}.Error & ': ' & {error}.Cause : {error}.Cause & ''"),
        comment=comment,
    )
