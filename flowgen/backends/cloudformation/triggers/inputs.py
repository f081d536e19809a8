"""The input of a workflow in each service's template syntax; `compile.payload_template` decides what the input is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from flowgen.aws.event_shapes import SCHEDULE_ATTRIBUTES
from flowgen.backends.cloudformation.intrinsics import Intrinsic, literal
from flowgen.backends.cloudformation.static_values import compose
from flowgen.compile.names import record_key
from flowgen.compile.payload_template import Part, Parts, Slot, StackValue, start_parts
from flowgen.model import Workflow
from flowgen.model.triggers import S3, Event, Http, Schedule, Sns, Sqs, Stream
from flowgen.model.triggers.paths import EventPath, json_path

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


def schedule_input(workflow: Workflow, trigger: Schedule) -> Text:
    """`Input` (EventBridge Scheduler user guide, "Adding context attributes"): all attributes are strings."""
    return composed(start_parts(workflow, trigger), _schedule_mark)


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
            return f"$request{json_path(path)[1:]}"
        case _:
            # A dollar sign would start a variable.
            return composed(
                tuple(part.replace("$", "\\u0024") if isinstance(part, str) else part for part in parts), str
            )
