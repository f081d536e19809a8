"""Every recorded call of TestState, made through boto3: the result agrees with AWS as it does in process."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from flowgen.local import StateTest
from flowgen.running import Options
from flowgen.serving import Settings, serve
from tests.conformance.behaviours import task_of
from tests.conformance.test_states import problem_of
from tests.step_functions_client import client_of

TEXTS = ("context", "variables")
PLAIN = {"errorDetails", "toleratedFailureCount", "toleratedFailurePercentage", "maxConcurrency"}


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Any, list[Options]]]:
    """A client, and the options of the next call."""
    options = [Options()]
    settings = Settings(now=lambda: datetime.now(UTC), clock=time.monotonic, options_for=lambda _program: options[0])
    with serve(settings) as url:
        yield client_of(url), options


def test_recorded_state_over_http(state_case: dict[str, Any], served: tuple[Any, list[Options]]) -> None:
    client, options = served
    options[0] = Options(tasks={name: task_of(behaviour) for name, behaviour in state_case["tasks"].items()})
    problem = problem_of(state_case, read(client.test_state(**request_of(state_case))))
    assert problem is None, problem


def request_of(case: dict[str, Any]) -> dict[str, Any]:
    """The request of a recorded case."""
    request: dict[str, Any] = {
        "definition": json.dumps(case["definition"]),
        "input": json.dumps(case["input"]),
        "inspectionLevel": "DEBUG",
    }
    if "state_name" in case:
        request["stateName"] = case["state_name"]
    request |= {name: json.dumps(case[name]) for name in TEXTS if name in case}
    mock = case.get("mock")
    if mock is not None and "error_output" in mock:
        request["mock"] = {"errorOutput": mock["error_output"]}
    elif mock is not None:
        request["mock"] = {"result": json.dumps(mock["result"])}
    if "state_configuration" in case:
        configuration = dict(case["state_configuration"])
        if "mapItemReaderData" in configuration:
            configuration["mapItemReaderData"] = json.dumps(configuration["mapItemReaderData"])
        request["stateConfiguration"] = configuration
    return request


def read(response: dict[str, Any]) -> StateTest:
    """The result in a response."""
    inspection = {
        name: value if name in PLAIN else json.loads(value) for name, value in response["inspectionData"].items()
    }
    output = json.loads(response["output"]) if "output" in response else None
    return StateTest(
        response["status"], output, response.get("error"), response.get("cause"), response.get("nextState"), inspection
    )
