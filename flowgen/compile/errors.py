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
class Handler:
    """A catcher as states in reach of it carry it."""

    catcher: Catcher

    def catches(self, error: str) -> bool:
        return error in self.catcher.errors or ALL in self.catcher.errors


@dataclass(frozen=True, slots=True)
class ErrorScope:
    """The handlers in force, the innermost first."""

    handlers: tuple[Handler, ...] = ()

    def within(self, handlers: tuple[Handler, ...]) -> ErrorScope:
        return ErrorScope(handlers + self.handlers)

    def catchers(self) -> tuple[Catcher, ...]:
        """The `Catch` of a state: AWS takes the first that fits, so those that can never be are left out."""
        made: list[Catcher] = []
        seen: set[str] = set()
        for handler in self.handlers:
            if not set(handler.catcher.errors) <= seen:
                made.append(handler.catcher)
            seen.update(handler.catcher.errors)
            if ALL in seen:
                break
        return tuple(made)


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
    if not scope.handlers:
        return (_fail_state(step.id, step, names),)
    value = renamed(raised, names) if isinstance(raised, Expression) else None
    made: Any = enclosed(value) if value else {"Error": "", "Cause": "", **_error_object(raised, names)}
    if isinstance(raised, Raised) and isinstance(raised.error, Literal):
        handler = next((handler for handler in scope.handlers if handler.catches(str(raised.error.value))), None)
        if handler is None:
            return (_fail_state(step.id, step, names),)
        return (_jump(step.id, handler, made, step.description),)
    return _dynamic(step, scope, made)


def _jump(name: str, handler: Handler, made: Any, comment: str | None) -> Pass:
    catcher = handler.catcher
    return Pass(name, catcher.next, output=made, assign=dict.fromkeys(catcher.assign, made), comment=comment)


def _dynamic(step: Fail, scope: ErrorScope, made: Any) -> tuple[State, ...]:
    """The error's name is known only when it runs: it is compared with what each handler catches."""
    rules: list[ChoiceRule] = []
    default: str | None = None
    assign: dict[str, Any] = {}
    for handler in scope.handlers:
        catcher = handler.catcher
        given = dict.fromkeys(catcher.assign, enclosed("$states.input"))
        if ALL in catcher.errors:
            default, assign = catcher.next, given
            break
        condition = enclosed(f"$states.input.Error in {json.dumps(list(catcher.errors))}")
        rules.append(ChoiceRule(condition, catcher.next, assign=given))
    if not rules and default is not None:
        return (Pass(step.id, default, output=made, assign=dict.fromkeys(assign, made), comment=step.description),)
    value = Pass(step.id, catch_state(step.id), output=made, comment=step.description)
    choice = Choice(catch_state(step.id), tuple(rules), default=default or raise_state(step.id), assign=assign)
    if default is not None:
        return (value, choice)
    return (value, choice, _again(raise_state(step.id), "$states.input", None))


def _error_object(raised: Raised | Expression, names: Names) -> dict[str, Any]:
    assert isinstance(raised, Raised)  # noqa: S101 - the other case is handled by the caller
    cause = {} if raised.cause is None else {"Cause": template(raised.cause, names)}
    return {"Error": template(raised.error, names), **cause}


def _fail_state(name: str, step: Fail, names: Names) -> FailState:
    raised = step.raised
    if isinstance(raised, Expression):
        return _again(name, renamed(raised, names), step.description)
    made = _error_object(raised, names)
    return FailState(name, made["Error"], made.get("Cause"), comment=step.description)


def _again(name: str, error: str, comment: str | None) -> FailState:
    reserved = f"$substring({error}.Error, 0, 7) = 'States.'"
    return FailState(
        name,
        enclosed(f"{reserved} ? '{RERAISED}' : {error}.Error"),
        enclosed(f"{reserved} ? {error}.Error & ': ' & {error}.Cause : {error}.Cause & ''"),
        comment=comment,
    )
