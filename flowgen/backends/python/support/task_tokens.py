"""Answers to task tokens: those of steps with a `callback`, and those of activities.

Answers are sent with boto3, which Lambda's runtime includes; elsewhere, install it. The role of the answering code must
allow `states:SendTaskSuccess`, `states:SendTaskFailure` and `states:SendTaskHeartbeat` on the state machine; a function
with `answers` has this permission.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any, Generic, Protocol, TypeVar, overload

from pydantic import TypeAdapter

from .json_values import ContractViolation, checked, read
from .runtime import DeclaredError, DetailedError

I = TypeVar("I")  # noqa: E741 - the input of a task
T = TypeVar("T")
E = TypeVar("E", bound=DeclaredError)

LONGEST_ANSWER = 262_144
"""Bytes (AWS Step Functions API Reference, `SendTaskSuccess`)."""

LONGEST_CAUSE = 32_768
"""Characters (AWS Step Functions API Reference, `SendTaskFailure`)."""

POLL_SECONDS = 70
"""The read timeout of `GetActivityTask`, which responds after 60 seconds if there is no task."""


class TaskTimedOut(Exception):  # noqa: N818 - the API's own name for it
    """Nothing waits for the answer any more: it was too late, was answered before, or the execution has ended."""


class InvalidToken(Exception):  # noqa: N818 - the API's own name for it
    """The task token is not valid."""


class TaskTokenClient(Protocol):
    """The methods used of boto3's Step Functions client. Tests can pass a fake."""

    def send_task_success(self, *, taskToken: str, output: str) -> object: ...  # noqa: N803 - boto3's own name

    def send_task_failure(self, *, taskToken: str, error: str, cause: str) -> object: ...  # noqa: N803 - boto3's own name

    def send_task_heartbeat(self, *, taskToken: str) -> object: ...  # noqa: N803 - boto3's own name


class ActivityClient(TaskTokenClient, Protocol):
    """The same for a worker of an activity, which also polls for tasks."""

    def get_activity_task(self, *, activityArn: str, workerName: str) -> Any: ...  # noqa: N803 - boto3's own name


local_client: ContextVar[TaskTokenClient | None] = ContextVar("local_client", default=None)
"""The client of a local run, which replaces boto3's."""


class Callback(Generic[T, E]):
    """A step that waits for an answer of type T, or for a failure: one of the errors E, or any other error by name.

    Each method expects the step's task token. Without `client`, a boto3 client is created for the first answer. All
    methods raise TaskTimedOut if nothing waits any more, InvalidToken if the token is not valid, and boto3's errors.
    """

    def __init__(self, step: str, answer: Any, *errors: type[E]) -> None:
        self.step = step
        self.contract: TypeAdapter[T] = TypeAdapter(answer)
        self.errors = errors

    def send_success(self, token: str, answer: T, *, client: TaskTokenClient | None = None) -> None:
        """Continue the step with this answer.

        Raises ContractViolation, and sends nothing, if the answer breaks its contract or is too large.
        """
        what = f"the answer to `{self.step}`"
        text = self.contract.dump_json(checked(what, self.contract, answer), by_alias=True)
        if len(text) > LONGEST_ANSWER:
            raise ContractViolation(f"{what} has {len(text):,} bytes; Step Functions allows {LONGEST_ANSWER:,}")
        with _api_errors():
            (client or _default()).send_task_success(taskToken=token, output=text.decode())

    @overload
    def send_failure(self, token: str, error: E, *, client: TaskTokenClient | None = None) -> None: ...

    @overload
    def send_failure(
        self, token: str, error: str, cause: str = "", *, client: TaskTokenClient | None = None
    ) -> None: ...

    def send_failure(
        self, token: str, error: E | str, cause: str = "", *, client: TaskTokenClient | None = None
    ) -> None:
        """Fail the step as if its function had raised the error; `catch` receives the details.

        Truncates a cause that is longer than Step Functions allows. Raises ContractViolation, and sends nothing, if the
        details break their contract or are too large, and ValueError if an error with details is passed by name.
        """
        if isinstance(error, str):
            if any(known.__name__ == error and issubclass(known, DetailedError) for known in self.errors):
                raise ValueError(f"`{error}` has details: pass the error itself, not its name")
            name, cause = error, cause[:LONGEST_CAUSE]
        else:
            name, cause = type(error).__name__, _cause(error)
        with _api_errors():
            (client or _default()).send_task_failure(taskToken=token, error=name, cause=cause)

    def send_heartbeat(self, token: str, *, client: TaskTokenClient | None = None) -> None:
        """Report that work continues. A step with `heartbeat` fails if it receives none for that long."""
        with _api_errors():
            (client or _default()).send_task_heartbeat(taskToken=token)


