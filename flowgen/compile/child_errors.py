"""Catches the errors of child workflows by name.

A standard child's failure arrives as `States.TaskFailed`, with the description of the execution as its cause (developer
guide, "Start workflow executions from a task state"; API reference, `DescribeExecution`). If a catch names the child's
own error, the state's first catcher reads it from the cause, and a Choice then selects the catch.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from flowgen.asl.states import Catcher
from flowgen.compile.errors import ALL, ErrorScope
from flowgen.compile.templates import enclosed
from flowgen.model.raised import RaisedErrors

TASK_FAILED = "States.TaskFailed"


def caught_by_name(raised: RaisedErrors, errors: ErrorScope) -> tuple[str, ...]:
    """The errors of a child that a catch names."""
    named = (name for name in errors.named() if "." not in name)
    return tuple(sorted(name for name in named if raised.others or name in raised.details))


# See docs/explanation/decisions.md#errors-of-children-are-read-from-the-cause
def first_catcher(raised: RaisedErrors, names: Iterable[str], target: str) -> Catcher:
    """The catcher that reads the child's error: if it is one of `names`, it replaces AWS's error."""
    names = list(names)
    failure = "{'Error': $child.Error, 'Cause': $exists($child.Cause) ? $child.Cause : ''}"
    detailed = sorted(raised.detailed().intersection(names))
    if detailed:
        details = "{'details': $parse($parse($child.Cause).errorMessage)}"
        with_details = f"$merge([{failure}, {details}])"
        failure = f"$child.Error in {_list(detailed)} ? {with_details} : {failure}"
        failure = with_details if detailed == names else failure
    # A cause that AWS truncated is not JSON, and a failing expression could not be caught here.
    read = "$substring($states.errorOutput.Cause, -1) = '}' ? $parse($states.errorOutput.Cause) : {}"
    text = f"($child := {read}; $child.Error in {_list(names)} ? ({failure}) : $states.errorOutput)"
    return Catcher((TASK_FAILED,), target, output=enclosed(text))


def with_details(raised: RaisedErrors, names: Iterable[str], result: str) -> str | None:
    """The description of an express child, with the details of its error; None if no error has details."""
    detailed = sorted(raised.detailed().intersection(names))
    if not detailed:
        return None
    details = f"{{'details': $parse($parse({result}.Cause).errorMessage)}}"
    return f"{result}.Error in {_list(detailed)} ? $merge([{result}, {details}]) : {result}"


def of_any_failure(errors: ErrorScope) -> ErrorScope:
    """The catchers for what the first one caught: `States.TaskFailed` matches every error here."""
    kept = []
    for catcher in errors.handlers:
        names = (ALL,) if TASK_FAILED in catcher.errors else catcher.errors
        if ALL in names or any(not name.startswith("States.") for name in names):
            kept.append(replace(catcher, errors=names))
    return replace(errors, handlers=tuple(kept))


def _list(names: Iterable[str]) -> str:
    return json.dumps(list(names))
