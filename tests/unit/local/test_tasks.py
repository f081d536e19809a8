"""What callables may do: answer, fail, crash, print, and keep what they were given."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from flowgen.local import Execution, Task, TaskError, execute
from flowgen.local.integrations import Service, parse_service
from flowgen.local.runtime_types import Request, function_name
from flowgen.local.tasks import LambdaContext

JSON = Any
ARN = "arn:aws:lambda:us-east-1:111111111111:function:f"


def run(function: Any, resource: str = ARN, data: JSON = None, **options: Any) -> Execution:
    state = {"Type": "Task", "Resource": resource, "End": True, **options.pop("fields", {})}
    definition = {"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": state}}
    tasks = options.pop("tasks", {"f": function})
    return execute(definition, data, tasks=tasks, **options)


def test_an_exception_is_its_class_name() -> None:
    """The error is the exception's class name; the cause is what Lambda reports."""

    class CardDeclined(Exception):  # noqa: N818 - the name is the error
        pass

    def function(_event: JSON) -> JSON:
        raise CardDeclined("no funds")

    execution = run(function)
    cause = json.loads(execution.cause or "")
    assert execution.error == "CardDeclined"
    assert (cause["errorMessage"], cause["errorType"]) == ("no funds", "CardDeclined")
    assert "raise CardDeclined" in cause["stackTrace"][0]
    assert len(cause["stackTrace"]) == 1


def test_a_task_error_is_reported_as_it_is() -> None:
    """A callable may choose the error and the cause, as a mock of a service does."""

    def function(_event: JSON) -> JSON:
        raise TaskError("S3.NoSuchBucketException", "The bucket is gone")

    execution = run(function)
    assert (execution.error, execution.cause) == ("S3.NoSuchBucketException", "The bucket is gone")


@pytest.mark.parametrize(("code", "status"), [(0, 0), (3, 3), (None, 0), ("bye", 1)])
def test_exit_ends_the_step_not_the_run(code: Any, status: int) -> None:
    """A handler that calls sys.exit fails its step, as in Lambda."""
    execution = run(lambda _: sys.exit(code))
    assert execution.error == "Runtime.ExitError"
    assert json.loads(execution.cause or "")["errorMessage"].endswith(f"exit status {status}")


@pytest.mark.parametrize("value", [{1, 2}, object(), float("nan"), b"bytes", {"a": {1}}])
def test_what_is_not_json_fails_the_step(value: Any) -> None:
    """A value that Lambda can't marshal is its Runtime.MarshalError."""
    assert run(lambda _: value).error == "Runtime.MarshalError"


def test_values_are_what_json_makes_of_them() -> None:
    """Tuples become arrays, and keys strings."""
    assert run(lambda _: {"t": (1, 2), 3: "n"}).output == {"t": [1, 2], "3": "n"}


def test_prints_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    """Standard output belongs to the result."""
    run(lambda _: print("hello"))  # noqa: T201 - what is tested
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "hello\n")


def test_an_event_is_a_copy() -> None:
    """What a callable does to its event is not seen by anybody else."""

    def function(event: JSON) -> JSON:
        event["n"] = 2
        return "changed"

    execution = run(function, data={"n": 1}, fields={"Output": "{% $states.input %}"})
    assert execution.output == {"n": 1}


def test_a_handler_gets_a_context() -> None:
    """With a context, a callable is called as a Lambda handler."""

    def handler(event: JSON, context: LambdaContext) -> JSON:
        return [event, context.function_name, len(context.aws_request_id), context.get_remaining_time_in_millis()]

    assert run(Task(handler, context=True), data=1).output == [1, "f", 36, 900_000]


@pytest.mark.parametrize("named", ["f", ARN, f"{ARN}:live", "111111111111:function:f", "f:$LATEST"])
def test_functions_are_found_by_any_name(named: str) -> None:
    """lambda:invoke takes a bare name, a partial and a full ARN, with or without a qualifier."""
    fields = {"Arguments": {"FunctionName": named, "Payload": {"n": 1}}, "Output": "{% $states.result.Payload %}"}
    assert run(lambda event: event["n"] + 1, "arn:aws:states:::lambda:invoke", fields=fields).output == 2


@pytest.mark.parametrize(("payload", "event"), [(None, {}), ('{"n": 1}', {"n": 1}), ('"text"', "text"), ([1], [1])])
def test_payloads_of_invoke(payload: JSON, event: JSON) -> None:
    """A payload that is a string is JSON text already; none is an empty object."""
    fields = {"Arguments": {"FunctionName": "f", "Payload": payload}, "Output": "{% $states.result.Payload %}"}
    assert run(lambda given: given, "arn:aws:states:::lambda:invoke", fields=fields).output == event


@pytest.mark.parametrize("resource", [ARN, "arn:aws:states:::lambda:invoke"])
def test_a_function_that_is_not_listed_does_not_exist(resource: str) -> None:
    """AWS's error has the name."""
    fields = {"Arguments": {"FunctionName": "f"}} if "invoke" in resource else {}
    execution = run(None, resource, tasks={}, fields=fields)
    assert execution.error == "Lambda.ResourceNotFoundException"
    assert (execution.cause or "").startswith(f"Function not found: {ARN}:$LATEST")


