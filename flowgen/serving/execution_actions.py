"""Actions on executions: start, describe, list, stop, and their histories."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from flowgen.asl.json_text import parse_data
from flowgen.local.history import render
from flowgen.local.values import JSON, encode, is_too_large
from flowgen.serving.api_errors import ApiError, invalid_arn, no_execution, not_supported
from flowgen.serving.arns import check_arn, check_name
from flowgen.serving.engine import Record
from flowgen.serving.machine_actions import described_for_execution, started_of
from flowgen.serving.map_run_lookup import children_of
from flowgen.serving.pages import page
from flowgen.serving.redrives import redrive, redrive_status
from flowgen.serving.service import Service

Request = Mapping[str, Any]
Response = dict[str, Any]

_DATA = ("input", "inputDetails", "output", "outputDetails", "parameters", "assignedVariables",
         "assignedVariablesDetails")  # fmt: skip
"""Members of an event's details that `includeExecutionData` leaves out."""


async def start_execution(service: Service, request: Request) -> Response:
    """Idempotent for a running standard execution with the same name and input (API reference)."""
    arn, case = _test_case(request["stateMachineArn"])
    started = started_of(service, arn)
    machine = started.machine
    _check_case(service, machine.name, case)
    name = check_name(request["name"]) if request.get("name") is not None else service.unique()
    text, value = _input(request)
    before = service.executions.get(service.arn("execution", f"{machine.name}:{name}"))
    if before is not None and not machine.express:
        if before.finished is not None or before.input != text:
            raise ApiError("ExecutionAlreadyExists", f"Execution Already Exists: '{before.arn}'")
        return {"executionArn": before.arn, "startDate": before.start.timestamp()}
    record = service.start(started, name, text, value, case)
    record.trace_header = request.get("traceHeader")
    service.keep(record.arn)
    return {"executionArn": record.arn, "startDate": record.start.timestamp()}


async def start_sync_execution(service: Service, request: Request) -> Response:
    """Run an express execution, and wait for its end."""
    arn, case = _test_case(request["stateMachineArn"])
    started = started_of(service, arn)
    machine = started.machine
    if not machine.express:
        raise ApiError("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine")
    _check_case(service, machine.name, case)
    name = check_name(request["name"]) if request.get("name") is not None else service.unique()
    text, value = _input(request)
    record = service.start(started, name, text, value, case, sync=True)
    record.trace_header = request.get("traceHeader")
    await record.ended.wait()
    response = {**_described(service, record), "stopDate": _seconds(record.stop)}
    for key in ("redriveCount", "redriveStatus", "redriveStatusReason"):
        response.pop(key, None)
    steps = max(1, math.ceil((record.finished.elapsed if record.finished else 0.0) * 10))
    return {**response, "billingDetails": {"billedMemoryUsedInMB": 64, "billedDurationInMilliseconds": steps * 100}}


def _test_case(arn: str) -> tuple[str, str | None]:
    """The ARN and the test case in `arn#TestCase`, the form of Step Functions Local."""
    arn, found, case = arn.partition("#")
    return arn, case if found else None


def _check_case(service: Service, machine: str, case: str | None) -> None:
    if case is not None and not service.settings.mock_config.has(machine, case):
        raise ApiError("ValidationException", f"The mock configuration has no test case '{case}' for '{machine}'")


def _input(request: Request) -> tuple[str, JSON]:
    text = request.get("input", "{}")
    if is_too_large(text):
        raise ApiError(
            "ValidationException",
            "1 validation error detected: Value at 'input' failed to satisfy constraint: "
            "Member must have length less than or equal to 262144",
        )
    try:
        return text, parse_data(text)
    except ValueError as error:
        raise ApiError(
            "InvalidExecutionInput", f"Invalid State Machine Execution Input: 'Invalid JSON in input: {error}'"
        ) from None


def record_of(service: Service, arn: str) -> Record:
    """The execution with an ARN: as on AWS, express ones only if a Map run started them. Raises `ApiError`."""
    found = service.executions.get(arn)
    if found is None or found.map_run_arn is None:
        check_arn(arn, "execution")
    if found is None:
        raise no_execution(arn)
    return found


async def describe_execution(service: Service, request: Request) -> Response:
    record = record_of(service, request["executionArn"])
    response = _described(service, record)
    if request.get("includedData") == "METADATA_ONLY":
        for name in ("input", "output", "cause", "error"):
            response.pop(name, None)
        response |= {
            f"{name}Details": {"included": False} for name in ("input", "output") if f"{name}Details" in response
        }
    return response


