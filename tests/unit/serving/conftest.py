"""A server for each test, and boto3's client of it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pytest

from flowgen.serving import Settings, serve
from tests.step_functions_client import client_of

ROLE = "arn:aws:iam::123456789012:role/service-role/Machine"


class Client:
    """boto3's client, and what the tests do with it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.api = client_of(url)

    def create(self, definition: dict[str, Any], name: str = "machine", kind: str = "STANDARD") -> str:
        """The ARN of a new state machine."""
        created = self.api.create_state_machine(name=name, definition=json.dumps(definition), roleArn=ROLE, type=kind)
        arn: str = created["stateMachineArn"]
        return arn

    def start(self, machine: str, value: Any = None, **more: Any) -> str:
        """The ARN of a new execution."""
        arn: str = self.api.start_execution(stateMachineArn=machine, input=json.dumps(value), **more)["executionArn"]
        return arn

    def ended(self, execution: str) -> dict[str, Any]:
        """The response of DescribeExecution, once the execution has ended."""
        found: dict[str, Any] = until(
            lambda: self.api.describe_execution(executionArn=execution), lambda one: one["status"] != "RUNNING"
        )
        return found

    def types(self, execution: str) -> list[str]:
        """The types of the events so far."""
        return [event["type"] for event in self.api.get_execution_history(executionArn=execution)["events"]]

    def token(self, execution: str) -> str:
        """The task token in the arguments of the task that waits for it."""

        def parameters() -> list[str]:
            events = self.api.get_execution_history(executionArn=execution)["events"]
            if not any(event["type"] == "TaskSubmitted" for event in events):
                return []
            scheduled = [event.get("taskScheduledEventDetails") for event in events]
            return [details["parameters"] for details in scheduled if details is not None]

        token: str = json.loads(until(parameters, bool)[-1])["Token"]
        return token


def until(look: Callable[[], Any], done: Callable[[Any], bool]) -> Any:
    """What `look` returns once it is `done`."""
    deadline = time.monotonic() + 30
    while not done(found := look()):
        assert time.monotonic() < deadline, f"still {found}"
        time.sleep(0.005)
    return found


@pytest.fixture
def server() -> Iterator[Callable[..., Client]]:
    """A function that starts a server with these settings."""
    with ExitStack() as stack:

        def start(programs: Any = (), **settings: Any) -> Client:
            made = Settings(now=lambda: datetime.now(UTC), clock=time.monotonic, **settings)
            return Client(stack.enter_context(serve(made, programs)))

        yield start


@pytest.fixture
def client(server: Callable[..., Client]) -> Client:
    """A client of a server without state machines."""
    return server()
