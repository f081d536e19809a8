"""The causes of failures, as Lambda tells them."""

from __future__ import annotations

import json
from typing import Any

from flowgen.local.faults import Fault
from flowgen.running.program import Called, Program

_RESERVED = ("States.", "Lambda.", "Sandbox.", "Runtime.")
"""Errors that the services tell themselves, with causes of their own."""

PUT_IN = "This failure was put into the run."


def function_cause(error: str, message: str) -> str:
    """The cause of an exception that a function raised; of any other error the message itself."""
    if error.startswith(_RESERVED):
        return message
    cause: dict[str, Any] = {"errorMessage": message, "errorType": error, "stackTrace": []}
    return json.dumps(cause, ensure_ascii=False, separators=(",", ":"))


def fault(program: Program, state: str, error: str, times: int | None) -> Fault:
    """A fault of a state; an error that its function declares comes with a sample of its details.

    The error of a workflow that the state waits for comes as Step Functions gives it.
    """
    child = program.children.get(state)
    if child is not None and error in child.errors:
        return _child_fault(child, error, times)
    called = program.called.get(state)
    if called is None:
        return Fault(error, times, PUT_IN)
    return Fault(error, times, function_cause(error, called.errors.get(error) or PUT_IN))


def _child_fault(child: Called, error: str, times: int | None) -> Fault:
    """The failure of a child: a cause that describes it; for an express one, a result."""
    details = child.errors[error]
    described = {
        "Cause": PUT_IN if details is None else function_cause(error, details),
        "Error": error,
        "Name": child.name,
        "Status": "FAILED",
    }
    if child.express:
        return Fault(error, times, result=described)
    return Fault("States.TaskFailed", times, json.dumps(described, ensure_ascii=False, separators=(",", ":")))
