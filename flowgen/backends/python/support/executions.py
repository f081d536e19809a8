"""Starts deployed workflows from Python code, with typed inputs and outputs.

Uses boto3, which Lambda's runtime includes; elsewhere, install it. The role of the code that starts workflows must
allow `states:StartExecution` on the state machine, and to wait for results `states:DescribeExecution` on its
executions. For express workflows, it must allow `states:StartSyncExecution`.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any, Generic, Protocol, TypeVar

from pydantic import TypeAdapter

from .json_values import checked, read

I = TypeVar("I")  # noqa: E741 - the input of a workflow
O = TypeVar("O")  # noqa: E741 - its output

SYNC_SECONDS = 320
"""The read timeout of `StartSyncExecution`: an express workflow runs for at most five minutes."""


class ExecutionFailed(Exception):  # noqa: N818 - like the API's events
    """The execution ended without success: `status` is FAILED, TIMED_OUT or ABORTED."""

    def __init__(self, arn: str, status: str, error: str | None, cause: str | None) -> None:
        super().__init__(": ".join(filter(None, (status, error, cause))))
        self.arn, self.status, self.error, self.cause = arn, status, error, cause


class ExecutionClient(Protocol):
    """The methods used of boto3's Step Functions client. Tests can pass a fake."""

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> Any: ...  # noqa: A002, N803 - boto3's own name

    def describe_execution(self, *, executionArn: str) -> Any: ...  # noqa: N803 - boto3's own name


class SyncClient(Protocol):
    """The method used to run express workflows."""

    def start_sync_execution(self, *, stateMachineArn: str, name: str, input: str) -> Any: ...  # noqa: A002, N803 - boto3's own name


@dataclass(frozen=True, slots=True)
class Execution(Generic[O]):
    """An execution that was started. `name` is unique in its state machine."""

    arn: str
    name: str
    _output: TypeAdapter[O] = field(repr=False, compare=False)
    _client: ExecutionClient = field(repr=False, compare=False)

    def status(self) -> str:
        """RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED or PENDING_REDRIVE."""
        return str(self._client.describe_execution(executionArn=self.arn)["status"])

    def result(self, timeout: float | None = None, poll: float = 1.0) -> O:
        """The output, as soon as the execution has ended. Asks AWS every `poll` seconds.

        Raises ExecutionFailed, TimeoutError after `timeout` seconds, and ContractViolation if the output does not have
        its type.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            found = self._client.describe_execution(executionArn=self.arn)
            if found["status"] not in ("RUNNING", "PENDING_REDRIVE"):
                return _output(found, self._output)
            if end is not None and time.monotonic() + poll > end:
                raise TimeoutError(f"`{self.name}` still runs after {timeout} seconds")
            time.sleep(poll)


class Start(Generic[I, O]):
    """Starts a standard workflow with input I and output O."""

    def __init__(self, workflow: str, input_type: Any, output_type: Any) -> None:
        self.workflow = workflow
        self.input_type: TypeAdapter[I] = TypeAdapter(input_type)
        self.output_type: TypeAdapter[O] = TypeAdapter(output_type)

    def __call__(
        self, value: I, *, arn: str, name: str | None = None, client: ExecutionClient | None = None
    ) -> Execution[O]:
        """Start an execution. `arn` is that of the alias or state machine, an output of the stack.

        While an execution with this name runs, the same name and input return it. Without a name, it is a UUID. Raises
        ContractViolation, and starts nothing, if the input does not have its type, and boto3's errors.
        """
        asked = client or _client()
        chosen = name or str(uuid.uuid4())
        started = asked.start_execution(
            stateMachineArn=arn, name=chosen, input=_input(self.workflow, self.input_type, value)
        )
        return Execution(str(started["executionArn"]), chosen, self.output_type, asked)


class Run(Generic[I, O]):
    """Runs an express workflow with input I and output O, and waits for it."""

    def __init__(self, workflow: str, input_type: Any, output_type: Any) -> None:
        self.workflow = workflow
        self.input_type: TypeAdapter[I] = TypeAdapter(input_type)
        self.output_type: TypeAdapter[O] = TypeAdapter(output_type)

    def __call__(self, value: I, *, arn: str, name: str | None = None, client: SyncClient | None = None) -> O:
        """Run the workflow. `arn` is that of the alias or state machine, an output of the stack.

        Raises ContractViolation if the input or output does not have its type, ExecutionFailed, and boto3's errors.
        """
        ended = (client or _sync_client()).start_sync_execution(
            stateMachineArn=arn, name=name or str(uuid.uuid4()), input=_input(self.workflow, self.input_type, value)
        )
        return _output(ended, self.output_type)


def _input(workflow: str, contract: TypeAdapter[Any], value: Any) -> str:
    what = f"the input of `{workflow}`"
    return contract.dump_json(checked(what, contract, value), by_alias=True).decode()


def _output(ended: Any, contract: TypeAdapter[O]) -> O:
    if ended["status"] != "SUCCEEDED":
        raise ExecutionFailed(ended["executionArn"], ended["status"], ended.get("error"), ended.get("cause"))
    return read("the output", contract, ended["output"].encode())


# Imported by name, because boto3 has no types, and only when something is started.
@cache
def _client() -> ExecutionClient:
    client: ExecutionClient = import_module("boto3").client("stepfunctions")
    return client


@cache
def _sync_client() -> SyncClient:
    # A repeated request would run the workflow twice.
    config = import_module("botocore.config").Config(read_timeout=SYNC_SECONDS, retries={"total_max_attempts": 1})
    client: SyncClient = import_module("boto3").client("stepfunctions", config=config)
    return client
