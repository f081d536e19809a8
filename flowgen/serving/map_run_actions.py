"""Actions on Map runs: list, describe, update."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flowgen.local.frame import Run
from flowgen.local.map_runs import MapRun
from flowgen.serving.api_errors import ApiError
from flowgen.serving.engine import Record
from flowgen.serving.execution_actions import record_of
from flowgen.serving.map_run_lookup import map_run_of
from flowgen.serving.pages import page
from flowgen.serving.service import Service

Request = Mapping[str, Any]
Response = dict[str, Any]

_COUNTS = {"PENDING": "pending", "RUNNING": "running", "SUCCEEDED": "succeeded", "FAILED": "failed",
           "TIMED_OUT": "timedOut", "ABORTED": "aborted"}  # fmt: skip


async def list_map_runs(service: Service, request: Request) -> Response:
    """The Map runs of an execution, the most recent first."""
    record = record_of(service, request["executionArn"])
    shown, more = page(record.map_runs[::-1], request, f"map runs {record.arn}")
    return {"mapRuns": [_listed(record, run) for run in shown], **more}


def _listed(record: Record, run: MapRun[Run]) -> Response:
    listed = {
        "executionArn": record.arn,
        "mapRunArn": run.arn,
        "stateMachineArn": f"{record.machine.arn}/{run.label}",
        "startDate": _moment(record, run.started).timestamp(),
    }
    return listed if run.stopped is None else {**listed, "stopDate": _moment(record, run.stopped).timestamp()}


async def describe_map_run(service: Service, request: Request) -> Response:
    record, run = map_run_of(service, request["mapRunArn"])
    response: Response = {
        "mapRunArn": run.arn,
        "executionArn": record.arn,
        "status": run.status,
        "startDate": _moment(record, run.started).timestamp(),
        "maxConcurrency": run.concurrency,
        "toleratedFailurePercentage": float(run.tolerated_percentage or 0.0),
        "toleratedFailureCount": int(run.tolerated_count or 0),
        "itemCounts": _counts(run, items=True),
        "executionCounts": _counts(run, items=False),
        "redriveCount": run.redrives,
    }
    dates = {"stopDate": run.stopped, "redriveDate": run.redriven}
    return response | {
        name: _moment(record, seconds).timestamp() for name, seconds in dates.items() if seconds is not None
    }


def _counts(run: MapRun[Run], *, items: bool) -> dict[str, int]:
    counts = {_COUNTS[status]: number for status, number in run.counts(items=items).items()}
    return {**counts, "total": sum(counts.values()), "resultsWritten": run.written, "failuresNotRedrivable": 0,
            "pendingRedrive": 0}  # fmt: skip


async def update_map_run(service: Service, request: Request) -> Response:
    """Change the limits of a Map run that runs. They apply at once."""
    record, run = map_run_of(service, request["mapRunArn"])
    settings = [request.get(name) for name in ("maxConcurrency", "toleratedFailureCount", "toleratedFailurePercentage")]
    if all(value is None for value in settings):
        raise ApiError(
            "ValidationException",
            "At least one of maxConcurrency, toleratedFailureCount and toleratedFailurePercentage must be specified",
        )
    if run.status != "RUNNING":
        raise ApiError("ValidationException", f"Map Run is {run.status} and cannot be updated")
    service.update_map_run(record, run, settings)
    return {}


def _moment(record: Record, seconds: float) -> datetime:
    return record.epoch + timedelta(seconds=seconds)
