"""A small AWS of the tests: a stack whose life is a script, a bucket, somebody who answers.

Time is a list of moments; a look at the world that sleeps turns to the next one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from flowgen.deploying import Asset, Cloud, Package, Refused, Source
from flowgen.diagnostics import Diagnostic, Position, Span

START = datetime(2026, 1, 1, tzinfo=UTC)
STACK_ID = "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/1"
SPAN = Span("workflows/shop.yaml", Position(12, 1), Position(12, 1))
TABLE = {"Type": "AWS::DynamoDB::Table"}


def error(code: str, message: str = "", operation: str = "Operation") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


def package(*assets: Asset, **template: Any) -> Package:
    content = {"Resources": {"Orders": TABLE}, **template}
    return Package("shop", json.dumps(content), assets, {"Orders": Source("the table", SPAN)})


def asset(folder: Path, name: str = "one-0123456789abcdef.zip", content: bytes = b"zip") -> Asset:
    (folder / name).write_bytes(content)
    return Asset(folder / name, f"flowgen/{name}", len(content))


def event(
    second: float,
    logical_id: str,
    status: str,
    reason: str = "",
    *,
    kind: str = "AWS::DynamoDB::Table",
    stack: str = STACK_ID,
    physical_id: str = "x",
) -> dict[str, Any]:
    """An event of a resource."""
    return {
        "EventId": f"{stack}-{second}-{logical_id}-{status}",
        "StackId": stack,
        "StackName": stack.split("/")[1],
        "LogicalResourceId": logical_id,
        "PhysicalResourceId": physical_id,
        "ResourceType": kind,
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
        "Timestamp": START + timedelta(seconds=second),
    }


def own(second: float, status: str, reason: str = "", stack: str = STACK_ID) -> dict[str, Any]:
    """An event of a stack itself."""
    name = stack.split("/")[1]
    return event(second, name, status, reason, kind="AWS::CloudFormation::Stack", stack=stack, physical_id=stack)


@dataclass
class Moment:
    """What the world is like from now on: the stack's status (None: there is none), and what has happened."""

    status: str | None
    events: Sequence[dict[str, Any]] = ()


@dataclass
class CloudFormation:
    """One stack, and those nested in it. `life` is what comes of an execution or deletion, a moment a look."""

    status: str | None = None
    life: list[Moment] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    change_set: dict[str, Any] = field(default_factory=lambda: {"Status": "CREATE_COMPLETE"})
    events: list[dict[str, Any]] = field(default_factory=list)
    resources: list[dict[str, Any]] = field(default_factory=list)
    nested: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    fails: dict[str, list[BaseException]] = field(default_factory=dict)
    running: bool = False

    def called(self, name: str, asked: dict[str, Any]) -> None:
        self.calls.append((name, asked))
        if self.fails.get(name):
            raise self.fails[name].pop(0)

    @property
    def names(self) -> list[str]:
        """What was called that changes something."""
        return [name for name, _ in self.calls if not name.startswith(("describe", "list"))]

    def tick(self, _seconds: float = 0) -> None:
        self.called("sleep", {})
        if self.running:
            moment = self.life.pop(0)
            self.status = moment.status
            self.events += moment.events

    def describe_stacks(self, **asked: Any) -> Any:
        self.called("describe_stacks", asked)
        if self.status is None:
            raise error("ValidationError", f"Stack with id {asked['StackName']} does not exist", "DescribeStacks")
        return {
            "Stacks": [
                {
                    "StackId": STACK_ID,
                    "StackName": "shop",
                    "StackStatus": self.status,
                    "Parameters": [{"ParameterKey": k, "ParameterValue": v} for k, v in self.parameters.items()],
                    "Outputs": [{"OutputKey": k, "OutputValue": v} for k, v in self.outputs.items()],
                }
            ]
        }

    def create_change_set(self, **asked: Any) -> Any:
        self.called("create_change_set", asked)
        if asked["ChangeSetType"] == "CREATE":
            self.status = "REVIEW_IN_PROGRESS"
        return {"Id": "change-set-1", "StackId": STACK_ID}

    def describe_change_set(self, **asked: Any) -> Any:
        self.called("describe_change_set", asked)
        if asked["ChangeSetName"] in self.nested:
            return {"Status": "CREATE_COMPLETE", "Changes": self.nested[asked["ChangeSetName"]]}
        half = len(self.changes) // 2
        if asked.get("NextToken"):
            return {**self.change_set, "Changes": self.changes[half:]}
        more = {"NextToken": "2"} if half else {}
        return {**self.change_set, "Changes": self.changes[:half] or self.changes, **more}

    def execute_change_set(self, **asked: Any) -> None:
        self.called("execute_change_set", asked)
        self.status = "CREATE_IN_PROGRESS" if self.status == "REVIEW_IN_PROGRESS" else "UPDATE_IN_PROGRESS"
        self.running = True

    def delete_change_set(self, **asked: Any) -> None:
        self.called("delete_change_set", asked)

    def delete_stack(self, **asked: Any) -> None:
        self.called("delete_stack", asked)
        if self.status == "REVIEW_IN_PROGRESS":
            self.status = None
            return
        self.status = "DELETE_IN_PROGRESS"
        self.running = True

    def get_paginator(self, name: str) -> Any:
        return _Pages(lambda asked: self.pages(name, asked))

    def pages(self, name: str, asked: dict[str, Any]) -> Iterator[Any]:
        self.called(name, asked)
        if name == "list_stack_resources":
            here = [one for one in self.resources if one.get("of", STACK_ID) == asked["StackName"]]
            yield {"StackResourceSummaries": here}
            return
        here = [one for one in self.events if one["StackId"] == asked["StackName"]]
        for number in range(0, len(here), 2):
            end = len(here) - number
            yield {"StackEvents": here[max(end - 2, 0) : end][::-1]}


