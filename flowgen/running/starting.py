"""Builds the input of a workflow from a real event, as EventBridge, its pipes and API Gateway do in AWS."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from typing import Any

from flowgen.asl.json_text import parse
from flowgen.check.dataflow.contracts import Contracts
from flowgen.compile.names import record_key
from flowgen.compile.payload_template import Part, Slot, StackValue, start_parts
from flowgen.local.frame import START
from flowgen.local.values import JSON
from flowgen.model import Workflow
from flowgen.model.triggers import PIPED, Schedule, Sns, Sqs, Stream, Trigger
from flowgen.model.triggers.paths import EventPath, json_path
from flowgen.running.declared_types import of_input
from flowgen.types import assign, show_path, type_of_value

Start = Callable[[JSON], JSON]
"""Builds the input of an execution from an event. Raises `BadEvent`."""


class BadEvent(Exception):  # noqa: N818 - reported as wrong usage
    """An event that the trigger can't start the workflow with."""


def starts(workflow: Workflow, values: Mapping[str, str]) -> dict[str, Start]:
    """A function for each trigger, by its name, that builds the input from an event. `values` are stack parameters."""
    return {name: _start(workflow, trigger, values) for name, trigger in workflow.triggers.items()}


def _start(workflow: Workflow, trigger: Trigger, values: Mapping[str, str]) -> Start:
    contracts = Contracts(workflow)
    expected = contracts.sent(workflow.input)
    declared = of_input(workflow)

    def start(event: JSON) -> JSON:
        batch = trigger.batch if isinstance(trigger, PIPED) else None
        records = event if isinstance(event, list) and isinstance(trigger, PIPED) else [event]
        if batch is None and len(records) != 1:
            raise BadEvent(f"the trigger accepts one record at a time, found {len(records)}")
        if batch is not None and not 1 <= len(records) <= batch.size:
            raise BadEvent(f"expected 1 to {batch.size} records, found {len(records)}")
        made = [_filled(workflow, trigger, record, values) for record in records]
        given = made[0] if batch is None else made
        mismatch = assign(type_of_value(given), expected)
        if mismatch is not None:
            path = show_path(mismatch.path)
            raise BadEvent(f"{f'`{path}` of the input' if path else 'the input'} {mismatch.message}")
        unfit = None if declared is None else declared.unfit(given)
        if unfit is not None:
            raise BadEvent(f"the input does not have its type: {unfit}")
        if not isinstance(trigger, PIPED):
            return given
        key = record_key(workflow.name, batched=batch is not None)
        return [{key: one} for one in made]

    return start


def _filled(workflow: Workflow, trigger: Trigger, event: JSON, values: Mapping[str, str]) -> JSON:
    event = _as_seen(trigger, event)
    text = "".join(_piece(part, event, values) for part in start_parts(workflow, trigger))
    try:
        return parse(text)
    except ValueError as error:
        unset = next((part for part in start_parts(workflow, trigger) if isinstance(part, StackValue)), None)
        hint = "" if unset is None else "; set the value with `--parameter NAME=VALUE`"
        raise BadEvent(f"the result is not valid JSON: {error}{hint}") from None


def _piece(part: Part, event: JSON, values: Mapping[str, str]) -> str:
    match part:
        case str():
            return part
        case Slot(path=path, in_text=in_text):
            found = _at(event, path)
            text = json.dumps(found, ensure_ascii=False)
            if not in_text:
                return text
            if isinstance(found, dict | list):
                raise BadEvent(f"`{_shown(path)}` cannot be inserted into a string")
            return text[1:-1] if isinstance(found, str) else text
        case _:
            return json.dumps(_stack_value(part.content, values), ensure_ascii=False)[1:-1]


def _stack_value(content: Mapping[str, Any], values: Mapping[str, str]) -> str:
    """The value of a parameter if known, otherwise a placeholder, as in the state machine."""
    match content:
        case {"Ref": str() as name}:
            return values.get(name, f"${{{name}}}")
        case {"Fn::GetAtt": [str() as name, str() as attribute]}:
            return values.get(f"{name}_{attribute}", f"${{{name}_{attribute}}}")
        case _:
            return json.dumps(content)


def _at(event: JSON, path: EventPath) -> JSON:
    found = event
    for index, part in enumerate(path):
        match found:
            case dict() if part in found:
                found = found[part]
            case list() if isinstance(part, int) and part < len(found):
                found = found[part]
            case _:
                raise BadEvent(f"`{_shown(path[: index + 1])}` is not in this event")
    return found


def _shown(path: EventPath) -> str:
    return json_path(path).replace("$", "$event", 1)


def _as_seen(trigger: Trigger, event: JSON) -> JSON:
    """The event as the service sees it: JSON in a body or in data is parsed, and a schedule has its attributes."""
    match trigger:
        case Schedule():
            own = {
                "schedule_arn": "arn:aws:scheduler:us-east-1:111111111111:schedule/default/local",
                "scheduled_time": START.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "execution_id": "00000000-0000-0000-0000-000000000000",
                "attempt_number": "1",
            }
            return {**own, **event} if isinstance(event, dict) else own
        case Sqs() | Sns() if isinstance(event, dict) and isinstance(event.get("body"), str):
            return {**event, "body": _parsed(event["body"])}
        case Stream() if isinstance(event, dict) and isinstance(event.get("data"), str):
            return {**event, "data": _decoded(event["data"])}
        case _:
            return event


def _parsed(text: str) -> JSON:
    try:
        return parse(text)
    except ValueError:
        return text


def _decoded(text: str) -> JSON:
    """Data of a Kinesis record. Invalid JSON stays encoded (EventBridge user guide, implicit body data parsing)."""
    try:
        return parse(base64.b64decode(text, validate=True).decode())
    except (ValueError, binascii.Error):
        return text
