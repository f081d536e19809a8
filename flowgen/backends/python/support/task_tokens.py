"""Answers to what waits with a task token: steps with a `callback`, and the tasks of activities.

They go through boto3, which Lambda's runtime has; elsewhere it is yours to install. The role of the code that answers
allows `states:SendTaskSuccess`, `states:SendTaskFailure` and `states:SendTaskHeartbeat`; their only resource is `*`.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
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
"""In bytes (AWS Step Functions API Reference, `SendTaskSuccess`)."""

LONGEST_CAUSE = 32_768
"""In characters (likewise, `SendTaskFailure`)."""

POLL_SECONDS = 70
"""How long to wait for an answer to `GetActivityTask`, which comes after 60 seconds where there is no task."""


class TaskTimedOut(Exception):  # noqa: N818 - the API's own name for it
    """Nobody waits for the answer: it came too late, or another one came before, or the execution has ended."""


class InvalidToken(Exception):  # noqa: N818 - the API's own name for it
    """What was given as a task token is none."""


class TaskTokenClient(Protocol):
    """What is used of boto3's client of Step Functions. A test can give a double of its own."""

    def send_task_success(self, *, taskToken: str, output: str) -> object: ...  # noqa: N803 - boto3's own name

    def send_task_failure(self, *, taskToken: str, error: str, cause: str) -> object: ...  # noqa: N803 - likewise

    def send_task_heartbeat(self, *, taskToken: str) -> object: ...  # noqa: N803 - likewise


class ActivityClient(TaskTokenClient, Protocol):
    """The same, where tasks are asked for, too."""

    def get_activity_task(self, *, activityArn: str, workerName: str) -> Any: ...  # noqa: N803 - likewise


class Callback(Generic[T, E]):
    """A step that waits for an answer of type T, or for its failure: one of the errors E, or any other by its name.

    Each method takes the task token that the step gave away. Without `client`, boto3's is made at the first answer.
    All of them raise TaskTimedOut if nobody waits any more, InvalidToken if the token is none, and what boto3 raises.
    """

    def __init__(self, step: str, answer: Any, *errors: type[E]) -> None:
        self.step = step
        self.contract: TypeAdapter[T] = TypeAdapter(answer)
        self.errors = errors

    def send_success(self, token: str, answer: T, *, client: TaskTokenClient | None = None) -> None:
        """The step goes on with this answer.

        Raises ContractViolation, and sends nothing, if it does not fit the step's type or is too large.
        """
        what = f"the answer to `{self.step}`"
        text = self.contract.dump_json(checked(what, self.contract, answer), by_alias=True)
        if len(text) > LONGEST_ANSWER:
            raise ContractViolation(f"{what} has {len(text):,} bytes, and Step Functions takes {LONGEST_ANSWER:,}")
        with _refusals():
            (client or _client()).send_task_success(taskToken=token, output=text.decode())

    @overload
    def send_failure(self, token: str, error: E, *, client: TaskTokenClient | None = None) -> None: ...

    @overload
    def send_failure(
        self, token: str, error: str, cause: str = "", *, client: TaskTokenClient | None = None
    ) -> None: ...

    def send_failure(
        self, token: str, error: E | str, cause: str = "", *, client: TaskTokenClient | None = None
    ) -> None:
        """The step fails, as if its function had raised the error; `catch` finds its details.

        A cause that is longer than Step Functions takes is cut. Raises ContractViolation, and sends nothing, if the
        details do not fit their type or are too large, and ValueError if an error with details comes as a name.
        """
        if isinstance(error, str):
            if any(known.__name__ == error and issubclass(known, DetailedError) for known in self.errors):
                raise ValueError(f"`{error}` has details: give the error itself, not its name")
            name, cause = error, cause[:LONGEST_CAUSE]
        else:
            name, cause = type(error).__name__, _cause(error)
        with _refusals():
            (client or _client()).send_task_failure(taskToken=token, error=name, cause=cause)

    def send_heartbeat(self, token: str, *, client: TaskTokenClient | None = None) -> None:
        """The answer is still to come: a step with `heartbeat` fails where it hears nothing for so long."""
        with _refusals():
            (client or _client()).send_task_heartbeat(taskToken=token)


@dataclass(frozen=True, slots=True)
class ActivityTask(Generic[I, T, E]):
    """One piece of work of an activity, to be answered with its own token. The methods raise what Callback's do."""

    input: I
    token: str = field(repr=False)
    callback: Callback[T, E] = field(repr=False)
    client: TaskTokenClient = field(repr=False)

    def send_success(self, output: T) -> None:
        """The step goes on with this output."""
        self.callback.send_success(self.token, output, client=self.client)

    @overload
    def send_failure(self, error: E) -> None: ...

    @overload
    def send_failure(self, error: str, cause: str = "") -> None: ...

    def send_failure(self, error: E | str, cause: str = "") -> None:
        """The step fails; `catch` finds the details of the error."""
        if isinstance(error, str):
            self.callback.send_failure(self.token, error, cause, client=self.client)
        else:
            self.callback.send_failure(self.token, error, client=self.client)

    def send_heartbeat(self) -> None:
        """The work goes on."""
        self.callback.send_heartbeat(self.token, client=self.client)


class Activity(Generic[I, T, E]):
    """An activity, as its workers see it: it takes I and gives T, or fails with one of the errors E."""

    def __init__(self, name: str, takes: Any, gives: Any, *errors: type[E]) -> None:
        self.name = name
        self.takes: TypeAdapter[I] = TypeAdapter(takes)
        self.callback: Callback[T, E] = Callback(name, gives, *errors)

    def poll(
        self, arn: str, *, worker: str = "worker", client: ActivityClient | None = None
    ) -> ActivityTask[I, T, E] | None:
        """The next task, None if there was none for a minute. `arn` is the activity's, `worker` stands in the history.

        A task whose input breaks the contract is answered with this failure; then ContractViolation is raised.
        """
        asked = client or _client()
        answer = asked.get_activity_task(activityArn=arn, workerName=worker)
        token = answer.get("taskToken")
        if not token:
            return None
        try:
            work = read(f"the input of `{self.name}`", self.takes, answer["input"].encode())
        except ContractViolation as violation:
            asked.send_task_failure(taskToken=token, error=type(violation).__name__, cause=_told(violation))
            raise
        return ActivityTask(work, token, self.callback, asked)


def _cause(error: DeclaredError) -> str:
    """The cause of an error as Lambda writes it for an exception, which is where a workflow's `catch` reads details."""
    error.check()
    cause = _told(error)
    if len(cause) > LONGEST_CAUSE:
        what = f"the details of `{type(error).__name__}`"
        raise ContractViolation(f"{what} have {len(cause):,} characters, and Step Functions takes {LONGEST_CAUSE:,}")
    return cause


def _told(error: Exception) -> str:
    return json.dumps({"errorMessage": str(error), "errorType": type(error).__name__}, ensure_ascii=False)


@contextmanager
def _refusals() -> Generator[None, None, None]:
    """Raises the API's refusals of an answer as errors that can be caught without boto3."""
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
    """The API's code of a failed call, from botocore's ClientError."""
    response: Any = getattr(error, "response", None)
    try:
        return str(response["Error"]["Code"])
    except (LookupError, TypeError):
        return None


@cache
def _client() -> ActivityClient:
    # By name: boto3 has no types of its own, and is loaded by nobody who does not answer.
    boto3 = import_module("boto3")
    config = import_module("botocore.config").Config(read_timeout=POLL_SECONDS)
    client: ActivityClient = boto3.client("stepfunctions", config=config)
    return client
