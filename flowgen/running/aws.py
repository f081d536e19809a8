"""Calls AWS through boto3, which is imported only on request.

Parameters and results have Step Functions' spelling (capitalized members), and errors have Step Functions' names:
`DynamoDB.ConditionalCheckFailedException` in an optimized integration, `DynamoDb.ConditionalCheckFailedException` in an
SDK integration. The SDK's own retries are disabled, because the state machine has retriers.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flowgen.asl.json_text import parse
from flowgen.aws.error_names import error_prefix
from flowgen.aws.member_names import api_member, sdk_spellings
from flowgen.local import Task, TaskError
from flowgen.local.integrations import Request, Service, parse_service
from flowgen.running.aws_names import botocore_service
from flowgen.running.jobs import JOBS, Job

JSON = Any

POLL = 2.0
"""Real seconds between two checks of a job."""

_SKIPPED_METADATA = "ResponseMetadata"


class NoBoto(Exception):  # noqa: N818 - reported as wrong usage
    """boto3 is not installed."""


def connect(endpoint: str | None, sleep: Callable[[float], None]) -> Aws:
    """AWS with the usual configuration of the SDK, or another endpoint. Raises `NoBoto`."""
    try:
        import boto3
        from botocore.config import Config
    except ImportError:
        raise NoBoto("calling AWS requires boto3: pip install 'flowgen-aws[aws]'") from None
    session = boto3.Session()
    more: dict[str, Any] = {}
    if session.region_name is None:
        more["region_name"] = "us-east-1"
    if endpoint is not None:
        more["endpoint_url"] = endpoint
        if session.get_credentials() is None:
            more |= {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
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
        if name not in self._clients:
            self._clients[name] = self.make_client(name)
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
        """The objects in S3, as texts."""
        return BucketObjects(self.client("s3"))

    def _function(self, named: str) -> Task:
        """Calls a Lambda function in AWS, as the state machine would, and returns its value or raises its error."""

        def invoke(payload: JSON) -> JSON:
            from botocore.exceptions import BotoCoreError, ClientError

            try:
                answer = self.client("lambda").invoke(FunctionName=named, Payload=json.dumps(payload).encode())
            except ClientError as error:
                raise _failure("Lambda", error, optimized=True) from None
            except BotoCoreError as error:
                raise TaskError("Lambda.SdkClientException", str(error)) from None
            text = answer["Payload"].read().decode()
            if answer.get("FunctionError"):
                raise TaskError(_error_type(text), text)
            try:
                return parse(text) if text else None
            except ValueError as error:
                raise TaskError("Lambda.SdkClientException", f"the function's answer is not JSON: {error}") from None

        return Task(invoke, returns=True)

    def _call(self, service: Service, name: str, action: str, arguments: JSON, job: Job | None) -> JSON:
        from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

        client = self.client(name)
        optimized = not service.type.startswith("aws-sdk:")
        prefix = error_prefix(service.type, client.meta.service_model.service_id)
        operation = action[:1].upper() + action[1:]
        method = next((m for m, o in client.meta.method_to_api_mapping.items() if o.lower() == operation.lower()), None)
        if method is None:
            raise TaskError("States.Runtime", f"{name} has no action {action}")
        model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method])
        try:
            asked = to_boto(arguments or {}, model.input_shape, name)
            response = getattr(client, method)(**asked)
            if job is not None:
                return job.wait(client, response, asked, self.sleep, POLL)
        except ClientError as error:
            raise _failure(prefix, error, optimized=optimized) from None
        except ParamValidationError as error:
            raise TaskError(f"{prefix}.{_general(prefix, optimized=optimized)}", str(error)) from None
        except BotoCoreError as error:
            raise TaskError(f"{prefix}.SdkClientException", str(error)) from None
        metadata = response.pop(_SKIPPED_METADATA, {})
        answer = from_boto(response, model.output_shape, None if optimized else name)
        if optimized and isinstance(answer, dict):
            answer |= _metadata(metadata)
        _check_entries(service, answer)
        return answer


def _check_entries(service: Service, answer: JSON) -> None:
    """`events:putEvents` fails when one of its entries did (developer guide, "Send events to EventBridge")."""
    if service.type == "events" and isinstance(answer, Mapping) and answer.get("FailedEntryCount"):
        told = {name: answer[name] for name in ("Entries", "FailedEntryCount") if name in answer}
        raise TaskError("EventBridge.FailedEntry", json.dumps(told))


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
    """The error of an API, as Step Functions names it: always as an exception."""
    told, metadata = error.response.get("Error", {}), error.response.get("ResponseMetadata", {})
    code = str(told.get("Code", "Unknown")).rpartition("#")[2].removeprefix("Client.")
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
    return TaskError(f"{prefix}.{name}", f"{told.get('Message', '')} ({where})")


def _general(prefix: str, *, optimized: bool) -> str:
    """The error of a service for which the SDK for Java has no class of its own."""
    return f"Amazon{prefix}Exception" if optimized else f"{prefix}Exception"


def to_boto(value: JSON, shape: Any, service: str) -> Any:
    """Converts a value from Step Functions' spelling to botocore's, following the shape of the service's input."""
    if shape is None:
        return value
    match shape.type_name:
        case "structure" if isinstance(value, Mapping):
            if getattr(shape, "is_document_type", False):
                return value
            spelled = {name: sdk_spellings(service, shape.name, name) for name in shape.members}
            known = {one.lower(): name for name, all_ in spelled.items() for one in all_}
            known |= {name.lower(): name for name in shape.members}
            return {
                known.get(key.lower(), key): to_boto(inner, shape.members.get(known.get(key.lower(), key)), service)
                for key, inner in value.items()
            }
        case "list" if isinstance(value, list):
            return [to_boto(inner, shape.member, service) for inner in value]
        case "map" if isinstance(value, Mapping):
            return {key: to_boto(inner, shape.value, service) for key, inner in value.items()}
        case "blob":
            return (value if isinstance(value, str) else _text(value)).encode()
        case "string" if not isinstance(value, str):
            # Where an API expects a string, Step Functions accepts any JSON and sends it as text.
            return _text(value)
        case _:
            return value