@dataclass
class _Pages:
    make: Callable[[dict[str, Any]], Iterator[Any]]

    def paginate(self, **asked: Any) -> Iterator[Any]:
        return self.make(asked)


@dataclass
class S3:
    """Buckets by name, each with its objects by key. `settings` are what was set, in order."""

    buckets: dict[str, dict[str, bytes]] = field(default_factory=dict)
    complete: bool = True
    region: str = "eu-west-1"
    settings: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    fails: dict[str, list[BaseException]] = field(default_factory=dict)

    class meta:  # noqa: N801 - botocore's name
        endpoint_url = "https://s3.eu-west-1.amazonaws.com"

    def _called(self, name: str, asked: dict[str, Any]) -> None:
        assert asked["ExpectedBucketOwner"] == "111122223333" or name == "create_bucket"
        if self.fails.get(name):
            raise self.fails[name].pop(0)

    def head_bucket(self, **asked: Any) -> Any:
        self._called("head_bucket", asked)
        if asked["Bucket"] not in self.buckets:
            raise error("404", "Not Found", "HeadBucket")
        return {"BucketRegion": self.region}

    def get_bucket_lifecycle_configuration(self, **asked: Any) -> Any:
        self._called("get_bucket_lifecycle_configuration", asked)
        if not self.complete:
            raise error("NoSuchLifecycleConfiguration")
        return {"Rules": []}

    def create_bucket(self, **asked: Any) -> None:
        self.settings.append(("create_bucket", asked))
        self.buckets[asked["Bucket"]] = {}

    def head_object(self, **asked: Any) -> Any:
        self._called("head_object", asked)
        objects = self.buckets[asked["Bucket"]]
        if asked["Key"] not in objects:
            raise error("404", "Not Found", "HeadObject")
        return {"ContentLength": len(objects[asked["Key"]])}

    def upload_file(self, path: str, bucket: str, key: str, **more: Any) -> None:
        self._called("upload_file", more["ExtraArgs"])
        content = Path(path).read_bytes()
        self.buckets[bucket][key] = content
        more["Callback"](len(content))

    def put_object(self, **asked: Any) -> None:
        self._called("put_object", asked)
        self.buckets[asked["Bucket"]][asked["Key"]] = asked["Body"]

    def delete_object(self, **asked: Any) -> None:
        self._called("delete_object", asked)
        del self.buckets[asked["Bucket"]][asked["Key"]]

    def __getattr__(self, name: str) -> Any:
        def put(**asked: Any) -> None:
            self._called(name, asked)
            self.settings.append((name, asked))

        return put


@dataclass
class StepFunctions:
    """Executions that run, by the ARN of their machine."""

    running: dict[str, int] = field(default_factory=dict)
    fails: list[BaseException] = field(default_factory=list)

    def list_executions(self, **asked: Any) -> Any:
        if self.fails:
            raise self.fails.pop(0)
        assert asked["statusFilter"] == "RUNNING"
        number = self.running.get(asked["stateMachineArn"], 0)
        return {"executions": [{}] * min(number, 1000), **({"nextToken": "x"} if number > 1000 else {})}


@dataclass
class Somebody:
    """Says yes or no, and remembers what was reported."""

    answer: bool | BaseException = True
    said: list[str] = field(default_factory=list)
    told: list[Diagnostic] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    moved: list[tuple[int, int]] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.said.append(text)

    def tell(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.told += diagnostics

    def agrees(self, question: str) -> bool:
        self.asked.append(question)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer

    def uploaded(self, done: int, total: int) -> None:
        self.moved.append((done, total))


def cloud(
    cloudformation: CloudFormation | None = None, s3: S3 | None = None, stepfunctions: StepFunctions | None = None
) -> Cloud:
    stacks = cloudformation or CloudFormation()
    return Cloud(
        "111122223333", "eu-west-1", "aws", None, stacks, s3 or S3(), stepfunctions or StepFunctions(), stacks.tick
    )


def refusal_of(call: Callable[[], object]) -> Diagnostic:
    """The one finding that a call rejects with."""
    try:
        call()
    except Refused as refused:
        [found] = refused.diagnostics
        return found
    raise AssertionError("nothing was refused")
