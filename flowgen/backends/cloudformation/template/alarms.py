"""The CloudWatch alarms of a workflow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from flowgen.backends.cloudformation.intrinsics import ref
from flowgen.backends.cloudformation.resources import Entry, resource
from flowgen.backends.cloudformation.workflow_stack import EXPRESS, WorkflowStack
from flowgen.model import Alarm, Alarms
from flowgen.model.python_names import class_name


@dataclass(frozen=True, slots=True)
class AlarmSettings:
    """An alarm fires at `threshold` executions in `period` seconds, `periods` times in a row."""

    metric: str
    description: str
    threshold: int = 1
    period: int = 300
    periods: int = 1


# Step Functions developer guide, "Monitoring Step Functions metrics using CloudWatch": execution metrics.
BUILT_IN: Mapping[str, AlarmSettings] = {
    "failed": AlarmSettings("ExecutionsFailed", "Executions of {} failed."),
    "timed_out": AlarmSettings("ExecutionsTimedOut", "Executions of {} timed out."),
    # AWS resumes throttled executions by itself; a quarter of an hour of throttling is a matter of quotas.
    "throttled": AlarmSettings("ExecutionThrottled", "AWS throttles the steps of {}: check its quotas.", periods=3),
    "aborted": AlarmSettings("ExecutionsAborted", "Executions of {} were stopped."),
}
STANDARD_ONLY = ("throttled", "aborted")
"""Alarms that an express workflow cannot raise: its state transitions have no limit, and it cannot be stopped."""


def alarms_of(stack: WorkflowStack) -> dict[str, AlarmSettings]:
    """The enabled alarms, by their keys."""
    written = stack.workflow.alarms
    if written is False:
        return {}
    own = written if isinstance(written, Alarms) else None
    names = [name for name in BUILT_IN if stack.workflow.type != EXPRESS or name not in STANDARD_ONLY]
    return {name: made for name in names if (made := _tuned(BUILT_IN[name], getattr(own, name, None))) is not None}


def _tuned(built_in: AlarmSettings, own: Alarm | bool | None) -> AlarmSettings | None:  # noqa: FBT001 - as it was written
    if not isinstance(own, Alarm):
        return None if own is False else built_in
    return replace(
        built_in,
        threshold=own.threshold or built_in.threshold,
        period=built_in.period if own.period is None else own.period.seconds,
        periods=own.periods or built_in.periods,
    )


def alarm_id(stack: WorkflowStack, name: str) -> str:
    """The logical id of an alarm, by its key."""
    return f"{stack.machine.machine}{class_name(name)}Alarm"


def alarms(stack: WorkflowStack) -> Iterator[Entry]:
    written = stack.workflow.alarms
    own = written if isinstance(written, Alarms) else None
    for name, alarm in alarms_of(stack).items():
        yield (
            alarm_id(stack, name),
            resource(
                "AWS::CloudWatch::Alarm",
                {
                    "AlarmDescription": alarm.description.format(stack.workflow.name),
                    "Namespace": "AWS/States",
                    "MetricName": alarm.metric,
                    "Dimensions": [{"Name": "StateMachineArn", "Value": ref(stack.machine.machine)}],
                    "Statistic": "Sum",
                    "Period": alarm.period,
                    "EvaluationPeriods": alarm.periods,
                    "Threshold": alarm.threshold,
                    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
                    # No data means that no execution ran.
                    "TreatMissingData": "notBreaching",
                    "AlarmActions": (stack.list_of(own.actions) or None) if own else None,
                    "OKActions": (stack.list_of(own.ok_actions) or None) if own else None,
                },
            ),
        )
