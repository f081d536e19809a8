"""The causes of failures, as Lambda tells them."""

from __future__ import annotations

import json
from typing import Any

from flowgen.local.faults import Fault
from flowgen.running.program import Program

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
    """A fault of a state; an error that its function declares comes with a sample of its details."""
    called = program.called.get(state)
    if called is None:
        return Fault(error, times, PUT_IN)
    return Fault(error, times, function_cause(error, called.errors.get(error) or PUT_IN))
