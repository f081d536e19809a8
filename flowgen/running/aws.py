"""Calls AWS through boto3, which is imported only on request.

Parameters and results have Step Functions' spelling (capitalized members), and errors have Step Functions' names:
`DynamoDB.ConditionalCheckFailedException` in an optimized integration, `DynamoDb.ConditionalCheckFailedException` in an
SDK integration. The SDK's own retries are disabled, because the state machine has retriers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flowgen.asl.json_text import parse
from flowgen.aws.error_names import error_prefix
from flowgen.diagnostics.passwords import without_passwords
from flowgen.local import Task, TaskError
from flowgen.local.failures import StateFailure
from flowgen.local.integrations import Service, parse_service
from flowgen.local.runtime_types import Request
from flowgen.local.values import JSON
from flowgen.running.aws_names import botocore_service
from flowgen.running.boto_values import from_boto, to_boto
from flowgen.running.jobs import JOBS, Job

POLL = 2.0
"""Real seconds between two checks of a job."""

_SKIPPED_METADATA = "ResponseMetadata"


class NoConnection(Exception):  # noqa: N818 - reported as wrong usage
    """boto3 is not installed, or its configuration is invalid."""


def connect(endpoint: str | None, sleep: Callable[[float], None]) -> Aws:
    """AWS with the usual configuration of the SDK, or another endpoint. Raises `NoConnection`."""
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
    except ImportError:
        raise NoConnection("calling AWS requires boto3: pip install 'flowgen-aws[aws]'") from None
    more: dict[str, Any] = {}
    try:
        session = boto3.Session()
        if session.region_name is None:
            more["region_name"] = "us-east-1"
        if endpoint is not None:
            more["endpoint_url"] = endpoint
            if session.get_credentials() is None:
                more |= {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    except BotoCoreError as error:
        raise NoConnection(f"cannot use the configuration of the AWS SDK: {error}") from None
    config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"} if endpoint else None)
    return Aws(lambda service: session.client(service, config=config, **more), session.get_available_services, sleep)


@dataclass(slots=True)
class Aws:
    """Performs service integrations. `make_client` returns a client by botocore's name of the service."""

    make_client: Callable[[str], Any]
    services: Callable[[], list[str]]
    sleep: Callable[[float], None]
    _clients: dict[str, Any] = field(default_factory=dict)

    def client(self, name: str) -> Any:
        """Raises TaskError, which no catcher catches, if the SDK's configuration or the endpoint is invalid."""
        if name not in self._clients:
            from botocore.exceptions import BotoCoreError

            try:
                self._clients[name] = self.make_client(name)
            except (BotoCoreError, ValueError) as error:
                raise TaskError("States.Runtime", without_passwords(f"cannot call {name}: {error}")) from None
        return self._clients[name]

    def answer(self, request: Request) -> Task | None:
        """The callable for a request; None if it is not an API call, or if waiting for it is not supported."""
        service = parse_service(request.resource)
        if service is None:
            return self._function(request.resource) if ":function:" in request.resource else None
        if service.waits_for_token or service.type in ("http", "states"):
            return None
        if service.is_invocation:
            named = request.arguments.get("FunctionName") if isinstance(request.arguments, Mapping) else None
            return self._function(str(named))
        name = botocore_service(service.type, self.services())
        if name is None:
            return None
        action, _, pattern = service.action.partition(".")
        job = JOBS.get((service.type, action)) if pattern else None
        if pattern and job is None:
            return None
        return Task(lambda arguments: self._call(service, name, action, arguments, job))

    def objects(self) -> MutableMapping[str, str]:
        """The objects in S3, as strings."""
        return BucketObjects(lambda: self.client("s3"))

    def _function(self, named: str) -> Task:
        """Calls a Lambda function in AWS, as the state machine would, and returns its value or raises its error."""

        def invoke(payload: JSON) -> JSON:
            client = self.client("lambda")
            with _errors("Lambda", optimized=True):
                answer = client.invoke(FunctionName=named, Payload=json.dumps(payload).encode())
            text = answer["Payload"].read().decode()
            if answer.get("FunctionError"):
                raise TaskError(_error_type(text), text)
            try:
                return parse(text) if text else None
            except ValueError as error:
                raise TaskError("Lambda.SdkClientException", f"the function's response is not JSON: {error}") from None

        return Task(invoke, returns=True)

    def _call(self, service: Service, name: str, action: str, arguments: JSON, job: Job | None) -> JSON:
        client = self.client(name)
        optimized = not service.type.startswith("aws-sdk:")
        prefix = error_prefix(service.type, client.meta.service_model.service_id)
        operation = action[:1].upper() + action[1:]
        method = next((m for m, o in client.meta.method_to_api_mapping.items() if o.lower() == operation.lower()), None)
        if method is None:
            raise TaskError("States.Runtime", f"{name} has no action {action}")
        model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method])
        with _errors(prefix, optimized=optimized):
            asked = to_boto(arguments or {}, model.input_shape, name)
            response = getattr(client, method)(**asked)
            if job is not None:
                return job.wait(client, response, asked, self.sleep, POLL)
        metadata = response.pop(_SKIPPED_METADATA, {})
        answer = from_boto(response, model.output_shape, None if optimized else name)
        if optimized and isinstance(answer, dict):
            answer |= _metadata(metadata)
        _check_entries(service, answer)
        return answer


