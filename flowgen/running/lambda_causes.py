"""The causes of failures, in the format of Lambda."""

from __future__ import annotations

from typing import Any

from flowgen.local.faults import FAULT_CAUSE, Fault
from flowgen.local.values import encode
from flowgen.running.program import Called, Program

_RESERVED = ("States.", "Lambda.", "Sandbox.", "Runtime.")
"""Errors that the services report themselves, with their own causes."""


def function_cause(error: str, message: str) -> str:
    """The cause of an exception that a function raised; for other errors, the message itself."""
    if error.startswith(_RESERVED):
        return message
    cause: dict[str, Any] = {"errorMessage": message, "errorType": error, "stackTrace": []}
    return encode(cause)


def fault(program: Program, state: str, error: str, times: int | None) -> Fault:
    """An injected error of a state. A declared error of its function has sample details.

    The error of a workflow that the state waits for has the format of Step Functions.
    """
    child = program.children.get(state)
    if child is not None and error in child.errors:
        return _child_fault(child, error, times)
    called = program.called.get(state)
    if called is None:
        return Fault(error, times, FAULT_CAUSE)
    return Fault(error, times, function_cause(error, called.errors.get(error) or FAULT_CAUSE))


def _child_fault(child: Called, error: str, times: int | None) -> Fault:
    """The failure of a child workflow: a cause that describes it, or a result if the child is express."""
    details = child.errors[error]
    described = {
        "Cause": FAULT_CAUSE if details is None else function_cause(error, details),
        "Error": error,
        "Name": child.name,
        "Status": "FAILED",
    }
    if child.express:
        return Fault(error, times, result=described)
    return Fault("States.TaskFailed", times, encode(described))
