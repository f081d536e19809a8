"""Calls of Lambda functions: within Lambda's time limit, and with the response of Lambda's API."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Generator, Mapping
from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from flowgen.asl.json_text import parse_data
from flowgen.local.failures import StateFailure
from flowgen.local.runtime_types import Answer, Task, function_name
from flowgen.local.tasks import LAMBDA_TIMEOUT, call, function_arn, timed_out
from flowgen.local.values import JSON

if TYPE_CHECKING:
    from flowgen.local.frame import Frame
    from flowgen.local.scheduler import Effect


def _function_not_found(frame: Frame, named: str) -> StateFailure:
    arn = function_arn(frame, function_name(named))
    return StateFailure(
        "Lambda.ResourceNotFoundException",
        f"Function not found: {arn}:$LATEST (Service: AWSLambda; Status Code: 404; Error Code: "
        f"ResourceNotFoundException; Request ID: {frame.run.unique()}; Proxy: null)",
    )


def run_function(frame: Frame, task: Task | None, named: str, payload: JSON) -> Generator[Effect, Any, Answer]:
    """Call a Lambda function, within Lambda's own time limit."""
    if task is None:
        return Answer(0.0, failure=_function_not_found(frame, named))
    answer = yield from call(task, payload, frame, named)
    if answer.seconds > LAMBDA_TIMEOUT:
        return Answer(LAMBDA_TIMEOUT, failure=timed_out(frame.run.unique(), LAMBDA_TIMEOUT))
    return answer


def invoke(frame: Frame, arguments: JSON, mock: Task | None = None) -> Generator[Effect, Any, Answer]:
    """`lambda:invoke`: call the function, and return the response of Lambda's API in the form of the SDK.

    `mock` replaces the function.
    """
    named = arguments.get("FunctionName") if isinstance(arguments, Mapping) else None
    if not isinstance(named, str):
        raise frame.runtime_failure("The field 'FunctionName' is required but was missing")
    payload = arguments.get("Payload")
    if isinstance(payload, str):
        try:
            payload = parse_data(payload)
        except ValueError:
            cause = f"Could not parse request body into json: {payload!r}"
            return Answer(0.0, failure=StateFailure("Lambda.InvalidRequestContentException", cause))
    task = mock or frame.run.tasks.function(named)
    answer = yield from run_function(frame, task, named, {} if payload is None else payload)
    if answer.failure is not None:
        return answer
    if arguments.get("InvocationType") == "Event":
        value = _response(frame, "", 202, {})
    else:
        logs = arguments.get("LogType") == "Tail"
        members = {"ExecutedVersion": "$LATEST", "Payload": answer.value}
        if logs:
            members["LogResult"] = b64encode(b"START\nEND\n").decode()
        value = _response(frame, answer.text, 200, members)
    return Answer(answer.seconds, value=value, text=answer.text)


def _response(frame: Frame, body: str, status: int, members: dict[str, JSON]) -> dict[str, JSON]:
    """The result of an SDK call, with the HTTP metadata that Step Functions adds to it."""
    request_id = frame.run.unique()
    moment = frame.run.start + timedelta(seconds=frame.scheduler.now)
    headers = {
        "Connection": "keep-alive",
        "Content-Length": str(len(body.encode("utf-8", "surrogatepass"))),
        "Content-Type": "application/json",
        "Date": format_datetime(moment, usegmt=True),
        "x-amzn-Remapped-Content-Length": "0",
        "x-amzn-RequestId": request_id,
        "X-Amzn-Trace-Id": f"root=1-{request_id[:8]}-{request_id.replace('-', '')[:24]};sampled=0",
    }
    if "ExecutedVersion" in members:
        headers["X-Amz-Executed-Version"] = members["ExecutedVersion"]
    if "LogResult" in members:
        headers["X-Amz-Log-Result"] = members["LogResult"]
    return {
        **members,
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in headers.items()},
            "HttpHeaders": headers,
            "HttpStatusCode": status,
        },
        "SdkResponseMetadata": {"RequestId": request_id},
        "StatusCode": status,
    }
