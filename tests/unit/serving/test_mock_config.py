"""`MockConfigFile.json` of Step Functions Local."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from flowgen.serving.mock_config import InvalidMockConfig, read_mock_config
from tests.unit.serving.conftest import Client
from tests.unit.serving.test_executions import code

MACHINE: dict[str, Any] = {
    "StartAt": "Call",
    "States": {
        "Call": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "f"},
            "Retry": [{"ErrorEquals": ["Lambda.SlowDown"], "MaxAttempts": 2}],
            "OutputPath": "$.Payload",
            "End": True,
        }
    },
}
SLOW = {"Throw": {"Error": "Lambda.SlowDown", "Cause": "wait"}}
CONFIG: dict[str, Any] = {
    "StateMachines": {"machine": {"TestCases": {"Retried": {"Call": "Later"}, "Failed": {"Call": "Never"}}}},
    "MockedResponses": {
        "Later": {"0-1": SLOW, "2": {"Return": {"StatusCode": 200, "Payload": "done"}}},
        "Never": {"0-9": SLOW},
    },
}


def test_cases(server: Callable[..., Client]) -> None:
    client = server(mock_config=read_mock_config(json.dumps(CONFIG)))
    machine = client.create(MACHINE)
    retried = client.start(f"{machine}#Retried")
    assert client.ended(retried)["output"] == '"done"'
    assert client.types(retried).count("TaskFailed") == 2
    failed = client.ended(client.start(f"{machine}#Failed"))
    assert (failed["status"], failed["error"], failed["cause"]) == ("FAILED", "Lambda.SlowDown", "wait")
    with pytest.raises(ClientError) as unknown:
        client.start(f"{machine}#Other")
    assert code(unknown) == ("ValidationException", "The mock configuration has no test case 'Other' for 'machine'")


def test_an_attempt_without_a_response_fails(server: Callable[..., Client]) -> None:
    config = {**CONFIG, "MockedResponses": {"Later": {"0": SLOW}, "Never": {"0": SLOW}}}
    client = server(mock_config=read_mock_config(json.dumps(config)))
    ended = client.ended(client.start(f"{client.create(MACHINE)}#Retried"))
    assert ended["cause"] == "The mock of the state 'Call' has no response for attempt 1."


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"MockedResponses": {}},
            "`StateMachines.machine.TestCases.Retried.Call`: no mocked response is called 'Later'",
        ),
        ({"MockedResponses": {"Later": {"one": SLOW}}}, "`MockedResponses.Later`: `one` is not an attempt"),
        ({"MockedResponses": {"Later": {"0": {}}}}, "attempt 0 needs `Return`, or `Throw` with `Error` and `Cause`"),
        ({"StateMachines": []}, "`StateMachines` must be an object"),
    ],
)
def test_invalid_files(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidMockConfig) as invalid:
        read_mock_config(json.dumps({**CONFIG, **change}))
    assert message in str(invalid.value)
