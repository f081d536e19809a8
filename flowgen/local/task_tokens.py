"""Task token callbacks: a test double of boto3's client for the code that sends them."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from flowgen.asl.json_text import parse
from flowgen.local.runtime_types import Task, TaskError


@dataclass(frozen=True, slots=True)
class Answer:
    """A result sent for a task token: an output as JSON, or a failure with an optional error and cause."""

    token: str
    output: Any = None
    error: str | None = None
    cause: str | None = None
    failed: bool = False

    def task(self, seconds: float) -> Task:
        """The result of the task, which arrives after `seconds`."""

        def give(_arguments: Any) -> Any:
            if self.failed:
                raise TaskError(self.error, self.cause)
            return self.output

        return Task(give, seconds)


class Refused(Exception):  # noqa: N818 - mirrors the response of the API
    """The API's rejection of a result, with the attributes of botocore's ClientError."""

    def __init__(self, code: str, operation: str) -> None:
        super().__init__(f"An error occurred ({code}) when calling the {operation} operation")
        self.response = {"Error": {"Code": code, "Message": ""}}


@dataclass(slots=True)
class TaskTokens:
    """Replaces boto3's Step Functions client in code that returns task tokens, and records what was sent.

    `tasks` are the inputs of the tasks that an activity offers to workers; their tokens are `task-1`, `task-2`, ….

    As in AWS, each token accepts one result; afterwards the API raises `TaskTimedOut`. If `refuse` is an error code,
    such as `TaskTimedOut` or `InvalidToken`, all requests fail with it. `known` are the valid tokens, None for any.
    """

    tasks: list[Any] = field(default_factory=list)
    refuse: str | None = None
    known: Collection[str] | None = None
    answers: list[Answer] = field(default_factory=list)
    heartbeats: list[str] = field(default_factory=list)
    given: int = 0

    def send_task_success(self, *, taskToken: str, output: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        """See the API reference, `SendTaskSuccess`."""
        self._check(taskToken, "SendTaskSuccess")
        self.answers.append(Answer(taskToken, parse(output)))
        return {}

    def send_task_failure(
        self,
        *,
        taskToken: str,  # noqa: N803 - likewise
        error: str | None = None,
        cause: str | None = None,
    ) -> dict[str, Any]:
        """See the API reference, `SendTaskFailure`: the error and the cause are optional."""
        self._check(taskToken, "SendTaskFailure")
        self.answers.append(Answer(taskToken, None, error, cause, failed=True))
        return {}

    def send_task_heartbeat(self, *, taskToken: str) -> dict[str, Any]:  # noqa: N803 - likewise
        """See the API reference, `SendTaskHeartbeat`."""
        self._check(taskToken, "SendTaskHeartbeat")
        self.heartbeats.append(taskToken)
        return {}

    def get_activity_task(self, *, activityArn: str, workerName: str = "") -> dict[str, Any]:  # noqa: N803 - likewise
        """See the API reference, `GetActivityTask`: returns no token if there is no task."""
        del activityArn, workerName
        if not self.tasks:
            return {}
        self.given += 1
        return {"taskToken": f"task-{self.given}", "input": json.dumps(self.tasks.pop(0))}

    def _check(self, token: str, operation: str) -> None:
        code = self.refuse
        if code is None and self.known is not None and token not in self.known:
            code = "InvalidToken"
        if code is None and any(answer.token == token for answer in self.answers):
            code = "TaskTimedOut"
        if code is not None:
            raise Refused(code, operation)


@contextmanager
def answering_with(client: Any) -> Iterator[None]:
    """Inside the block, generated code sends answers to task tokens to `client`, unless it is passed another one."""
    with ExitStack() as stack:
        for name, module in list(sys.modules.items()):
            variable = getattr(module, "local_client", None) if name.endswith(".generated.task_tokens") else None
            if isinstance(variable, ContextVar):
                stack.callback(variable.reset, variable.set(client))
        yield
