"""What tasks call: callables in place of Lambda functions, activities and other services.

A callable gets its own copy of the payload and gives a value; what goes wrong in it ends its step as it would in
Lambda, never the run: an exception, a value that is not JSON, `sys.exit`, no end (where a limit on real time is given).
What it prints goes to standard error.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable, Generator, Mapping
from contextlib import nullcontext, redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from flowgen.asl.json_text import parse
from flowgen.local.calling import Ended, Hung
from flowgen.local.failures import ExecutionStopped, StateFailure
from flowgen.local.process_state import ProcessState
from flowgen.local.scheduler import Await, Effect
from flowgen.local.values import JSON, encode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowgen.local.frame import Frame

Function: TypeAlias = "Callable[..., Any]"

LAMBDA_TIMEOUT = 900.0
"""Seconds that a function may take at most, which its context counts down from."""


LONGEST_ERROR = 256
LONGEST_CAUSE = 32_768
"""Characters in a history (API reference, "LambdaFunctionFailedEventDetails"); longer texts of exceptions are cut."""


class TaskError(Exception):
    """Raised by a callable to fail its task with exactly this error name and this cause; either may be missing."""

    def __init__(self, error: str | None, cause: str | None = "") -> None:
        super().__init__(error, cause)
        self.error = error
        self.cause = cause


class Killed(BaseException):
    """Raised in place of the end of the process by a signal, which has the name that Lambda's runtime reports."""

    def __init__(self, signal: str) -> None:
        super().__init__(signal)
        self.signal = signal


@dataclass(frozen=True, slots=True)
class Task:
    """A callable, and how it stands in virtual time.

    `seconds` is what a call takes (`math.inf`: it never answers). With `context` it is called as a Lambda handler,
    `function(event, context)`. `limit` is how many real seconds a call may take before it is ended as Lambda ends a
    function that has run out of time. A mock with `returns` gives what the function behind `lambda:invoke` returns,
    one without it the whole response.
    """

    function: Function
    seconds: float = 0.0
    context: bool = False
    limit: float | None = None
    returns: bool = False


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

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda would stop the call. Virtual time stands still inside a call, so it is constant."""
        return self.remaining_millis


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call came to, and the virtual seconds that it takes. `text` is the value as JSON."""

    seconds: float
    value: JSON = None
    text: str = "null"
    failure: StateFailure | None = None


class TaskTable:
    """The callables of a run, by what a definition calls them."""

    __slots__ = ("_by_key", "_by_name")

    def __init__(self, tasks: Mapping[str, Task | Function]) -> None:
        self._by_key = {key: task if isinstance(task, Task) else Task(task) for key, task in tasks.items()}
        self._by_name = {function_name(key): task for key, task in self._by_key.items() if _may_be_function(key)}

    def function(self, name_or_arn: str) -> Task | None:
        """The callable of a Lambda function, named by its ARN or bare name, with or without a qualifier."""
        return self._by_key.get(name_or_arn) or self._by_name.get(function_name(name_or_arn))

    def resource(self, candidates: Iterable[str]) -> Task | None:
        """The callable of the first of these resources that has one."""
        return next((self._by_key[key] for key in candidates if key in self._by_key), None)


def _may_be_function(key: str) -> bool:
    return not key.startswith("arn:") or ":function:" in key


def function_name(name_or_arn: str) -> str:
    """The bare name of a Lambda function: `name` of `arn:aws:lambda:us-east-1:111111111111:function:name:live`."""
    _, is_arn, rest = name_or_arn.partition(":function:")
    name = rest if is_arn else name_or_arn
    return name.partition(":")[0]


def call(task: Task, payload: JSON, frame: Frame, arn: str) -> Generator[Effect, Any, Answer]:
    """Calls a callable with a copy of the payload."""
    run = frame.run
    event = json.loads(encode(payload))  # a copy
    request_id = run.unique()
    arguments: tuple[Any, ...] = (event,)
    if task.context:
        remaining = LAMBDA_TIMEOUT if task.limit is None else task.limit
        arguments = (event, LambdaContext(function_name(arn), arn, request_id, int(remaining * 1000)))
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


def timed_out(request_id: str, seconds: float) -> StateFailure:
    """What Lambda tells of a function that ran out of its time."""
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
    """The value of a call as JSON text, or what it failed with. `contained`: nothing that it raises ends the run."""
    try:
        return _value(function, arguments, request_id)
    except (ExecutionStopped, Ended, KeyboardInterrupt):
        raise
    except (Exception, SystemExit):  # noqa: BLE001 - from the error's own `__str__`; this ends Lambda's runtime
        return _exited(request_id, 1)
    except BaseException:
        if not contained:  # a test's own `pytest.fail`, say
            raise
        return _exited(request_id, 1)  # as Lambda's runtime does


def _value(function: Function, arguments: tuple[Any, ...], request_id: str) -> StateFailure | str:
    """The same. Raises what isn't an `Exception`, and what the user's `__str__` and the like raise."""
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
    except Exception as error:  # noqa: BLE001 - whatever a user's function raises is its step's failure
        return _failed(type(error).__name__, str(error), request_id, _stack_trace(error))
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except Exception as error:  # noqa: BLE001 - a value's own methods raise what they like
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
        if os.getpid() != process:  # it has forked, and returned twice
            os._exit(1)


def _unmarshallable(error: Exception, request_id: str | None = None) -> StateFailure:
    """The failure of a value that JSON, or a double, can't hold."""
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
    """The trace as Lambda's runtime tells it: from the handler on, not from what called it."""
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
