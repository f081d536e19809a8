"""Calls the callables that replace Lambda functions, activities and other services.

A callable gets its own copy of the payload and returns a value. A failure ends its step as in Lambda, and never the
run: an exception, a value that is not JSON, `sys.exit`, or a timeout if the task has a limit on real time. Output
goes to standard error.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Generator
from contextlib import nullcontext, redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flowgen.asl.json_text import parse
from flowgen.aws.limits import MAX_LAMBDA_SECONDS
from flowgen.local.call_limits import Ended, Hung
from flowgen.local.failures import ExecutionStopped, StateFailure
from flowgen.local.process_state import ProcessState
from flowgen.local.runtime_types import Answer, Function, Task, TaskError, function_name
from flowgen.local.scheduler import Await, Effect
from flowgen.local.values import JSON, encode

if TYPE_CHECKING:
    from flowgen.local.frame import Frame

LAMBDA_TIMEOUT = float(MAX_LAMBDA_SECONDS)
"""Longest duration of a Lambda function in seconds (Lambda developer guide, "Lambda quotas")."""

LONGEST_ERROR = 256
LONGEST_CAUSE = 32_768
"""Most characters of an exception in a history (API reference, "LambdaFunctionFailedEventDetails")."""


class Killed(BaseException):
    """Raised instead of ending the process by a signal. `signal` is the name that Lambda's runtime reports."""

    def __init__(self, signal: str) -> None:
        super().__init__(signal)
        self.signal = signal


@dataclass(frozen=True, slots=True)
class LambdaContext:
    """The part of Lambda's context object that handlers use (Lambda developer guide, "Context object in Python")."""

    function_name: str
    invoked_function_arn: str
    aws_request_id: str
    remaining_millis: int = int(LAMBDA_TIMEOUT * 1000)
    function_version: str = "$LATEST"
    memory_limit_in_mb: str = "128"
    log_group_name: str = "/aws/lambda/local"
    log_stream_name: str = "local"
    identity: None = None
    client_context: None = None

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda would stop the call: constant, since virtual time does not pass during a call."""
        return self.remaining_millis


def call(task: Task, payload: JSON, frame: Frame, arn: str) -> Generator[Effect, Any, Answer]:
    """Call a callable with a copy of the payload."""
    run = frame.run
    event = json.loads(encode(payload))  # a copy
    request_id = run.unique()
    arguments: tuple[Any, ...] = (event,)
    if task.context:
        remaining = LAMBDA_TIMEOUT if task.limit is None else task.limit
        name = function_name(arn).removeprefix("${").removesuffix("}")
        invoked = arn if arn.startswith("arn:") else function_arn(frame, name)
        arguments = (event, LambdaContext(name, invoked, request_id, int(remaining * 1000)))
    function, seconds = task.function, task.seconds
    if run.faults is not None:
        seconds += run.faults.delay(frame.state)
    if run.caller is None:
        value = _outcome(function, arguments, request_id, contained=False)
        return _answer(value, seconds)
    stopwatch = run.stopwatch
    around, state = run.around, frame.state

    def work() -> tuple[JSON, float]:
        with nullcontext() if around is None else around(state):
            return timed()

    def timed() -> tuple[JSON, float]:
        if stopwatch is None:
            return _outcome(function, arguments, request_id, contained=True), 0.0
        began = stopwatch()
        value = _outcome(function, arguments, request_id, contained=True)
        return value, stopwatch() - began

    pending = run.caller.start(work, task.limit)
    if not pending.ready:
        yield Await(pending)
    try:
        value, taken = pending.result()
    except Hung:
        limit = task.limit or 0.0
        return Answer(seconds + limit, failure=timed_out(request_id, limit))
    return _answer(value, seconds + taken)


def function_arn(frame: Frame, name: str) -> str:
    """The ARN of a function in the account of the run."""
    identity = frame.run.identity
    return f"arn:aws:lambda:{identity.region}:{identity.account}:function:{name}"


def timed_out(request_id: str, seconds: float) -> StateFailure:
    """The failure that Lambda reports for a function that timed out."""
    message = f"RequestId: {request_id} Error: Task timed out after {seconds:.2f} seconds"
    return StateFailure("Sandbox.Timedout", encode({"errorType": "Sandbox.Timedout", "errorMessage": message}))


def _answer(outcome: StateFailure | str, seconds: float) -> Answer:
    if isinstance(outcome, StateFailure):
        return Answer(seconds, failure=outcome)
    try:
        return Answer(seconds, value=parse(outcome), text=outcome)
    except ValueError as error:
        return Answer(seconds, failure=_unmarshallable(error))


def _outcome(function: Function, arguments: tuple[Any, ...], request_id: str, *, contained: bool) -> StateFailure | str:
    """The value of a call as JSON text, or its failure. If `contained`, no exception ends the run."""
    try:
        return _value(function, arguments, request_id)
    except (ExecutionStopped, Ended, KeyboardInterrupt):
        raise
    except (Exception, SystemExit):  # noqa: BLE001 - the exception's `__str__` failed, which ends Lambda's runtime
        return _exited(request_id, 1)
    except BaseException:
        if not contained:  # for example `pytest.fail` in a test
            raise
        return _exited(request_id, 1)  # like Lambda's runtime


def _value(function: Function, arguments: tuple[Any, ...], request_id: str) -> StateFailure | str:
    """The value of a call as JSON text, or its failure. Raises other exceptions, also those of a user's `__str__`."""
    try:
        value = _called(function, arguments)
    except TaskError as error:
        return StateFailure(error.error, error.cause)
    except SystemExit as stop:
        return _exited(request_id, _exit_status(stop))
    except Killed as end:
        return _exit_error(request_id, f"signal: {end.signal}")
    except ExecutionStopped:
        raise
    except Exception as error:  # noqa: BLE001 - any exception of a user's function fails its step
        return _failed(type(error).__name__, str(error), request_id, _stack_trace(error))
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except Exception as error:  # noqa: BLE001 - methods of the value may raise anything
        return _unmarshallable(error, request_id)