@dataclass(frozen=True, slots=True)
class ActivityTask(Generic[I, T, E]):
    """A task of an activity. The methods answer it, and raise the same errors as those of Callback."""

    input: I
    token: str = field(repr=False)
    callback: Callback[T, E] = field(repr=False)
    client: TaskTokenClient = field(repr=False)

    def send_success(self, output: T) -> None:
        """Complete the task with this output."""
        self.callback.send_success(self.token, output, client=self.client)

    @overload
    def send_failure(self, error: E) -> None: ...

    @overload
    def send_failure(self, error: str, cause: str = "") -> None: ...

    def send_failure(self, error: E | str, cause: str = "") -> None:
        """Fail the task; `catch` receives the details of the error."""
        if isinstance(error, str):
            self.callback.send_failure(self.token, error, cause, client=self.client)
        else:
            self.callback.send_failure(self.token, error, client=self.client)

    def send_heartbeat(self) -> None:
        """Report that work continues."""
        self.callback.send_heartbeat(self.token, client=self.client)


class Activity(Generic[I, T, E]):
    """An activity as its workers see it: input I, output T, and the errors E."""

    def __init__(self, name: str, input_type: Any, output_type: Any, *errors: type[E]) -> None:
        self.name = name
        self.input_type: TypeAdapter[I] = TypeAdapter(input_type)
        self.callback: Callback[T, E] = Callback(name, output_type, *errors)

    def poll(
        self, arn: str, *, worker: str = "worker", client: ActivityClient | None = None
    ) -> ActivityTask[I, T, E] | None:
        """The next task, or None if there was none for a minute. `worker` is the worker's name in the history.

        If the input breaks its contract, fails the task and raises ContractViolation.
        """
        asked = client or _client()
        answer = asked.get_activity_task(activityArn=arn, workerName=worker)
        token = answer.get("taskToken")
        if not token:
            return None
        try:
            work = read(f"the input of `{self.name}`", self.input_type, answer["input"].encode())
        except ContractViolation as violation:
            asked.send_task_failure(taskToken=token, error=type(violation).__name__, cause=_lambda_cause(violation))
            raise
        return ActivityTask(work, token, self.callback, asked)


def _cause(error: DeclaredError) -> str:
    """The cause of an error in the form of Lambda's, in which a workflow's `catch` finds the details."""
    error.check()
    cause = _lambda_cause(error)
    if len(cause) > LONGEST_CAUSE:
        what = f"the details of `{type(error).__name__}`"
        raise ContractViolation(f"{what} have {len(cause):,} characters; Step Functions allows {LONGEST_CAUSE:,}")
    return cause


def _lambda_cause(error: Exception) -> str:
    return json.dumps({"errorMessage": str(error), "errorType": type(error).__name__}, ensure_ascii=False)


@contextmanager
def _api_errors() -> Generator[None, None, None]:
    """Raise the API's errors as classes that can be caught without boto3."""
    try:
        yield
    except Exception as error:
        code = _code(error)
        if code in ("TaskTimedOut", "TaskDoesNotExist"):
            raise TaskTimedOut(str(error)) from error
        if code == "InvalidToken":
            raise InvalidToken(str(error)) from error
        raise


def _code(error: Exception) -> str | None:
    """The error code in botocore's ClientError; None for other exceptions."""
    response: Any = getattr(error, "response", None)
    try:
        return str(response["Error"]["Code"])
    except (LookupError, TypeError):
        return None


def _default() -> TaskTokenClient:
    return local_client.get() or _client()


@cache
def _client() -> ActivityClient:
    # Imported by name, because boto3 has no types, and only when an answer is sent.
    boto3 = import_module("boto3")
    config = import_module("botocore.config").Config(read_timeout=POLL_SECONDS)
    client: ActivityClient = boto3.client("stepfunctions", config=config)
    return client
