"""Calls of tasks: functions by ARN, activities, and service integrations, each with its events.

A *call* is a generator over virtual time that returns the task's raw result, or records and raises its failure.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard

from flowgen.asl.json_text import parse_data
from flowgen.asl.reserved_errors import ALL, DATA_LIMIT_EXCEEDED, HEARTBEAT_TIMEOUT, TIMEOUT
from flowgen.aws.limits import MAX_SECONDS
from flowgen.local.activities import work_on_activity
from flowgen.local.child_executions import start_workflow, starts_workflow, workflow_answer
from flowgen.local.failures import StateFailure
from flowgen.local.lambda_functions import invoke, run_function
from flowgen.local.runtime_types import Answer, Request, Task, TaskError
from flowgen.local.scheduler import Effect, Receive, Sleep
from flowgen.local.tasks import call
from flowgen.local.values import JSON, TOO_LARGE, encode, is_too_large

if TYPE_CHECKING:
    from flowgen.local.frame import Frame
    from flowgen.local.runtime_types import Function

LONGEST_TASK = float(MAX_SECONDS)
"""Default of a task's TimeoutSeconds, in seconds (States Language, "Task State")."""

WAITS_FOR_TOKEN = ".waitForTaskToken"  # noqa: S105 - the suffix of a resource, not a secret


@dataclass(frozen=True, slots=True)
class Service:
    """A service integration. `type` and `action` are `sqs` and `sendMessage` in `arn:aws:states:::sqs:sendMessage`.

    `action` includes the pattern, as in `sendMessage.waitForTaskToken`.
    """

    resource_arn: str
    type: str
    action: str
    waits_for_token: bool

    @property
    def is_invocation(self) -> bool:
        """Whether it calls a Lambda function, in any pattern."""
        return self.type == "lambda" and self.action.partition(".")[0] == "invoke"

    @property
    def base_arn(self) -> str:
        """The resource without its pattern (`.sync`, `.sync:2`, `.waitForTaskToken`)."""
        base = self.action.partition(".")[0]
        return self.resource_arn.removesuffix(self.action) + base


def parse_service(resource: str) -> Service | None:
    """The integration that a resource names, or None for any other resource, such as a function or an activity."""
    _, found, rest = resource.partition(":states:::")
    if not found:
        return None
    for pattern in (".sync:2",):
        if rest.endswith(pattern):
            kind, _, action = rest.removesuffix(pattern).rpartition(":")
            return Service(resource, kind, action + pattern, waits_for_token=False)
    kind, _, action = rest.rpartition(":")
    return Service(resource, kind, action, action.endswith(WAITS_FOR_TOKEN))


def has_task_token(resource: str) -> bool:
    """Whether the context object of a task has a token. As recorded on AWS, jobs (`.sync`) have one, too."""
    service = parse_service(resource)
    return ":activity:" in resource if service is None else "." in service.action


@dataclass(frozen=True, slots=True)
class Limits:
    """The timeout and the heartbeat of a task in seconds."""

    timeout: float | None
    heartbeat: float | None

    def details(self) -> dict[str, JSON]:
        """The members of the event that schedules the task."""
        details: dict[str, JSON] = {}
        if self.timeout is not None:
            details["timeoutInSeconds"] = self.timeout
        if self.heartbeat is not None:
            details["heartbeatInSeconds"] = self.heartbeat
        return details

    def timed_out(self, silence: float | None) -> StateFailure:
        """The failure of a task that reached its timeout, or sent no heartbeat for `silence` seconds before."""
        missed = silence is not None and (self.timeout is None or silence < self.timeout)
        return StateFailure(TIMEOUT, alias=HEARTBEAT_TIMEOUT if missed else None)


def _mocked(frame: Frame, resource: str, arguments: JSON, limits: Limits) -> Task | None:
    """The replacement for this attempt: an injected fault, or a mock."""
    run = frame.run
    if run.faults is not None:
        fault = run.faults.strike(frame.state)
        if fault is not None:
            # A timeout happens when the task's time is over, not at once.
            if fault.error == TIMEOUT:
                return Task(_failing(TaskError(TIMEOUT, None)), limits.timeout or 0.0)
            if fault.result is not None:
                return Task(lambda _arguments: fault.result)
            return Task(_failing(TaskError(fault.error, fault.cause)))
    if run.mock is None:
        return None
    request = Request(frame.state, resource, frame.retry_count or 0, arguments, frame.task_token, frame.scheduler.now)
    mock = run.mock(request)
    return Task(mock) if callable(mock) else mock


def _failing(error: TaskError) -> Function:
    def fail(_arguments: JSON) -> JSON:
        raise error

    return fail


def _passes(seconds: float, limits: Limits, longest: float = LONGEST_TASK) -> Generator[Effect, Any, bool]:
    """Let the time of a call pass. Returns false if the task timed out before."""
    allowed = longest if limits.timeout is None else limits.timeout
    if seconds <= allowed:
        if seconds > 0:
            yield Sleep(seconds)
        return True
    yield Sleep(allowed)
    return False