def _called(function: Function, arguments: tuple[Any, ...]) -> JSON:
    state, process = ProcessState(), os.getpid()
    try:
        if sys.stdout is sys.stderr:
            return function(*arguments)
        with redirect_stdout(sys.stderr):
            return function(*arguments)
    finally:
        state.restore()
        if os.getpid() != process:  # the function forked, and this is the child process
            os._exit(1)


def _unmarshallable(error: Exception, request_id: str | None = None) -> StateFailure:
    """The failure for a value that JSON, or a double, can't represent."""
    return _failed("Runtime.MarshalError", f"Unable to marshal response: {error}", request_id, [])


def _exited(request_id: str, status: int) -> StateFailure:
    return _exit_error(request_id, f"exit status {status}")


def _exit_error(request_id: str, end: str) -> StateFailure:
    message = f"RequestId: {request_id} Error: Runtime exited with error: {end}"
    return _failed("Runtime.ExitError", message)


def _exit_status(stop: SystemExit) -> int:
    if stop.code is None:
        return 0
    return stop.code if isinstance(stop.code, int) else 1


def _stack_trace(error: BaseException) -> list[str]:
    """The stack trace in the form of Lambda's runtime: it starts at the handler, not at the handler's caller."""
    frames = traceback.extract_tb(error.__traceback__)
    return traceback.format_list(frames[2:])


def _failed(
    error: str, message: str, request_id: str | None = None, stack_trace: list[str] | None = None
) -> StateFailure:
    error = error[:LONGEST_ERROR]
    cause: dict[str, JSON] = {"errorMessage": message[:LONGEST_CAUSE], "errorType": error}
    if request_id is not None:
        cause["requestId"] = request_id
    if stack_trace is not None:
        cause["stackTrace"] = stack_trace
    return StateFailure(error, encode(cause))
