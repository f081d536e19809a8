"""Which executions can be redriven, and the action RedriveExecution."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flowgen.local.history import EVENT_LIMIT
from flowgen.serving.api_errors import ApiError
from flowgen.serving.engine import Record
from flowgen.serving.restart import restored
from flowgen.serving.service import Service

PERIOD = timedelta(days=14)
LONGEST = timedelta(days=365)
MOST_TOKENS = 10
TOKEN_VALID = timedelta(minutes=15)
"""Limits of redrives and of their client tokens (API reference, RedriveExecution)."""


def redrive_status(service: Service, record: Record) -> dict[str, Any]:
    """`redriveStatus` and its reason, as DescribeExecution returns them."""
    if record.status in {"RUNNING", "SUCCEEDED"}:
        return _not(f"Execution is {record.status} and cannot be redriven.")
    if record.child:
        if record.map_run_arn is not None:
            return {"redriveStatus": "REDRIVABLE_BY_MAP_RUN"}
        return _not("flowgen serve redrives only the execution whose task started this one.")
    if len(record.events) >= EVENT_LIMIT - 1:
        return _not("Execution history event limit exceeded.")
    now, stop = service.settings.now(), record.stop or record.start
    if stop - record.start > LONGEST:
        return _not("Execution has exceeded the max execution time.")
    if now - stop > PERIOD:
        return _not("Execution redrivable period exceeded.")
    return {"redriveStatus": "REDRIVABLE"}


def _not(reason: str) -> dict[str, Any]:
    return {"redriveStatus": "NOT_REDRIVABLE", "redriveStatusReason": reason}


def redrive(service: Service, record: Record, token: str | None) -> dict[str, Any]:
    """Continue an execution that did not succeed. Idempotent for the last client tokens. Raises `ApiError`."""
    now = service.settings.now()
    if token is not None and token in record.redrive_tokens and now - record.redrive_tokens[token] <= TOKEN_VALID:
        return {"redriveDate": record.redrive_tokens[token].timestamp()}
    status: Mapping[str, Any] = redrive_status(service, record)
    if status["redriveStatus"] != "REDRIVABLE":
        reason = status.get("redriveStatusReason", "Execution can be redriven only with its Map Run.")
        raise ApiError("ExecutionNotRedrivable", reason)
    date = _continue(service, record)
    if token is not None:
        record.redrive_tokens[token] = date
        while len(record.redrive_tokens) > MOST_TOKENS:
            del record.redrive_tokens[next(iter(record.redrive_tokens))]
        service.keep(record.arn)
    return {"redriveDate": date.timestamp()}


def _continue(service: Service, record: Record) -> datetime:
    """Continue an execution where it stopped. Returns the date."""
    date = max(service.settings.now(), record.stop or record.start)
    if record.failed is None:
        record = restored(service, record)
    if record.failed is not None:
        service.withdraw(record)
        record.redrive_date = date
        service.engine.redrive(record, record.failed, (date - record.start).total_seconds())
        service.continues(record)
    return date
