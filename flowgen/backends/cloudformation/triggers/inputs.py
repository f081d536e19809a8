"""The input of a workflow in each service's template syntax; `compile.payload_template` decides what the input is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from flowgen.aws.event_shapes import SCHEDULE_ATTRIBUTES
from flowgen.backends.cloudformation.intrinsics import Intrinsic, literal
from flowgen.backends.cloudformation.static_values import compose, reference_of
from flowgen.compile.names import record_key
from flowgen.compile.payload_template import Part, Parts, Slot, StackValue, start_parts, text_parts
from flowgen.model import Expression, Value, Workflow
from flowgen.model.triggers import S3, Event, Http, Schedule, Sns, Sqs, Stream
from flowgen.model.triggers.paths import EventPath, event_path, json_path

Text = str | Intrinsic


# See docs/explanation/decisions-stack-and-runner.md#triggers-only-copy
def composed(parts: Parts, mark: Callable[[Slot], str]) -> Text:
    """Joins pieces, with `mark` writing parts of the event in a service's syntax."""
    pieces = [mark(part) if isinstance(part, Slot) else _plain(part) for part in parts]
    if all(isinstance(piece, str) for piece in pieces):
        return literal("".join(str(piece) for piece in pieces))
    return compose(*pieces)


def _plain(part: Part) -> Text:
    if isinstance(part, StackValue):
        content: Intrinsic = part.content
        return content
    return str(part)


def schedule_input(workflow: Workflow, trigger: Schedule, start_arn: Intrinsic) -> Text:
    """`Input` (EventBridge Scheduler user guide, "Adding context attributes"): all attributes are strings.

    With a name, it is a request of `StartExecution` (the same guide, "Using universal targets"), with the input of the
    workflow as JSON in a string.
    """
    given = start_parts(workflow, trigger)
    if trigger.execution_name is None:
        return composed(given, _schedule_mark)
    name = text_parts(workflow, trigger.execution_name)
    inner = (_escaped(_schedule_mark(part) if isinstance(part, Slot) else part) for part in given)
    request = ('{"StateMachineArn":"', StackValue(start_arn), '","Name":', *name, ',"Input":"', *inner, '"}')
    return composed(request, _schedule_mark)


def _escaped(part: Part) -> Part:
    """A piece of JSON inside a JSON string."""
    return json.dumps(part, ensure_ascii=False)[1:-1] if isinstance(part, str) else part


def _schedule_mark(slot: Slot) -> str:
    if not slot.path:
        return json.dumps(SCHEDULE_ATTRIBUTES, separators=(",", ":"))
    mark = SCHEDULE_ATTRIBUTES[str(slot.path[0])]
    return mark if slot.in_text else f'"{mark}"'


def rule_input(workflow: Workflow, trigger: Event | S3) -> dict[str, Any]:
    """`Input`, `InputPath` or `InputTransformer`; empty if the input is the whole event.

    EventBridge user guide, "Amazon EventBridge input transformation".
    """
    parts = start_parts(workflow, trigger)
    match parts:
        case [Slot(path=())]:
            return {}
        case [Slot(path=path)]:
            return {"InputPath": json_path(path)}
        case _ if not any(isinstance(part, Slot) for part in parts):
            return {"Input": composed(parts, json.dumps)}
        case _:
            names = dict(_names(parts))
            template = composed(parts, lambda slot: f"<{names[slot.path]}>" if slot.path else _WHOLE)
            paths = {name: json_path(path) for path, name in names.items()}
            return {"InputTransformer": {"InputPathsMap": paths, "InputTemplate": template}}


_WHOLE = "<aws.events.event.json>"


def _names(parts: Parts) -> Iterator[tuple[EventPath, str]]:
    """A name for each path that the template uses: its last part, with more parts if two names would be equal."""
    paths = dict.fromkeys(part.path for part in parts if isinstance(part, Slot) and part.path)
    taken: set[str] = set()
    for path in paths:
        words = [re.sub(r"[^A-Za-z0-9_-]", "_", str(part)) for part in path]
        own = ["-".join(words[start:]) for start in reversed(range(len(words)))]
        made = next((name for name in own if name not in taken and not name[0].isdigit()), None)
        name = f"{own[-1]}-{len(taken)}" if made is None else made
        taken.add(name)
        yield path, name


def pipe_input(workflow: Workflow, trigger: Sns | Sqs | Stream) -> Text:
    """`InputTemplate` (EventBridge user guide, "Amazon EventBridge Pipes input transformation").

    A value at the top of a template would arrive as a string, so it goes under a key (see `compile.pipe_records`).
    """
    key = record_key(workflow.name, batched=trigger.batch is not None)
    parts = (f'{{"{key}":', *start_parts(workflow, trigger), "}")
    return composed(parts, lambda slot: f"<{json_path(slot.path)}>" if slot.path else "<aws.pipes.event.json>")


def request_input(workflow: Workflow, trigger: Http) -> Text:
    """The request parameter `Input` (API Gateway developer guide, "Create AWS service integrations for HTTP APIs")."""
    parts = start_parts(workflow, trigger)
    match parts:
        case [Slot(path=path)]:
            return _of_request(path)
        case _:
            # A dollar sign would start a variable.
            return composed(
                tuple(part.replace("$", "\\u0024") if isinstance(part, str) else part for part in parts), str
            )


def request_name(name: Value) -> Text:
    """The request parameter `Name`: a field of the body, or a constant."""
    match name:
        case Expression() if (path := event_path(name)) is not None:
            return _of_request(path)
        case _:
            return compose(*reference_of(name).parts)


def _of_request(path: EventPath) -> str:
    return f"$request{json_path(path)[1:]}"