def _is_timeout(failure: StateFailure | None) -> TypeGuard[StateFailure]:
    return failure is not None and failure.error == TIMEOUT and failure.cause is None


def _too_large(named: str) -> StateFailure:
    return StateFailure(DATA_LIMIT_EXCEEDED, TOO_LARGE.format(named), alias=ALL)


def call_function(frame: Frame, arn: str, payload: JSON, limits: Limits) -> Generator[Effect, Any, JSON]:
    """A task whose resource is a Lambda function's ARN."""
    frame.record("LambdaFunctionScheduled", {"resource": arn, "input": payload, **limits.details()})
    mock = _mocked(frame, arn, payload, limits)
    frame.record("LambdaFunctionStarted", {})
    answer = yield from run_function(frame, mock or frame.run.tasks.function(arn), arn, payload)
    failure = answer.failure
    if not (yield from _passes(answer.seconds, limits)) or _is_timeout(failure):
        frame.record("LambdaFunctionTimedOut", {"error": TIMEOUT})
        raise StateFailure(TIMEOUT)
    if failure is None and is_too_large(answer.text):
        failure = _too_large(arn)
    if failure is not None:
        frame.record("LambdaFunctionFailed", failure.details())
        raise failure
    frame.record("LambdaFunctionSucceeded", {"output": answer.value})
    return answer.value


def call_activity(frame: Frame, arn: str, payload: JSON, limits: Limits) -> Generator[Effect, Any, JSON]:
    """A task whose resource is an activity: its callable is the worker."""
    frame.record("ActivityScheduled", {"resource": arn, "input": payload, **limits.details()})
    task = _mocked(frame, arn, payload, limits) or frame.run.tasks.resource((arn, arn.rpartition(":")[2]))
    if task is None and frame.run.client is not None:
        client = frame.run.client
        return (yield from work_on_activity(frame, client, arn, payload, limits.timeout, limits.heartbeat))
    if task is None:
        raise _nothing_to_call(frame, arn)
    answer = yield from call(task, payload, frame, arn)
    # A worker that answers at all is assumed to send heartbeats until then.
    silence = limits.heartbeat if limits.heartbeat is not None and answer.seconds == math.inf else None
    frame.record("ActivityStarted", {"workerName": "local"})
    if not (yield from _passes(answer.seconds, Limits(_least(limits.timeout, silence), None))):
        frame.record("ActivityTimedOut", {"error": TIMEOUT})
        raise limits.timed_out(silence)
    if _is_timeout(answer.failure):
        frame.record("ActivityTimedOut", {"error": TIMEOUT})
        raise answer.failure
    failure = _too_large(arn) if answer.failure is None and is_too_large(answer.text) else answer.failure
    if failure is not None:
        frame.record("ActivityFailed", failure.details())
        raise failure
    frame.record("ActivitySucceeded", {"output": answer.value})
    return answer.value


def _least(first: float | None, second: float | None) -> float | None:
    given = [seconds for seconds in (first, second) if seconds is not None]
    return min(given) if given else None


def _nothing_to_call(frame: Frame, resource: str) -> StateFailure:
    if frame.run.client is not None:
        hint = "Restart the server with a mock for it (--mock), a function (--task) or an endpoint (--aws)."
        return frame.runtime_failure(f"Nothing answers the resource '{resource}'. {hint}")
    return frame.runtime_failure(
        f"Nothing answers the resource '{resource}' in this run: add a callable for it to tasks, or a mock."
    )


def call_service(
    frame: Frame, service: Service, arguments: JSON, limits: Limits, role: str | None
) -> Generator[Effect, Any, JSON]:
    """A task that is a service integration, in any pattern: request and response, job, or task token."""
    names: dict[str, JSON] = {"resourceType": service.type, "resource": service.action}
    scheduled = {**names, "region": frame.run.identity.region, "parameters": arguments, **limits.details()}
    if role is not None:
        scheduled["taskCredentials"] = {"roleArn": role}
    frame.record("TaskScheduled", scheduled)
    mock = _mocked(frame, service.resource_arn, arguments, limits)
    if mock is None:
        mock = frame.run.tasks.resource((service.resource_arn,))
    frame.record("TaskStarted", names)
    if mock is None and frame.run.machines and starts_workflow(service.type, service.action):
        return (yield from _start_workflow(frame, service, arguments, limits, names))
    if service.is_invocation and (mock is None or (mock.returns and not service.waits_for_token)):
        answer = yield from invoke(frame, arguments, mock)
    elif mock is not None:
        answer = yield from call(mock, arguments, frame, service.resource_arn)
    else:
        task = frame.run.tasks.resource((service.base_arn,))
        if task is None:
            answer = _built_in(frame, service, arguments)
        else:
            answer = yield from call(task, arguments, frame, service.base_arn)
    asynchronous = "." in service.action
    if asynchronous and answer.failure is None:
        frame.record("TaskSubmitted", {**names, "output": answer.value if mock is None else {}})
    if service.waits_for_token:
        answer = yield from _wait_for_token(frame, service, arguments, answer, limits, mocked=mock is not None)
    elif not (yield from _passes(answer.seconds, limits)):
        answer = Answer(0.0, failure=StateFailure(TIMEOUT))
    return _concluded(frame, service, answer, names)


