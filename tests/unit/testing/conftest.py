"""A project with generated code, and one of a foreign definition, as their tests would load them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from flowgen.testing import Workflow, load

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def place_order(tmp_path_factory: pytest.TempPathFactory) -> Workflow:
    """The example `place_order`: calls with declared errors, a retrier, catchers, branches."""
    project = tmp_path_factory.mktemp("project") / "place_order"
    shutil.copytree(ROOT / "examples" / "place_order", project, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    return load("workflows/place_order.yaml", project)


FOREIGN = """{"StartAt": "Ask", "States": {
  "Ask": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
    "Parameters": {"QueueUrl": "q", "MessageBody.$": "$.n", "Token.$": "$$.Task.Token"}, "TimeoutSeconds": 60,
    "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 5, "MaxAttempts": 2}],
    "Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "Late"}], "Next": "Both"},
  "Both": {"Type": "Parallel", "Next": "Each", "Branches": [
    {"StartAt": "One", "States": {"One": {"Type": "Task", "End": true,
      "Resource": "arn:aws:lambda:eu-west-1:111111111111:function:one"}}},
    {"StartAt": "Two", "States": {"Two": {"Type": "Wait", "Seconds": 10, "End": true}}}]},
  "Each": {"Type": "Map", "ItemsPath": "$[0]", "End": true, "ItemProcessor": {"StartAt": "Item", "States": {
    "Item": {"Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:111111111111:function:item", "End": true}}}},
  "Late": {"Type": "Succeed"}}}
"""


@pytest.fixture(scope="session")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Workflow:
    """A machine in Amazon States Language: a task token, a Parallel and a Map state."""
    folder = tmp_path_factory.mktemp("foreign")
    (folder / "machine.asl.json").write_text(FOREIGN)
    return load("machine.asl.json", folder)
