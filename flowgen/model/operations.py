"""How a workflow runs in an account: alarms, logs, tracing, encryption, versions and deployments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from flowgen.model.accepts import Schema, either, ref
from flowgen.model.element import Element, Field, Read, Reading, Unread, listed
from flowgen.model.leaves import DURATION, Duration, DurationField, FlagField, OneOf, Whole, read_duration, read_text
from flowgen.model.stack_values import ArnField, Several, StackValue
from flowgen.source import Mapping, Node, Scalar, kind_of

_DAY = 86_400
FOREVER = "forever"
RETENTIONS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip
"""Retention periods of CloudWatch Logs, in days (CloudWatch Logs API reference, `PutRetentionPolicy`)."""


def _fits(element: Any, reading: Reading) -> bool:
    del element, reading
    return True


@dataclass(frozen=True, slots=True)
class OnOff:
    """Reads `false`, `true`, or a mapping with settings; `fits` checks the keys of the mapping against each other."""

    of: type[Element]
    fits: Callable[[Any, Reading], bool] = _fits

    @property
    def accepts(self) -> Schema:
        return either({"type": "boolean"}, inside=ref(self.of))

    def __call__(self, node: Node, reading: Reading) -> Element | bool:
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        if not isinstance(node, Mapping):
            raise reading.refuse(
                "FG102", f"{self.of.what} must be `true`, `false` or a mapping, not {kind_of(node)}", node
            )
        made = self.of.read(node, reading)
        if made is None or not self.fits(made, reading):
            raise Unread
        return made


class Alarm(Element):
    """When an alarm of the workflow fires: at `threshold` executions in a period, for some consecutive periods."""

    what: ClassVar[str] = "an alarm"

    threshold: Annotated[int | None, Read(Whole(1, 1_000_000_000))] = Field(
        None, description="The alarm fires at this number of executions in a period."
    )
    period: DurationField | None = Field(
        None, description="The period in which executions are counted, in whole minutes."
    )
    periods: Annotated[int | None, Read(Whole(1, 10_080))] = Field(
        None, description="The number of consecutive periods in which the threshold must be reached."
    )


def _is_alarm(alarm: Alarm, reading: Reading) -> bool:
    if alarm.period is None or (alarm.period.seconds and not alarm.period.seconds % 60):
        return True
    # Step Functions reports metrics every minute (developer guide, "Monitoring Step Functions metrics using
    # CloudWatch").
    reading.tell("FG112", "`period` must be at least one minute, in whole minutes", alarm.span_of("period"))
    return False


_ALARM = Read(OnOff(Alarm, _is_alarm))


class Alarms(Element):
    """The alarms of a workflow, and their targets."""

    what: ClassVar[str] = "`alarms`"

    actions: Annotated[tuple[StackValue, ...], Read(Several(arns=True, most=5))] = Field(
        (),
        description="Notified when an alarm fires: ARNs of SNS topics, `!Ref Topic`.",
        examples=["arn:aws:sns:eu-west-1:123456789012:alerts"],
    )
    ok_actions: Annotated[tuple[StackValue, ...], Read(Several(arns=True, most=5))] = Field(
        (), description="Notified when an alarm ends."
    )
    failed: Annotated[Alarm | bool | None, _ALARM] = Field(None, description="Executions failed.")
    timed_out: Annotated[Alarm | bool | None, _ALARM] = Field(
        None, description="Executions took longer than the workflow's `timeout`."
    )
    throttled: Annotated[Alarm | bool | None, _ALARM] = Field(
        None, description="AWS throttled executions because the account enters too many states at once."
    )
    aborted: Annotated[Alarm | bool | None, _ALARM] = Field(None, description="Executions were stopped.")


def read_retention(node: Node, reading: Reading) -> Duration | str:
    """Log retention: a period that CloudWatch supports, or `forever` (FG106, FG112)."""
    if isinstance(node, Scalar) and node.value == FOREVER:
        return FOREVER
    duration = read_duration(node, reading)
    if duration.seconds not in {days * _DAY for days in RETENTIONS}:
        raise reading.refuse(
            "FG112",
            f"`{read_text(node, reading)}` is not a retention period that CloudWatch supports",
            node,
            help=f"write {listed(f'{days} days' for days in RETENTIONS[:12])} and longer, and `{FOREVER}`",
        )
    return duration


RetentionField = Annotated[Duration | str, Read(read_retention, accepts={"anyOf": [DURATION, {"const": FOREVER}]})]


class Logging(Element):
    """What executions log, and how long the logs of the workflow and its functions are kept."""

    what: ClassVar[str] = "`logging`"

    level: Annotated[str, Read(OneOf(("all", "error", "fatal")))] = Field(
        "all", description="Which execution events are logged: `all`, errors only, or only fatal errors."
    )
    data: FlagField = Field(False, description="Also logs the input and output of steps.")
    retention: RetentionField = Field(
        Duration(30 * _DAY), description="How long logs are kept, or `forever`.", examples=["90 days"]
    )
    format: Annotated[str, Read(OneOf(("json", "text")))] = Field(
        "json", description="The format of the functions' logs."
    )


class Encryption(Element):
    """The customer managed key that encrypts executions, logs and environment variables."""

    what: ClassVar[str] = "`encryption`"

    key: ArnField | None = Field(
        None,
        description="The ARN of an existing KMS key. By default the stack creates one.",
        examples=["!GetAtt Key.Arn"],
    )
    reuse: DurationField | None = Field(
        None, description="How long Step Functions reuses a data key: 60 to 900 seconds."
    )


class Deployment(Element):
    """How a new version replaces the previous one."""

    what: ClassVar[str] = "`deployment`"

    versions: FlagField = Field(
        True, description="Running executions keep the definition and the code with which they started."
    )
    type: Annotated[str, Read(OneOf(("all_at_once", "canary", "linear")))] = Field(
        "all_at_once",
        description=(
            "Which executions run a new version: all at once; `percent` for one `interval`, then all; or "
            "`percent` more after each `interval`."
        ),
    )
    percent: Annotated[int | None, Read(Whole(1, 99))] = Field(
        None, description="The share of executions that run the new version first, or that is added at each interval."
    )
    interval: DurationField | None = Field(
        None, description="How long each share runs before the next, in whole minutes."
    )
    rollback: FlagField = Field(
        True, description="Returns to the previous version if an alarm fires during the deployment."
    )

    @property
    def is_gradual(self) -> bool:
        return self.type != "all_at_once"


MOST_INTERVAL = 2100
"""Minutes (CloudFormation, `AWS::StepFunctions::StateMachineAlias DeploymentPreference`)."""
_REUSE = range(60, 900 + 1)


def _read_deployment(node: Node, reading: Reading) -> Deployment:
    made = Deployment.read(node, reading)
    if made is None or not _is_deployment(made, reading):
        raise Unread
    return made


def _is_deployment(made: Deployment, reading: Reading) -> bool:
    """Checks the keys of a deployment against each other."""
    gradual = [key for key in ("percent", "interval", "rollback") if made.node.get(key) is not None]
    if not made.versions and (gradual or made.node.get("type") is not None):
        key = next(key for key in ("type", *gradual) if made.node.get(key) is not None)
        reading.tell("FG102", f"`{key}` has no effect when versions are disabled", made.span_of(key))
        return False
    if not made.is_gradual:
        if gradual:
            reading.tell(
                "FG102",
                f"`{gradual[0]}` is only for gradual deployments",
                made.span_of(gradual[0]),
                help="write `type: canary` or `type: linear`",
            )
        return not gradual
    if made.percent is None or made.interval is None:
        missing = "percent" if made.percent is None else "interval"
        reading.tell("FG103", f"a gradual deployment needs the key `{missing}`", made.span_of("type"))
        return False
    minutes, rest = divmod(made.interval.seconds, 60)
    if rest or not 1 <= minutes <= MOST_INTERVAL:
        reading.tell("FG112", f"expected 1 to {MOST_INTERVAL:,} whole minutes", made.span_of("interval"))
        return False
    return True


def _is_encryption(made: Encryption, reading: Reading) -> bool:
    if made.reuse is None or made.reuse.seconds in _REUSE:
        return True
    reading.tell("FG112", f"expected {_REUSE[0]} to {_REUSE[-1]} seconds", made.span_of("reuse"))
    return False


AlarmsField = Annotated[Alarms | bool, Read(OnOff(Alarms))]
LoggingField = Annotated[Logging | bool, Read(OnOff(Logging))]
EncryptionField = Annotated[Encryption | bool, Read(OnOff(Encryption, _is_encryption))]
DeploymentField = Annotated[Deployment, Read(_read_deployment, accepts=ref(Deployment))]
