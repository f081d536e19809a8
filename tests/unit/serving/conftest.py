"""A server for each test, and boto3's client of it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flowgen.serving import Settings, actions, serve
from flowgen.serving.api_errors import ApiError
from flowgen.serving.service_model import TARGET, service_model
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


@pytest.fixture(autouse=True)
def modelled(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Compare every response with the service's model: its members, their types, and the errors of its action."""
    perform, problems = actions._performed, list[str]()

    async def checked(service: Any, target: str, body: bytes) -> dict[str, Any]:
        name = target.removeprefix(TARGET)
        known: Any = service_model().operation_model(name) if name in service_model().operation_names else None
        try:
            response = await perform(service, target, body)
        except ApiError as error:
            modelled = set() if known is None else {shape.name for shape in known.error_shapes}
            if error.code not in modelled | COMMON:
                problems.append(f"{name}: the model has no error {error.code}")
            raise
        problems.extend(f"{name}: {problem}" for problem in differences(known.output_shape, response, "response"))
        return response

    monkeypatch.setattr(actions, "_performed", checked)
    yield
    assert problems == []


COMMON = {"ValidationException", "SerializationException", "UnknownOperationException"}
"""Errors that all AWS services share."""


def differences(shape: Any, value: Any, at: str) -> Iterator[str]:
    """Where a response differs from its shape in the service's model."""
    kinds: dict[str, Any] = {"string": str, "boolean": bool, "list": list, "structure": dict, "map": dict,
                             "integer": int, "long": int, "float": (int, float), "timestamp": float}  # fmt: skip
    if not isinstance(value, kinds[shape.type_name]):
        yield f"{at} is {value!r} instead of a {shape.type_name}"
    elif shape.type_name == "structure":
        yield from (f"{at} lacks {name}" for name in shape.required_members if name not in value)
        yield from (f"{at} has {name}, which the model lacks" for name in value if name not in shape.members)
        for name in value.keys() & shape.members.keys():
            yield from differences(shape.members[name], value[name], f"{at}.{name}")
    elif shape.type_name == "list":
        for index, item in enumerate(value):
            yield from differences(shape.member, item, f"{at}[{index}]")


@pytest.fixture
def server() -> Iterator[Callable[..., Client]]:
    """A function that starts a server with these settings."""
    with ExitStack() as stack:

        def start(programs: Any = (), data: Path | None = None, **settings: Any) -> Client:
            made = Settings(now=lambda: datetime.now(UTC), clock=time.monotonic, **settings)
            return Client(stack.enter_context(serve(made, programs, data=data)))

        yield start


@pytest.fixture
def client(server: Callable[..., Client]) -> Client:
    """A client of a server without state machines."""
    return server()
