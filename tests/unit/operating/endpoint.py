"""An endpoint of AWS for the commands that operate workflows: Step Functions, and what they need of other services.

boto3 speaks to it over HTTP, so that it checks the parameters of each request and parses each response.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

ACCOUNT = "111122223333"
REGION = "eu-west-1"
PREFIX = f"arn:aws:states:{REGION}:{ACCOUNT}"
NOW = 1_780_000_000.0
"""2026-05-28T20:26:40Z."""


class Problem(Exception):  # noqa: N818 - a response of AWS
    """An error that the endpoint responds with."""

    def __init__(self, code: str, message: str = "", status: int = 400) -> None:
        super().__init__(code)
        self.code, self.message, self.status = code, message, status


@dataclass
class Aws:
    """What exists: the stack's resources, executions by ARN with their histories, log events by group, task tokens.

    `problems` has the errors with which operations respond next. `requests` are all requests of Step Functions.
    """

    resources: dict[str, tuple[str, str]] = field(default_factory=dict)
    executions: dict[str, dict[str, Any]] = field(default_factory=dict)
    histories: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    logs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    problems: dict[str, list[Problem]] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    after: Callable[[str], None] = lambda _: None
    """Called after each request, with its operation."""

    def deploy(self, workflow: str, *functions: str) -> str:
        """Adds the state machine of a workflow, its alias and its log groups; returns its ARN."""
        name = "".join(part.title() for part in workflow.split("_"))
        arn = f"{PREFIX}:stateMachine:{name}"
        self.resources |= {
            f"{name}StateMachine": ("AWS::StepFunctions::StateMachine", arn),
            f"{name}StateMachineAlias": ("AWS::StepFunctions::StateMachineAlias", f"{arn}:live"),
            f"{name}StateMachineLogGroup": ("AWS::Logs::LogGroup", f"/machines/{workflow}"),
        }
        for function in functions:
            title = "".join(part.title() for part in function.split("_"))
            self.resources[f"{name}{title}LogGroup"] = ("AWS::Logs::LogGroup", f"/functions/{function}")
            self.resources[f"{name}{title}Function"] = ("AWS::Lambda::Function", f"{workflow}-{function}")
        return arn

    def execution(
        self, machine: str, name: str, status: str, started: float, ended: float | None = None, **more: Any
    ) -> str:
        """Adds an execution that started and ended that many seconds before now; returns its ARN."""
        arn = f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
        self.executions[arn] = {
            "executionArn": arn,
            "stateMachineArn": machine,
            "name": name,
            "status": status,
            "startDate": NOW - started,
            **({} if ended is None else {"stopDate": NOW - ended}),
            **more,
        }
        return arn

    def history(self, arn: str, events: list[dict[str, Any]]) -> None:
        """Sets the history of an execution, from one in the format of `flowgen run --history`."""
        self.histories[arn] = [
            {**event, "timestamp": datetime.fromisoformat(event["timestamp"]).timestamp()} for event in events
        ]

    def respond(self, operation: str, asked: dict[str, Any]) -> Any:
        if self.problems.get(operation):
            raise self.problems[operation].pop(0)
        self.requests.append((operation, asked))
        return getattr(self, operation)(asked)

    def StartExecution(self, asked: dict[str, Any]) -> Any:  # noqa: N802 - the API's name, as below
        machine = asked["stateMachineArn"].removesuffix(":live")
        arn = f"{machine.replace(':stateMachine:', ':execution:')}:{asked['name']}"
        if arn in self.executions:
            raise Problem("ExecutionAlreadyExists", "Execution Already Exists")
        self.execution(machine, asked["name"], "RUNNING", 0)
        return {"executionArn": arn, "startDate": NOW}

    def DescribeExecution(self, asked: dict[str, Any]) -> Any:  # noqa: N802
        if asked["executionArn"] not in self.executions:
            raise Problem("ExecutionDoesNotExist", "Execution Does Not Exist")
        return self.executions[asked["executionArn"]]

    def ListExecutions(self, asked: dict[str, Any]) -> Any:  # noqa: N802
        found = [
            {
                name: value
                for name, value in one.items()
                if name in ("executionArn", "name", "status", "startDate", "stopDate", "stateMachineArn")
            }
            for one in sorted(self.executions.values(), key=lambda one: -one["startDate"])
            if one.get("mapRunArn") == asked.get("mapRunArn")
            and one["stateMachineArn"] == asked.get("stateMachineArn", one["stateMachineArn"])
            and asked.get("statusFilter", one["status"]) == one["status"]
        ]
        begin = int(asked.get("nextToken", "0"))
        end = begin + min(asked.get("maxResults", 100), 2)
        return {"executions": found[begin:end], **({"nextToken": str(end)} if end < len(found) else {})}

    def GetExecutionHistory(self, asked: dict[str, Any]) -> Any:  # noqa: N802
        assert asked["includeExecutionData"] is True
        events = self.histories[asked["executionArn"]]
        begin = int(asked.get("nextToken", "0"))
        end = begin + 5
        return {"events": events[begin:end], **({"nextToken": str(end)} if end < len(events) else {})}

    def DescribeMapRun(self, asked: dict[str, Any]) -> Any:  # noqa: N802
        arn = asked["mapRunArn"]
        found = [one["status"] for one in self.executions.values() if one.get("mapRunArn") == arn]
        if not found:
            raise Problem("ResourceNotFound", "Resource not found")
        names = ("pending", "running", "succeeded", "failed", "aborted", "resultsWritten")
        counts = {name: found.count(name.upper()) for name in names}
        counts |= {"timedOut": found.count("TIMED_OUT"), "total": len(found)}
        return {
            "mapRunArn": arn,
            "executionArn": "arn:x",
            "status": "RUNNING",
            "startDate": NOW,
            "maxConcurrency": 0,
            "toleratedFailurePercentage": 0,
            "toleratedFailureCount": 0,
            "itemCounts": counts,
            "executionCounts": counts,
        }

    def DescribeStateMachine(self, asked: dict[str, Any]) -> Any:  # noqa: N802
        arn = asked["stateMachineArn"]
        kind = "EXPRESS" if arn.endswith("Quick") else "STANDARD"
        found = {"stateMachineArn": arn, "name": arn.rpartition(":")[2], "definition": "{}", "roleArn": "arn:r"}
        return {**found, "type": kind, "creationDate": NOW}

    def StopExecution(self, asked: dict[str, Any]) -> Any:  # noqa: N802
        self.executions[asked["executionArn"]]["status"] = "ABORTED"
        return {"stopDate": NOW}

    def RedriveExecution(self, asked: dict[str, Any]) -> Any:  # noqa: N802
        assert asked["clientToken"]
        self.executions[asked["executionArn"]]["status"] = "RUNNING"
        return {"redriveDate": NOW}

    def _answered(self, asked: dict[str, Any]) -> Any:
        if asked["taskToken"] not in self.tokens:
            raise Problem("InvalidToken", "Invalid Token: 'Invalid token'")
        return {}

    SendTaskSuccess = SendTaskFailure = SendTaskHeartbeat = _answered

    def FilterLogEvents(self, asked: dict[str, Any]) -> Any:  # noqa: N802
        if asked["logGroupName"] not in self.logs:
            raise Problem("ResourceNotFoundException", "The specified log group does not exist.")
        wanted = asked.get("filterPattern", "").strip('"')
        return {
            "events": [
                event
                for event in self.logs[asked["logGroupName"]]
                if event["timestamp"] >= asked["startTime"] and wanted in event["message"]
            ]
        }

    def GetCallerIdentity(self, _asked: dict[str, Any]) -> str:  # noqa: N802
        return f"<Arn>arn:aws:iam::{ACCOUNT}:user/ada</Arn><Account>{ACCOUNT}</Account><UserId>A</UserId>"

    def ListStackResources(self, asked: dict[str, Any]) -> str:  # noqa: N802
        if asked["StackName"] != "shop":
            raise Problem("ValidationError", f"Stack with id {asked['StackName']} does not exist")
        members = "".join(
            f"<member><LogicalResourceId>{name}</LogicalResourceId><ResourceType>{kind}</ResourceType>"
            f"<PhysicalResourceId>{physical_id}</PhysicalResourceId><ResourceStatus>CREATE_COMPLETE</ResourceStatus>"
            "<LastUpdatedTimestamp>2026-01-01T00:00:00Z</LastUpdatedTimestamp></member>"
            for name, (kind, physical_id) in self.resources.items()
        )
        return f"<StackResourceSummaries>{members}</StackResourceSummaries>"


@contextmanager
def serving(aws: Aws) -> Iterator[str]:
    """The address at which `aws` responds."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            target = self.headers.get("X-Amz-Target")
            form = {name: values[0] for name, values in parse_qs(body).items()}
            operation = target.rpartition(".")[2] if target else form["Action"]
            try:
                status, found = 200, aws.respond(operation, json.loads(body) if target else form)
                text = json.dumps(found) if target else _xml(operation, found)
            except Problem as problem:
                status = problem.status
                text = _problem(problem, is_json=bool(target))
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.0" if target else "text/xml")
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())
            except OSError:  # interrupted
                return
            aws.after(operation)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("localhost", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def _xml(operation: str, content: str) -> str:
    return f"<{operation}Response><{operation}Result>{content}</{operation}Result></{operation}Response>"


def _problem(problem: Problem, *, is_json: bool) -> str:
    if is_json:
        return json.dumps({"__type": problem.code, "message": problem.message})
    return (
        f"<ErrorResponse><Error><Code>{problem.code}</Code><Message>{problem.message}</Message></Error></ErrorResponse>"
    )


def environment(address: str) -> Mapping[str, str]:
    """The environment variables of somebody who has an account at an endpoint."""
    return {
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "y",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_COLOR": "1",
    }
