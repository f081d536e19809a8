"""Inputs of triggers that are over a limit of the service (FG402)."""

from __future__ import annotations

import json
from collections.abc import Iterator

from flowgen.backends.cloudformation.intrinsics import Intrinsic
from flowgen.backends.cloudformation.triggers.inputs import pipe_input, rule_input, schedule_input
from flowgen.backends.cloudformation.workflow_stack import WorkflowStack
from flowgen.diagnostics import Diagnostic, Span
from flowgen.model import Workflow
from flowgen.model.triggers import S3, Event, Http, Schedule
from flowgen.source import Mapping

# EventBridge API reference, `InputTransformer`; EventBridge Pipes API reference, `PipeTargetParameters`.
MAX_TEMPLATE = 8192
MAX_PATHS = 100
MAX_PATH = 256
# EventBridge Scheduler API reference, `Target`.
MAX_SCHEDULE_INPUT = 256 * 1024


def trigger_span(workflow: Workflow, name: str) -> Span:
    """The span of a trigger's name."""
    declared = workflow.node.get("triggers")
    entry = declared.entry(name) if isinstance(declared, Mapping) else None
    return workflow.triggers[name].node.span if entry is None else entry.key.span


def trigger_findings(stack: WorkflowStack) -> Iterator[Diagnostic]:
    """FG402 for each input over the service's limit."""
    for trigger in stack.workflow.triggers.values():
        where = trigger.span_of("with")
        match trigger:
            case Schedule():
                given = schedule_input(stack.workflow, trigger, stack.start_arn)
                yield from _size(given, MAX_SCHEDULE_INPUT, "EventBridge Scheduler", where)
            case Event() | S3():
                transformer = rule_input(stack.workflow, trigger).get("InputTransformer", {})
                yield from _size(transformer.get("InputTemplate", ""), MAX_TEMPLATE, "EventBridge", where)
                yield from _paths(list(transformer.get("InputPathsMap", {}).values()), where)
            case Http():
                pass
            case _:
                yield from _size(pipe_input(stack.workflow, trigger), MAX_TEMPLATE, "EventBridge Pipes", where)


def _paths(paths: list[str], where: Span) -> Iterator[Diagnostic]:
    if len(paths) > MAX_PATHS:
        message = f"the input uses {len(paths)} parts of the event; EventBridge allows {MAX_PATHS}"
        yield Diagnostic("FG402", message, where, help="pass the objects that contain them")
    for path in paths:
        if len(path) > MAX_PATH:
            message = f"the path has {len(path)} characters; EventBridge allows {MAX_PATH}"
            yield Diagnostic("FG402", message, where, help="pass an object that contains the value")


def _size(text: str | Intrinsic, limit: int, service: str, where: Span) -> Iterator[Diagnostic]:
    size = len(text) if isinstance(text, str) else len(json.dumps(text))
    if size > limit:
        message = f"the input has {size:,} characters; {service} allows {limit:,}"
        yield Diagnostic("FG402", message, where, help="pass less, or pass an object of the event as a whole")