def _concluded(frame: Frame, service: Service, answer: Answer, names: dict[str, JSON]) -> JSON:
    """Record the answer of a service and return its value. Raises its failure."""
    failure = _too_large(service.type) if answer.failure is None and is_too_large(answer.text) else answer.failure
    if _is_timeout(failure):
        frame.record("TaskTimedOut", {**names, "error": TIMEOUT})
        raise failure
    if failure is not None:
        frame.record("TaskFailed", {**names, **failure.details()})
        raise failure
    frame.record("TaskSucceeded", {**names, "output": answer.value})
    return answer.value


def _start_workflow(
    frame: Frame, service: Service, arguments: JSON, limits: Limits, names: dict[str, JSON]
) -> Generator[Effect, Any, JSON]:
    """A task that starts another workflow, and waits for its end if its pattern does."""
    if frame.run.faults is not None:
        yield Sleep(frame.run.faults.delay(frame.state))
    started, answer = start_workflow(frame, service.type, service.action, arguments)
    if started is not None:
        if "." in service.action:
            frame.record("TaskSubmitted", {**names, "output": answer.value})
        answer = yield from workflow_answer(frame, service.action, started, limits.timeout or LONGEST_TASK)
    return _concluded(frame, service, answer, names)


def _wait_for_token(
    frame: Frame, service: Service, arguments: JSON, submitted: Answer, limits: Limits, *, mocked: bool
) -> Generator[Effect, Any, Answer]:
    """The answer to the task's token, or a timeout if the task's or the heartbeat's time is over before."""
    if submitted.failure is not None and not mocked:
        yield Sleep(submitted.seconds)
        return submitted
    allowed = LONGEST_TASK if limits.timeout is None else limits.timeout
    silence = math.inf if limits.heartbeat is None else limits.heartbeat
    timed_out = Answer(0.0, failure=limits.timed_out(limits.heartbeat))
    if mocked:
        in_time = yield from _passes(submitted.seconds, Limits(min(allowed, silence), None))
        return submitted if in_time else timed_out
    token = frame.task_token or ""
    request = Request(frame.state, service.resource_arn, frame.retry_count or 0, arguments, token)
    answering = None if frame.run.answer is None else frame.run.answer(request)
    if answering is not None:
        asked = {"token": token, "state": frame.state}
        answer = yield from call(answering, asked, frame, service.resource_arn)
        in_time = yield from _passes(answer.seconds, Limits(min(allowed, silence), None))
        return answer if in_time else timed_out
    deadline = frame.scheduler.now + allowed
    while True:
        remaining = deadline - frame.scheduler.now
        message = yield Receive(token, min(remaining, silence))
        if message is None:
            return Answer(0.0, failure=StateFailure(TIMEOUT, alias=HEARTBEAT_TIMEOUT if silence < remaining else None))
        if isinstance(message[0], Answer):
            return message[0]


def _built_in(frame: Frame, service: Service, arguments: JSON) -> Answer:
    """The answer to the task-token calls of Step Functions, which the runner answers itself."""
    if service.type == "aws-sdk:sfn" and isinstance(arguments, Mapping):
        token = arguments.get("TaskToken")
        message: Answer | str | None = None
        if service.action == "sendTaskSuccess":
            message = token_success(arguments.get("Output"))
        elif service.action == "sendTaskFailure":
            message = Answer(0.0, failure=StateFailure(arguments.get("Error"), arguments.get("Cause")))
        elif service.action == "sendTaskHeartbeat":
            message = "heartbeat"
        if message is not None and isinstance(token, str):
            if token in frame.run.tokens:
                frame.scheduler.send(token, message)
                return Answer(0.0, value={}, text="{}")
            cause = (
                f"Invalid Token: 'Invalid token' (Service: Sfn, Status Code: 400, Request ID: {frame.run.unique()})"
                " (SDK Attempt Count: 1)"
            )
            return Answer(0.0, failure=StateFailure("Sfn.InvalidTokenException", cause))
    if service.waits_for_token and frame.run.client is not None:
        return Answer(0.0, value={}, text="{}")  # the client reads the token in the history
    raise _nothing_to_call(frame, service.resource_arn)


def token_success(output: JSON) -> Answer:
    text = output if isinstance(output, str) else encode(output)
    try:
        return Answer(0.0, value=parse_data(text), text=text)
    except ValueError:
        return Answer(0.0, failure=StateFailure("States.Runtime", "The output of the task is not valid JSON"))
