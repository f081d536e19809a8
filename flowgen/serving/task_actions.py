"""Actions of workers: answers to task tokens, and activities with long polling."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from flowgen.asl.json_text import parse_data
from flowgen.local.activities import Taken
from flowgen.local.failures import StateFailure
from flowgen.local.runtime_types import Answer
from flowgen.local.scheduler import Pause
from flowgen.local.values import encode, is_too_large
from flowgen.serving.api_errors import ApiError, no_activity
from flowgen.serving.arns import check_arn, check_name
from flowgen.serving.pages import page
from flowgen.serving.service import Activity, Service

Request = Mapping[str, Any]
Response = dict[str, Any]

POLL = 60.0
"""Seconds after which GetActivityTask responds without a task (API reference)."""


async def send_task_success(service: Service, request: Request) -> Response:
    text = request["output"]
    if is_too_large(text):
        raise ApiError("InvalidOutput", "Invalid Output: 'it exceeds 262144 bytes'")
    try:
        value = parse_data(text)
    except ValueError as error:
        raise ApiError("InvalidOutput", f"Invalid Output: '{error}'") from None
    _answer(service, request["taskToken"], Answer(0.0, value=value, text=text))
    return {}


async def send_task_failure(service: Service, request: Request) -> Response:
    failure = StateFailure(request.get("error"), request.get("cause"))
    _answer(service, request["taskToken"], Answer(0.0, failure=failure))
    return {}


async def send_task_heartbeat(service: Service, request: Request) -> Response:
    _answer(service, request["taskToken"], "heartbeat")
    return {}


def _answer(service: Service, token: str, message: object) -> None:
    """Deliver an answer. Raises `ApiError` for an unknown token, and for a task that has ended."""
    record = service.owners.get(token)
    if record is None:
        raise ApiError("InvalidToken", "Invalid Token: 'Invalid token'")
    live = record.live
    waits = live is not None and live.waits_for(token)
    # A function may answer the token that it got before it returns.
    early = live is not None and record.pause in {Pause.WORKING, Pause.BUSY}
    if token in service.used or not (waits or early):
        raise ApiError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
    if isinstance(message, Answer):
        service.used.add(token)
    elif not waits:
        return  # a heartbeat before the task waits has nothing to prolong
    service.engine.send(record, token, message)


async def create_activity(service: Service, request: Request) -> Response:
    """Idempotent for the same name (API reference)."""
    name = check_name(request["name"])
    arn = service.arn("activity", name)
    if arn not in service.activities:
        service.activities[arn] = Activity(arn, name, service.settings.now())
        service.tags[arn] = {tag.get("key", ""): tag.get("value", "") for tag in request.get("tags", [])}
    return {"activityArn": arn, "creationDate": service.activities[arn].created.timestamp()}


async def delete_activity(service: Service, request: Request) -> Response:
    check_arn(request["activityArn"], "activity")
    service.activities.pop(request["activityArn"], None)
    service.tags.pop(request["activityArn"], None)
    return {}


async def describe_activity(service: Service, request: Request) -> Response:
    return _shown(_activity(service, request))


async def list_activities(service: Service, request: Request) -> Response:
    activities = sorted(service.activities.values(), key=lambda activity: activity.name)
    shown, more = page(activities, request, "activities")
    return {"activities": [_shown(activity) for activity in shown], **more}


def _shown(activity: Activity) -> Response:
    return {"activityArn": activity.arn, "name": activity.name, "creationDate": activity.created.timestamp()}


async def get_activity_task(service: Service, request: Request) -> Response:
    """The oldest task of an activity. Waits up to 60 s for one; then the response has no token."""
    activity = _activity(service, request)
    worker = request.get("workerName")
    while activity.tasks:
        record, token, value = activity.tasks.popleft()
        if record.live is not None and record.live.waits_for(token):
            service.engine.send(record, token, Taken(worker))
            return {"taskToken": token, "input": encode(value)}
    waiting: asyncio.Future[tuple[str, str]] = service.loop.create_future()
    activity.workers.append((waiting, worker))
    try:
        token, text = await asyncio.wait_for(waiting, POLL)
    except TimeoutError:
        return {}
    return {"taskToken": token, "input": text}


def _activity(service: Service, request: Request) -> Activity:
    check_arn(request["activityArn"], "activity")
    found = service.activities.get(request["activityArn"])
    if found is None:
        raise no_activity(request["activityArn"])
    return found