def _text(value: JSON) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _error_type(text: str) -> str:
    """The error name in the response of a failed function."""
    try:
        told = parse(text)
    except ValueError:
        told = None
    found = told.get("errorType") if isinstance(told, dict) else None
    return found if isinstance(found, str) else "Lambda.Unknown"


def from_boto(value: Any, shape: Any, sdk_service: str | None = None) -> JSON:
    """A response of botocore's as JSON, in Step Functions' spelling.

    `sdk_service` is the service that was called through an SDK integration, None for an optimized integration.
    """
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if hasattr(value, "read"):
        value = value.read()
    if isinstance(value, bytes | bytearray):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return base64.b64encode(value).decode()
    kind = getattr(shape, "type_name", None)
    if isinstance(value, Mapping):
        if kind == "structure" and not getattr(shape, "is_document_type", False):
            return {
                api_member(key) if sdk_service is None else sdk_spellings(sdk_service, shape.name, key)[0]: from_boto(
                    inner, shape.members.get(key), sdk_service
                )
                for key, inner in value.items()
            }
        return {key: from_boto(inner, getattr(shape, "value", None), sdk_service) for key, inner in value.items()}
    if isinstance(value, list | tuple | set):
        return [from_boto(inner, getattr(shape, "member", None), sdk_service) for inner in value]
    return value


@dataclass(frozen=True, slots=True)
class BucketObjects(MutableMapping[str, str]):
    """The objects in S3 under "bucket/key", as UTF-8 texts. They are too many to be listed but `under` a prefix."""

    client: Any

    def __getitem__(self, name: str) -> str:
        return self.content(name).decode("utf-8", "replace")

    def content(self, name: str) -> bytes:
        """The bytes of an object. Raises KeyError."""
        from botocore.exceptions import ClientError

        bucket, _, key = name.partition("/")
        try:
            content: bytes = self.client.get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError:
            raise KeyError(name) from None
        return content

    def __setitem__(self, name: str, text: str) -> None:
        bucket, _, key = name.partition("/")
        self.client.put_object(Bucket=bucket, Key=key, Body=text.encode())

    def __delitem__(self, name: str) -> None:
        bucket, _, key = name.partition("/")
        self.client.delete_object(Bucket=bucket, Key=key)

    def __iter__(self) -> Iterator[str]:
        for bucket in self.client.list_buckets()["Buckets"]:
            yield from self.under(f"{bucket['Name']}/")

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def under(self, prefix: str) -> list[str]:
        """The sorted names with this prefix."""
        bucket, _, key = prefix.partition("/")
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key)
        return [f"{bucket}/{entry['Key']}" for page in pages for entry in page.get("Contents", ())]