def test_the_cause_says_how_to_answer_a_service() -> None:
    """A service without a callable fails with States.Runtime, and the cause says what to do."""
    execution = run(None, "arn:aws:states:::sqs:sendMessage", tasks={})
    assert execution.error == "States.Runtime"
    assert "add a callable for it to tasks" in (execution.cause or "")


def test_a_service_is_called_with_its_arguments() -> None:
    """A resource of an integration stands for a callable, its pattern left out or not."""
    resource = "arn:aws:states:::dynamodb:getItem"
    fields = {"Arguments": {"TableName": "T"}}
    assert run(None, resource, tasks={resource: lambda given: given["TableName"]}, fields=fields).output == "T"


def test_a_mock_is_asked_for_each_attempt() -> None:
    """A mock sees the state, the attempt and the arguments; None leaves the attempt to the tasks."""
    requests: list[Request] = []

    def mock(request: Request) -> Any:
        requests.append(request)
        return None if request.attempt else Task(lambda _: 1 / 0)

    retrier = {"ErrorEquals": ["ZeroDivisionError"]}
    execution = run(lambda _: "real", mock=mock, data=5, fields={"Retry": [retrier]})
    assert execution.output == "real"
    assert [(request.state, request.attempt, request.arguments) for request in requests] == [("A", 0, 5), ("A", 1, 5)]


def test_activities_have_workers() -> None:
    """An activity's callable is found by its ARN."""
    arn = "arn:aws:states:us-east-1:111111111111:activity:approve"
    execution = run(None, arn, data=1, tasks={arn: lambda event: event + 1})
    assert execution.output == 2
    assert [event["type"] for event in execution.history][2:5] == [
        "ActivityScheduled",
        "ActivityStarted",
        "ActivitySucceeded",
    ]


WAITING = "arn:aws:states:::lambda:invoke.waitForTaskToken"


def test_a_token_is_answered_from_outside() -> None:
    """A task that waits for its token gets what the run's answer gives."""
    sent: list[JSON] = []
    fields = {"Arguments": {"FunctionName": "f", "Payload": {"token": "{% $states.context.Task.Token %}"}}}
    answer = Task(lambda asked: {"approved": asked["token"] == sent[0]["token"]}, seconds=60)
    execution = run(sent.append, WAITING, fields=fields, answer=answer.function)
    assert execution.output == {"approved": True}


def test_a_token_is_answered_by_another_branch() -> None:
    """SendTaskSuccess of a parallel branch ends the wait; an unknown token is an error."""
    wait = {
        "Type": "Task",
        "Resource": WAITING,
        "Arguments": {"FunctionName": "f", "Payload": {"token": "{% $states.context.Task.Token %}"}},
        "TimeoutSeconds": 100,
        "End": True,
    }
    send = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess",
        "Arguments": {"TaskToken": "{% $t %}", "Output": '{"ok": true}'},
        "End": True,
    }
    tokens: list[str] = []
    fetch = {
        "Type": "Task",
        "Resource": ARN + "etch",
        "Assign": {"t": "{% $states.result %}"},
        "Next": "C",
    }
    branches = [
        {"StartAt": "A", "States": {"A": wait}},
        {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 7, "Next": "B"}, "B": fetch, "C": send}},
    ]
    definition = {
        "QueryLanguage": "JSONata",
        "StartAt": "P",
        "States": {"P": {"Type": "Parallel", "Branches": branches, "End": True}},
    }
    tasks = {"f": lambda event: tokens.append(event["token"]), "fetch": lambda _: tokens[0]}
    execution = execute(definition, {}, tasks=tasks)
    assert (execution.output, execution.elapsed) == ([{"ok": True}, {}], 7)
    execution = execute(definition, {}, tasks={**tasks, "fetch": lambda _: "nope"})
    assert execution.error == "Sfn.InvalidTokenException"


@pytest.mark.parametrize(("fields", "seconds"), [({"TimeoutSeconds": 50}, 50), ({"HeartbeatSeconds": 5}, 5)])
def test_a_token_that_nobody_answers_times_out(fields: dict[str, JSON], seconds: float) -> None:
    """The task's time, or the time between heartbeats, ends the wait."""
    fields = {"Arguments": {"FunctionName": "f"}, **fields}
    execution = run(lambda _: None, WAITING, fields=fields)
    assert (execution.error, execution.elapsed) == ("States.Timeout", seconds)


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("arn:aws:states:::sqs:sendMessage", ("sqs", "sendMessage", False)),
        ("arn:aws:states:::sqs:sendMessage.waitForTaskToken", ("sqs", "sendMessage.waitForTaskToken", True)),
        ("arn:aws:states:::states:startExecution.sync:2", ("states", "startExecution.sync:2", False)),
        ("arn:aws-cn:states:::aws-sdk:s3:getObject", ("aws-sdk:s3", "getObject", False)),
    ],
)
def test_resources_of_services(resource: str, expected: tuple[str, str, bool]) -> None:
    """A resource tells its service, its action and its pattern."""
    assert parse_service(resource) == Service(resource, *expected)


def test_names_of_functions() -> None:
    """The bare name is found in every form."""
    assert {function_name(name) for name in ("f", ARN, f"{ARN}:1", "f:1")} == {"f"}