@contextmanager
def _errors(prefix: str, *, optimized: bool) -> Iterator[None]:
    """Raises TaskError for the errors of the SDK, also for a response that the SDK cannot read."""
    from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
    from botocore.parsers import ResponseParserError

    try:
        yield
    except ClientError as error:
        raise _failure(prefix, error, optimized=optimized) from None
    except ParamValidationError as error:
        raise TaskError(f"{prefix}.{_general(prefix, optimized=optimized)}", str(error)) from None
    except (BotoCoreError, ResponseParserError) as error:
        raise TaskError(f"{prefix}.SdkClientException", without_passwords(str(error))) from None


def _check_entries(service: Service, answer: JSON) -> None:
    """`events:putEvents` fails if one of its entries failed (developer guide, "Send events to EventBridge")."""
    if service.type == "events" and isinstance(answer, Mapping) and answer.get("FailedEntryCount"):
        cause = {name: answer[name] for name in ("Entries", "FailedEntryCount") if name in answer}
        raise TaskError("EventBridge.FailedEntry", json.dumps(cause))


def _metadata(metadata: Mapping[str, JSON]) -> dict[str, JSON]:
    headers = {str(name): str(value) for name, value in metadata.get("HTTPHeaders", {}).items()}
    return {
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in headers.items()},
            "HttpHeaders": headers,
            "HttpStatusCode": metadata.get("HTTPStatusCode"),
        },
        "SdkResponseMetadata": {"RequestId": metadata.get("RequestId", "")},
    }


def _failure(prefix: str, error: Any, *, optimized: bool) -> TaskError:
    """The error of an API under Step Functions' name, which always ends with `Exception`."""
    details, metadata = error.response.get("Error", {}), error.response.get("ResponseMetadata", {})
    code = str(details.get("Code", "Unknown")).rpartition("#")[2].removeprefix("Client.")
    name = code.rpartition(".")[2] or "Unknown"
    name = name if name.endswith("Exception") else f"{name}Exception"
    if name == "ValidationException" or name[0].isdigit():
        name = _general(prefix, optimized=optimized)
    status, request_id = metadata.get("HTTPStatusCode"), metadata.get("RequestId", "")
    if optimized:
        where = (
            f"Service: Amazon{prefix}; Status Code: {status}; Error Code: {code}; Request ID: {request_id}; Proxy: null"
        )
    else:
        where = f"Service: {prefix}, Status Code: {status}, Request ID: {request_id}"
    return TaskError(f"{prefix}.{name}", f"{details.get('Message', '')} ({where})")


def _general(prefix: str, *, optimized: bool) -> str:
    """The error of a service that has no specific class in the SDK for Java."""
    return f"Amazon{prefix}Exception" if optimized else f"{prefix}Exception"


def _error_type(text: str) -> str:
    """The error name in the response of a failed function."""
    try:
        response = parse(text)
    except ValueError:
        response = None
    found = response.get("errorType") if isinstance(response, dict) else None
    return found if isinstance(found, str) else "Lambda.Unknown"


@dataclass(frozen=True, slots=True)
class BucketObjects(MutableMapping[str, str]):
    """The objects in S3 under "bucket/key", as UTF-8 strings. List them `under` a prefix: S3 may have too many.

    Methods raise StateFailure for errors of S3, under the names that Map states give them.
    """

    client: Callable[[], Any]

    def __getitem__(self, name: str) -> str:
        return self.content(name).decode("utf-8", "replace")

    def content(self, name: str) -> bytes:
        """The bytes of an object. Raises KeyError."""
        bucket, _, key = name.partition("/")
        with _failing("States.ItemReaderFailed", missing=name):
            content: bytes = self.client().get_object(Bucket=bucket, Key=key)["Body"].read()
        return content

    def __setitem__(self, name: str, text: str) -> None:
        bucket, _, key = name.partition("/")
        with _failing("States.ResultWriterFailed"):
            self.client().put_object(Bucket=bucket, Key=key, Body=text.encode())

    def __delitem__(self, name: str) -> None:
        bucket, _, key = name.partition("/")
        with _failing("States.ResultWriterFailed"):
            self.client().delete_object(Bucket=bucket, Key=key)

    def __iter__(self) -> Iterator[str]:
        with _failing("States.ItemReaderFailed"):
            buckets = self.client().list_buckets()["Buckets"]
        for bucket in buckets:
            yield from self.under(f"{bucket['Name']}/")

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def under(self, prefix: str) -> list[str]:
        """The sorted names with this prefix."""
        bucket, _, key = prefix.partition("/")
        with _failing("States.ItemReaderFailed"):
            pages = self.client().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key)
            return [f"{bucket}/{entry['Key']}" for page in pages for entry in page.get("Contents", ())]


@contextmanager
def _failing(name: str, missing: str | None = None) -> Iterator[None]:
    """Raises StateFailure for the errors of S3; if `missing` names an object, KeyError if S3 rejects the request."""
    from botocore.exceptions import ClientError

    try:
        with _errors("S3", optimized=True):
            yield
    except TaskError as error:
        if missing is not None and isinstance(error.__context__, ClientError):
            raise KeyError(missing) from None
        raise StateFailure(name, error.cause) from None
