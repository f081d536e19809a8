"""moto's interpreter of the States Language, run in place: a second opinion, and what the benchmark compares with.

It has no evaluator of JSONata, so one is plugged in. Its waits are skipped, and a task calls our function.
"""

from __future__ import annotations

import gc
import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from moto.stepfunctions.parser.api import StateMachineType
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.evaluation_details import AWSExecutionDetails
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventHistoryContext
from moto.stepfunctions.parser.asl.eval.program_state import ProgramEnded, ProgramError
from moto.stepfunctions.parser.asl.eval.states import ContextObjectData, ExecutionData, StateMachineData
from moto.stepfunctions.parser.asl.jsonata import jsonata as moto_jsonata
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser

JSON = Any
Function = Callable[[str, JSON], JSON]
"""Called with a function's ARN and its payload. It fails its task by raising an exception of the error's name."""

ACCOUNT, REGION = "111111111111", "us-east-1"
ARN = f"arn:aws:states:{REGION}:{ACCOUNT}:execution:StateMachine:execution"


@dataclass(frozen=True, slots=True)
class Opinion:
    """How an execution ended: SUCCEEDED, FAILED or TIMED_OUT."""

    status: str
    output: JSON = None
    error: str | None = None
    cause: str | None = None


def parse(definition: JSON) -> Any:
    """A definition, compiled; moto does so at each start of an execution."""
    return AmazonStateLanguageParser.parse(json.dumps(definition))[0]


def run(program: Any, value: JSON) -> Opinion:
    """Runs a program to its end."""
    environment = Environment(
        aws_execution_details=AWSExecutionDetails(ACCOUNT, REGION, f"arn:aws:iam::{ACCOUNT}:role/StepFunctionsRole"),
        execution_type=StateMachineType.STANDARD,
        context=ContextObjectData(  # type: ignore[typeddict-item]  # moto itself begins without the other keys
            Execution=ExecutionData(
                Id=ARN, Input=value, Name="execution", RoleArn="role", StartTime="2026-01-01T00:00:00.000Z"
            ),
            StateMachine=StateMachineData(Id="machine", Name="StateMachine"),
        ),
        event_history_context=EventHistoryContext.of_program_start(),
        cloud_watch_logging_session=None,
        activity_store={},
    )
    program.eval(environment)
    match environment.program_state():
        case ProgramEnded():
            return Opinion("SUCCEEDED", environment.states.get_input())
        case ProgramError(error=details):
            told = details or {}
            return Opinion("FAILED", None, told.get("error"), told.get("cause"))
        case _:
            return Opinion("TIMED_OUT")


@contextmanager
def interpreter(evaluate: Callable[[str], JSON], call: Function) -> Iterator[None]:
    """Inside of it moto evaluates JSONata with `evaluate`, calls functions through `call`, and waits for nothing."""
    logging.getLogger("moto").setLevel(logging.CRITICAL)

    def evaluated(expression: str) -> JSON:
        try:
            return evaluate(expression)
        except Exception as error:  # noqa: BLE001 - whatever the evaluator raises is the expression's failure
            raise moto_jsonata.JSONataException("UNKNOWN", str(error)) from None

    # A collection in one of moto's threads may not drop what the evaluator keeps for ours.
    gc.collect()
    gc.disable()
    try:
        with _patched(evaluated, call):
            yield
    finally:
        gc.enable()


@contextmanager
def _patched(evaluated: Callable[[str], JSON], call: Function) -> Iterator[None]:
    with (
        patch.object(moto_jsonata, "_eval_jsonata", evaluated),
        patch.object(lambda_eval_utils, "boto_client_for", lambda **_: SimpleNamespace(invoke=_invoker(call))),
        patch.object(retrier_decl, "time", SimpleNamespace(sleep=lambda _: None)),
        patch.object(WaitFunction, "_wait_interval", lambda _self, env, wait_seconds: None),  # noqa: ARG005 - its signature
    ):
        yield


def _invoker(call: Function) -> Callable[..., JSON]:
    def invoke(*, FunctionName: str, Payload: bytes = b"{}", **_: JSON) -> JSON:  # noqa: N803 - boto3's names
        told: dict[str, JSON] = {"StatusCode": 200, "ExecutedVersion": "$LATEST"}
        try:
            answer = call(FunctionName, json.loads(Payload))
        except Exception as error:  # noqa: BLE001 - a function's failure is its answer
            answer = {"errorMessage": str(error), "errorType": type(error).__name__}
            told["FunctionError"] = "Unhandled"
        return {**told, "Payload": io.BytesIO(json.dumps(answer).encode())}

    return invoke
