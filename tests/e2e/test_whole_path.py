"""From the YAML to an execution, by two parts that are not ours: moto's interpreter and Lambda's own runtime.

The state machine is the one that is in the packaged template, its intrinsics and substitutions resolved as
CloudFormation does it. moto runs it through its API; it calls the packaged zips, which run under `awslambdaric` with
the runtime interface emulator. The outcome is that of `flowgen run`.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import boto3
import pytest
from jsonata.jsonata import Jsonata

from tests.e2e.emulator import Function, emulated
from tests.e2e.lambda_endpoint import endpoint
from tests.e2e.programs import Programs
from tests.e2e.test_package import HERE, MACHINE, copied, package, target
from tests.unit.backends.cloudformation.support import CloudFormation, resources

REGION = "eu-west-1"

pytestmark = pytest.mark.needs("emulator", "index")


@dataclass(frozen=True, slots=True)
class Packaged:
    """What goes to AWS: the definition as it reaches Step Functions; each function's zip and handler, by its ARN."""

    definition: str
    functions: Mapping[str, tuple[Path, str]]


def packaged(project: Path, cache: Path) -> Packaged:
    """A project of one workflow."""
    target(project, project.name, HERE, MACHINE)
    files = {asset["key"]: project / "build" / asset["file"] for asset in package(project, cache)["assets"]}
    template = json.loads((project / "build" / "template.json").read_text("utf-8"))
    stack = CloudFormation(template)
    functions = {
        stack.arn("AWS::Lambda::Function", logical_id): (files[declared["Code"]["S3Key"]], declared["Handler"])
        for logical_id, declared in resources(template, "AWS::Lambda::Function").items()
    }
    (machine,) = resources(template, "AWS::StepFunctions::StateMachine")
    return Packaged(json.dumps(stack.definition(machine)), functions)


@contextmanager
def lambda_of(aws: Packaged) -> Iterator[str]:
    """The URL of a Lambda that has the functions; each starts when it is first called."""
    running: dict[str, Function] = {}
    with ExitStack() as started:

        def invoke(arn: str, event: Any) -> Any:
            function, _, version = arn.rpartition(":")
            assert version.isdecimal(), f"{arn} names no version"
            if function not in running:
                running[function] = started.enter_context(emulated(*aws.functions[function]))
            return running[function].invoke(event)

        yield started.enter_context(endpoint(invoke))


@contextmanager
def moto_plugged() -> Iterator[None]:
    """moto has no evaluator of JSONata, so one is plugged in; its waits are skipped."""
    from moto import mock_aws
    from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
    from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
    from moto.stepfunctions.parser.asl.jsonata import jsonata as moto_jsonata

    logging.getLogger("moto").setLevel(logging.CRITICAL)

    def evaluate(expression: str) -> Any:
        try:
            return Jsonata(expression).evaluate(None)
        except Exception as error:  # noqa: BLE001 - whatever the evaluator raises is the expression's failure
            raise moto_jsonata.JSONataException("UNKNOWN", str(error)) from None

    with (
        patch.object(moto_jsonata, "_eval_jsonata", evaluate),
        patch.object(retrier_decl, "time", SimpleNamespace(sleep=lambda _: None)),
        patch.object(WaitFunction, "_wait_interval", lambda _self, env, wait_seconds: None),  # noqa: ARG005 - its signature
        mock_aws(config={"stepfunctions": {"execute_state_machine": True}}),
    ):
        yield


def executed(definition: str, value: Any) -> dict[str, Any]:
    """What DescribeExecution of moto's Step Functions says of an execution that has ended."""
    with moto_plugged():
        client = boto3.client("stepfunctions", region_name=REGION)
        machine = client.create_state_machine(
            name="machine", definition=definition, roleArn="arn:aws:iam::111111111111:role/machine"
        )
        started = client.start_execution(stateMachineArn=machine["stateMachineArn"], input=json.dumps(value))
        deadline = time.monotonic() + 60
        while True:
            said: dict[str, Any] = client.describe_execution(executionArn=started["executionArn"])
            if said["status"] != "RUNNING":
                return said
            assert time.monotonic() < deadline, "moto's execution does not end"
            time.sleep(0.02)


@pytest.mark.parametrize("example", ["place_order", "remind_user"])
def test_the_outcome_is_that_of_a_local_run(
    example: str, cache: Path, tmp_path: Path, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = copied(example, tmp_path)
    aws = packaged(project, cache)
    for file in sorted((project / "inputs").iterdir()):
        done = programs.run("flowgen", "run", "--json", "--input", f"@{file}", folder=project)
        here = json.loads(done.stdout)
        with lambda_of(aws) as url:
            monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", url)
            there = executed(aws.definition, json.loads(file.read_text("utf-8")))
        assert there["status"] == here["status"], file.name
        assert json.loads(there.get("output", "null")) == here.get("output"), file.name
        assert there.get("error") == here.get("error"), file.name