def _described(service: Service, record: Record) -> Response:
    response: Response = _listed(record) | {
        "input": record.input,
        "inputDetails": {"included": True},
        **redrive_status(service, record),
    }
    response.pop("itemCount", None)
    if record.trace_header is not None:
        response["traceHeader"] = record.trace_header
    finished = record.finished
    if finished is None:
        return response
    if finished.status == "SUCCEEDED":
        return {**response, "output": encode(finished.output), "outputDetails": {"included": True}}
    failure = {"error": finished.error, "cause": finished.cause}
    return response | {name: text for name, text in failure.items() if text is not None}


async def list_executions(service: Service, request: Request) -> Response:
    """The executions of a machine, the most recent first."""
    found, subject = _subject(service, request)
    wanted, redriven = request.get("statusFilter"), request.get("redriveFilter")
    records = [
        record
        for record in found
        if wanted in {None, record.status} and redriven in {None, "REDRIVEN" if record.redrives else "NOT_REDRIVEN"}
    ]
    shown, more = page(records, request, f"executions {subject} {wanted} {redriven}")
    return {"executions": [_listed(record) for record in shown], **more}


def _subject(service: Service, request: Request) -> tuple[Iterable[Record], str]:
    """The executions of a machine or of a Map run, the most recent first, and the ARN. Raises `ApiError`."""
    arn, map_run_arn = request.get("stateMachineArn"), request.get("mapRunArn")
    if map_run_arn is not None and arn is None:
        return children_of(service, map_run_arn), map_run_arn
    if arn is None or map_run_arn is not None:
        raise ApiError("ValidationException", "Must provide exactly one of stateMachineArn and mapRunArn")
    if request.get("statusFilter") == "PENDING_REDRIVE":
        raise ApiError("ValidationException", "The status filter PENDING_REDRIVE requires mapRunArn")
    machine = started_of(service, arn).machine
    if machine.express:
        raise ApiError("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine")
    executions = reversed(service.executions.values())
    return (record for record in executions if arn in {record.machine.arn, record.version, record.alias}), arn


def _listed(record: Record) -> Response:
    listed: Response = {
        "executionArn": record.arn,
        "stateMachineArn": record.machine.arn,
        "name": record.name,
        "status": record.status,
        "startDate": record.start.timestamp(),
        "redriveCount": record.redrives,
    }
    if record.redrive_date is not None:
        listed["redriveDate"] = record.redrive_date.timestamp()
    if record.map_run_arn is not None:
        listed["mapRunArn"] = record.map_run_arn
        listed["itemCount"] = record.items
    qualified = {"stateMachineVersionArn": record.version, "stateMachineAliasArn": record.alias}
    listed |= {name: arn for name, arn in qualified.items() if arn is not None}
    return listed if record.stop is None else {**listed, "stopDate": _seconds(record.stop)}


async def redrive_execution(service: Service, request: Request) -> Response:
    return redrive(service, record_of(service, request["executionArn"]), request.get("clientToken"))


async def stop_execution(service: Service, request: Request) -> Response:
    """Abort an execution. Stopping one that has ended changes nothing, as on AWS."""
    record = record_of(service, request["executionArn"])
    if record.child and record.finished is None:
        raise not_supported("Stopping an execution that a task started")
    service.engine.stop(record, request.get("error"), request.get("cause"))
    return {"stopDate": _seconds(record.stop)}


async def describe_machine_for_execution(service: Service, request: Request) -> Response:
    record = record_of(service, request["executionArn"])
    response = described_for_execution(record.machine, request.get("includedData"))
    if record.map_run_arn is not None:
        response |= {"mapRunArn": record.map_run_arn, "label": record.label}
    return response


async def get_execution_history(service: Service, request: Request) -> Response:
    arn = request["executionArn"]
    if ":express:" in arn:
        raise invalid_arn("Resource type not valid in this context: express")
    record = record_of(service, arn)
    backwards = bool(request.get("reverseOrder"))
    recorded = record.events
    count = len(recorded)
    # Events may be added between two pages, so a page in reverse order counts from the end that the first page saw.
    numbers = range(count, 0, -1) if backwards else range(1, count + 1)
    shown, more = page(numbers, request, f"history {arn} {backwards}")
    first, last = min(shown, default=1), max(shown, default=0)
    events = list(render(recorded[first - 1 : last], record.epoch, first))
    if backwards:
        events.reverse()
    with_data = request.get("includeExecutionData", True)
    return {"events": [_event(event, with_data=with_data) for event in events], **more}


def _event(event: dict[str, JSON], *, with_data: bool) -> dict[str, JSON]:
    event["timestamp"] = datetime.fromisoformat(event["timestamp"]).timestamp()
    for name, details in event.items():
        if name.endswith("EventDetails"):
            shown = details if with_data else {key: value for key, value in details.items() if key not in _DATA}
            event[name] = _as_modelled(shown)
    return event


def _as_modelled(details: dict[str, JSON]) -> dict[str, JSON]:
    """The details with types of the model: seconds are whole numbers."""
    return {key: int(value) if key.endswith("InSeconds") else value for key, value in details.items()}


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()
