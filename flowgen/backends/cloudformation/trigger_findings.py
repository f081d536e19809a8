"""What AWS would refuse of a trigger for its size, told at the trigger's lines."""

from __future__ import annotations

import json
from collections.abc import Iterator

from flowgen.backends.cloudformation.intrinsics import Intrinsic
from flowgen.backends.cloudformation.trigger_inputs import pipe_input, rule_input, schedule_input
from flowgen.backends.cloudformation.units import Unit
from flowgen.diagnostics import Diagnostic, Span
from flowgen.model import Workflow
from flowgen.model.triggers import S3, Event, Http, Schedule
from flowgen.source import Mapping

# EventBridge API reference, `InputTransformer`; EventBridge Pipes API reference, `PipeTargetParameters`.
TEMPLATE = 8192
PATHS = 100
PATH = 256
# EventBridge Scheduler API reference, `Target`.
SCHEDULE_INPUT = 256 * 1024


def trigger_span(workflow: Workflow, name: str) -> Span:
    """Where a trigger's name stands."""
    declared = workflow.node.get("triggers")
    entry = declared.entry(name) if isinstance(declared, Mapping) else None
    return workflow.triggers[name].node.span if entry is None else entry.key.span


def trigger_findings(unit: Unit) -> Iterator[Diagnostic]:
    """FG402: inputs that are larger than the service's own limit."""
    for trigger in unit.workflow.triggers.values():
        where = trigger.span_of("with")
        match trigger:
            case Schedule():
                yield from _size(schedule_input(unit.workflow, trigger), SCHEDULE_INPUT, "EventBridge Scheduler", where)
            case Event() | S3():
                given = rule_input(unit.workflow, trigger)
                paths = given.get("InputPathsMap", {})
                yield from _size(given.get("InputTemplate", ""), TEMPLATE, "EventBridge", where)
                if len(paths) > PATHS:
                    message = f"this takes {len(paths)} parts of the event; EventBridge takes {PATHS}"
                    yield Diagnostic("FG402", message, where, help="hand on what they stand in")
                for path in paths.values():
                    if len(path) > PATH:
                        message = f"this path has {len(path)} characters; EventBridge takes {PATH}"
                        yield Diagnostic("FG402", message, where, help="hand on what it stands in")
            case Http():
                pass
            case _:
                yield from _size(pipe_input(unit.workflow, trigger), TEMPLATE, "EventBridge Pipes", where)


def _size(text: str | Intrinsic, most: int, service: str, where: Span) -> Iterator[Diagnostic]:
    size = len(text) if isinstance(text, str) else len(json.dumps(text))
    if size > most:
        message = f"the input has {size:,} characters; {service} takes {most:,}"
        yield Diagnostic("FG402", message, where, help="hand on less, or as a whole what the event holds")
