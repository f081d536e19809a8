"""Every recorded execution, run by the server and read through boto3: it agrees with AWS as it does in process."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from flowgen.local import Execution
from flowgen.running import Options
from flowgen.serving import Settings, serve
from tests.conformance.behaviours import replay, task_of
from tests.conformance.test_executions import problem_of
from tests.step_functions_client import client_of


class Served:
    """A server and its client. `options` are those of the machine that is created next."""

    def __init__(self, url: str, options: list[Options]) -> None:
        self.options = options
        self.client = client_of(url)
        self.numbers = iter(range(1_000_000))


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    options = [Options()]
    settings = Settings(
        now=lambda: datetime.now(UTC),
        clock=time.monotonic,
        options_for=lambda _program: options[0],
        account="111111111111",
    )
    with serve(settings) as url:
        yield Served(url, options)


class Read(Execution):
    """An execution as the API returned it. `told` is its history."""

    __slots__ = ("told",)
    told: list[dict[str, Any]]

    @property
    def history(self) -> list[dict[str, Any]]:
        return self.told


def test_recorded_execution_over_http(execution_case: dict[str, Any], served: Served) -> None:
    """Status, output, error, cause and history agree with AWS's."""
    express = execution_case.get("machine_type") == "EXPRESS"
    machine = create(execution_case, served)
    text = json.dumps(execution_case["input"], ensure_ascii=False)
    if execution_case["id"].endswith("#start_execution_sync_response"):
        found = read(served.client.start_sync_execution(stateMachineArn=machine, input=text), [])
    elif express:
        started = served.client.start_execution(stateMachineArn=machine, input=text)
        with pytest.raises(served.client.exceptions.InvalidArn, match="Resource type not valid in this context"):
            served.client.describe_execution(executionArn=started["executionArn"])
        return
    else:
        started = served.client.start_execution(stateMachineArn=machine, input=text)
        found = ended(served, started["executionArn"])
    problem = problem_of(execution_case, found)
    assert problem is None, problem


def create(case: dict[str, Any], served: Served) -> str:
    """The ARN of a new state machine whose tasks behave as recorded."""
    served.options[0] = Options(
        tasks={name: task_of(behaviour) for name, behaviour in case["tasks"].items()},
        objects=dict(case.get("s3_objects", {})),
        first=replay(case["tasks_by_state"]) if "tasks_by_state" in case else None,
    )
    created = served.client.create_state_machine(
        name=f"machine-{next(served.numbers)}",
        definition=json.dumps(case["definition"], ensure_ascii=False),
        roleArn="arn:aws:iam::111111111111:role/StepFunctionsRole",
        type=case.get("machine_type", "STANDARD"),
    )
    arn: str = created["stateMachineArn"]
    return arn


def ended(served: Served, arn: str) -> Read:
    """The execution, once it has ended."""
    deadline = time.monotonic() + 30
    while (described := served.client.describe_execution(executionArn=arn))["status"] == "RUNNING":
        assert time.monotonic() < deadline, "the execution does not end"
        time.sleep(0.002)
    pages = served.client.get_paginator("get_execution_history").paginate(executionArn=arn)
    return read(described, [event for page in pages for event in page["events"]])


def read(response: dict[str, Any], history: list[dict[str, Any]]) -> Read:
    """An execution from responses of the API."""
    output = json.loads(response["output"]) if "output" in response else None
    found = Read(
        response["status"], output, response.get("error"), response.get("cause"), 0.0, response["startDate"], ()
    )
    object.__setattr__(found, "told", history)
    return found


def test_recorded_rejections_over_http(conformance_dir: Path, served: Served) -> None:
    """A definition that CreateStateMachine rejected on AWS is rejected with the same code and text."""
    cases = json.loads((conformance_dir / "validation.json").read_text(encoding="utf-8"))["cases"]
    rejected = [case for case in cases if case["expected"].get("message") and case["definition"] is not None]
    wrong = []
    for case in rejected:
        with pytest.raises(ClientError) as error:
            create({**case, "tasks": {}}, served)
        found = error.value.response["Error"]
        if (found["Code"], found["Message"]) != (case["expected"]["error"], case["expected"]["message"]):
            wrong.append((case["expected"]["message"], found))
    assert rejected
    assert wrong == []
