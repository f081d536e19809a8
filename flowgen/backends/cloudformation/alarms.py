"""The alarms of a workflow: what of its executions wakes somebody up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flowgen.backends.cloudformation.intrinsics import ref
from flowgen.backends.cloudformation.units import EXPRESS, Unit
from flowgen.model import Alarm, Alarms
from flowgen.model.python_names import class_name


@dataclass(frozen=True, slots=True)
class Alarming:
    """When an alarm goes off: `threshold` executions in `period` seconds, `periods` times in a row."""

    metric: str
    about: str
    threshold: int = 1
    period: int = 300
    periods: int = 1


# Step Functions developer guide, "Monitoring Step Functions metrics using CloudWatch": execution metrics.
BUILT_IN: Mapping[str, Alarming] = {
    "failed": Alarming("ExecutionsFailed", "Executions of {} failed."),
    "timed_out": Alarming("ExecutionsTimedOut", "Executions of {} took longer than they may."),
    # AWS goes on by itself when it held steps back; a quarter of an hour of it is a matter of quotas.
    "throttled": Alarming("ExecutionThrottled", "AWS holds back the steps of {}: see its quotas.", periods=3),
    "aborted": Alarming("ExecutionsAborted", "Executions of {} were stopped."),
}
OF_STANDARD = ("throttled", "aborted")
"""The alarms of what can't happen to an express workflow: it enters states without a limit, and can't be stopped."""


def alarms_of(unit: Unit) -> dict[str, Alarming]:
    """The alarms that are on, by their keys."""
    written = unit.workflow.alarms
    if written is False:
        return {}
    own = written if isinstance(written, Alarms) else None
    names = [name for name in BUILT_IN if unit.workflow.type != EXPRESS or name not in OF_STANDARD]
    return {name: made for name in names if (made := _tuned(BUILT_IN[name], getattr(own, name, None))) is not None}


def _tuned(built_in: Alarming, own: Alarm | bool | None) -> Alarming | None:  # noqa: FBT001 - as it was written
    if not isinstance(own, Alarm):
        return None if own is False else built_in
    return replace(
        built_in,
        threshold=own.threshold or built_in.threshold,
        period=built_in.period if own.period is None else own.period.seconds,
        periods=own.periods or built_in.periods,
    )


def alarm_id(unit: Unit, name: str) -> str:
    """The logical id of an alarm, by its key."""
    return f"{unit.machine.machine}{class_name(name)}Alarm"


def alarms(unit: Unit) -> Iterator[tuple[str, dict[str, Any]]]:
    from flowgen.backends.cloudformation import resources

    written = unit.workflow.alarms
    own = written if isinstance(written, Alarms) else None
    for name, alarming in alarms_of(unit).items():
        yield (
            alarm_id(unit, name),
            resources.alarm(
                description=alarming.about.format(unit.workflow.name),
                namespace="AWS/States",
                metric=alarming.metric,
                dimensions={"StateMachineArn": ref(unit.machine.machine)},
                threshold=alarming.threshold,
                period=alarming.period,
                periods=alarming.periods,
                actions=unit.several(own.actions) if own else [],
                ok_actions=unit.several(own.ok_actions) if own else [],
            ),
        )
