"""The dashboard of a workflow, and the rule that sends changes of an execution's status."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from flowgen.backends.cloudformation.iam import policies
from flowgen.backends.cloudformation.intrinsics import arn_of, ref, sub
from flowgen.backends.cloudformation.resources import Entry, resource
from flowgen.backends.cloudformation.triggers.queues import dead_letter_queue
from flowgen.backends.cloudformation.workflow_stack import EXPRESS, WorkflowStack

_PERIOD = 300
_EXECUTIONS = ("ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut")
"""Step Functions developer guide, "Monitoring Step Functions metrics using CloudWatch": execution metrics."""


def notifications(stack: WorkflowStack) -> Iterator[Entry]:
    """The rule for changes of status (developer guide, "Automating Step Functions event delivery with EventBridge").

    An event has the ARN of the state machine, whether its alias or a version was started.
    """
    written = stack.workflow.notifications
    if written is None:
        return
    ids = stack.machine
    pattern = {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {
            "stateMachineArn": [ref(stack.machine.machine)],
            "status": [status.upper() for status in written.statuses],
        },
    }
    properties = {
        "Description": f"Sends changes of the status of executions of {stack.workflow.name}.",
        "EventPattern": pattern,
        "State": "ENABLED",
        "Targets": [
            {"Id": f"target{number}", "Arn": target, "DeadLetterConfig": {"Arn": arn_of(ids.undelivered)}}
            for number, target in enumerate(written.targets, 1)
        ],
    }
    yield ids.notifications, resource("AWS::Events::Rule", properties)
    # EventBridge itself, not a role, sends to a rule's dead-letter queue.
    sender = policies.sender("events.amazonaws.com", ids.undelivered, arn_of(ids.notifications))
    yield from dead_letter_queue(ids.undelivered, ids.undelivered_policy, sender)


def dashboard(stack: WorkflowStack) -> Iterator[Entry]:
    """The executions of a workflow and the calls of its functions (CloudWatch API reference, "Dashboard body")."""
    if stack.workflow.dashboard:
        body = json.dumps({"widgets": list(_widgets(stack))}, separators=(",", ":"))
        yield stack.machine.dashboard, resource("AWS::CloudWatch::Dashboard", {"DashboardBody": sub(body)})


def _widgets(stack: WorkflowStack) -> Iterator[dict[str, Any]]:
    machine = ("StateMachineArn", f"${{{stack.machine.machine}}}")
    # An express execution cannot be stopped.
    counted = _EXECUTIONS if stack.workflow.type == EXPRESS else (*_EXECUTIONS, "ExecutionsAborted")
    name = stack.workflow.name
    yield _widget(0, 0, f"Executions of {name}", [["AWS/States", metric, *machine] for metric in counted], "Sum")
    duration = [["AWS/States", "ExecutionTime", *machine, {"stat": stat}] for stat in ("p50", "p99")]
    yield _widget(0, 1, f"Duration of {name} (ms)", duration, "p99")
    functions = [(name, f"${{{stack.function(name).function}}}") for name, _ in stack.deployed()]
    if functions:
        for column, (metric, title, stat) in enumerate(
            (("Errors", "Errors of functions", "Sum"), ("Duration", "Duration of functions (ms)", "p99"))
        ):
            lines = [["AWS/Lambda", metric, "FunctionName", ref_, {"label": label}] for label, ref_ in functions]
            yield _widget(1, column, title, lines, stat)


def _widget(row: int, column: int, title: str, metrics: list[list[Any]], stat: str) -> dict[str, Any]:
    height, width = 6, 12
    return {
        "type": "metric",
        "x": column * width,
        "y": row * height,
        "width": width,
        "height": height,
        "properties": {
            "title": title,
            "region": "${AWS::Region}",
            "period": _PERIOD,
            "stat": stat,
            "metrics": metrics,
        },
    }
