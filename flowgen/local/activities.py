"""Tasks of activities whose worker is a client of the API (developer guide, "Activities")."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flowgen.asl.reserved_errors import HEARTBEAT_TIMEOUT, TIMEOUT
from flowgen.aws.limits import MAX_SECONDS
from flowgen.local.failures import StateFailure
from flowgen.local.runtime_types import Answer
from flowgen.local.scheduler import Effect, Receive
from flowgen.local.values import JSON

if TYPE_CHECKING:
    from flowgen.local.frame import Client, Frame


@dataclass(frozen=True, slots=True)
class Taken:
    """The message of a worker that took the task. `worker` is its name, if it has one."""

    worker: str | None


def work_on_activity(
    frame: Frame, client: Client, arn: str, payload: JSON, timeout: float | None, heartbeat: float | None
) -> Generator[Effect, Any, JSON]:
    """Offer a scheduled task to the workers of its activity, and wait for the result.

    The timeout counts from now, the heartbeat from the moment at which a worker takes the task.
    """
    token = frame.task_token or ""
    client.offer(arn, token, payload)
    try:
        answer = yield from _answer(frame, token, timeout, heartbeat)
    finally:
        client.withdraw(arn, token)
    if answer.failure is None:
        frame.record("ActivitySucceeded", {"output": answer.value})
        return answer.value
    timed_out = answer.failure.error == TIMEOUT and answer.failure.cause is None
    frame.record("ActivityTimedOut" if timed_out else "ActivityFailed", answer.failure.details())
    raise answer.failure


def _answer(frame: Frame, token: str, timeout: float | None, heartbeat: float | None) -> Generator[Effect, Any, Answer]:
    allowed = MAX_SECONDS if timeout is None else timeout
    deadline = frame.scheduler.now + allowed
    silence = math.inf
    while True:
        remaining = deadline - frame.scheduler.now
        received = yield Receive(token, min(remaining, silence))
        if received is None:
            return Answer(0.0, failure=StateFailure(TIMEOUT, alias=HEARTBEAT_TIMEOUT if silence < remaining else None))
        (message,) = received
        if isinstance(message, Answer):
            return message
        if isinstance(message, Taken):
            frame.record("ActivityStarted", {} if message.worker is None else {"workerName": message.worker})
            silence = math.inf if heartbeat is None else heartbeat
