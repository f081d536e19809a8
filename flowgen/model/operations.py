"""How a workflow is run in its account: alarms, logs, traces, keys, versions and how a new one takes over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import Field

from flowgen.model.element import Element, Read, Reading, Unread, listed
from flowgen.model.leaves import Duration, DurationField, FlagField, OneOf, Whole, read_duration, read_text
from flowgen.model.stack_values import ArnField, Several, StackValue
from flowgen.source import Mapping, Node, Scalar, kind_of

_DAY = 86_400
FOREVER = "forever"
RETENTIONS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip
"""Days that CloudWatch keeps logs (CloudWatch Logs API reference, `PutRetentionPolicy`)."""


def _fits(element: Any, reading: Reading) -> bool:
    del element, reading
    return True


@dataclass(frozen=True, slots=True)
class OnOff:
    """Reads `false` or `true`, or a mapping that tunes what is on: an element, whose keys `fits` holds together."""

    of: type[Element]
    fits: Callable[[Any, Reading], bool] = _fits

    def __call__(self, node: Node, reading: Reading) -> Element | bool:
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        if not isinstance(node, Mapping):
            raise reading.refuse("FG102", f"{self.of.what} is `true`, `false` or a mapping, not {kind_of(node)}", node)
        made = self.of.read(node, reading)
        if made is None or not self.fits(made, reading):
            raise Unread
        return made


class Alarm(Element):
    """When one of the workflow's alarms goes off: `threshold` executions in a period, in so many periods in a row."""

    what: ClassVar[str] = "an alarm"

    threshold: Annotated[int | None, Read(Whole(1, 1_000_000_000))] = Field(
        None, description="How many executions in a period are too many."
    )
    period: DurationField | None = Field(None, description="What they are counted in: whole minutes.")
    periods: Annotated[int | None, Read(Whole(1, 10_080))] = Field(
        None, description="In how many periods in a row it must be too many."
    )


def _is_alarm(alarm: Alarm, reading: Reading) -> bool:
    if alarm.period is None or (alarm.period.seconds and not alarm.period.seconds % 60):
        return True
    # Step Functions reports each minute (developer guide, "Monitoring Step Functions metrics using CloudWatch").
    reading.tell("FG112", "a period is whole minutes, at least one", alarm.span_of("period"))
    return False


_ALARM = Read(OnOff(Alarm, _is_alarm))


class Alarms(Element):
    """The alarms of a workflow, and who is told."""

    what: ClassVar[str] = "`alarms`"

    actions: Annotated[tuple[StackValue, ...], Read(Several(arns=True, most=5))] = Field(
        (),
        description="What is told when one goes off: ARNs of SNS topics, `!Ref Topic`.",
        examples=["arn:aws:sns:eu-west-1:123456789012:alerts"],
    )
    ok_actions: Annotated[tuple[StackValue, ...], Read(Several(arns=True, most=5))] = Field(
        (), description="What is told when one is over."
    )
    failed: Annotated[Alarm | bool | None, _ALARM] = Field(None, description="Executions failed.")
    timed_out: Annotated[Alarm | bool | None, _ALARM] = Field(
        None, description="Executions took longer than the workflow's `timeout`."
    )
    throttled: Annotated[Alarm | bool | None, _ALARM] = Field(
        None, description="AWS held steps back, since the account enters too many states at a time."
    )
    aborted: Annotated[Alarm | bool | None, _ALARM] = Field(None, description="Executions were stopped.")


def read_retention(node: Node, reading: Reading) -> Duration | str:
    """How long logs are kept: a duration that CloudWatch knows, or `forever` (FG106, FG112)."""
    if isinstance(node, Scalar) and node.value == FOREVER:
        return FOREVER
    duration = read_duration(node, reading)
    if duration.seconds not in {days * _DAY for days in RETENTIONS}:
        raise reading.refuse(
            "FG112",
            f"CloudWatch does not keep logs for `{read_text(node, reading)}`",
            node,
            help=f"it knows {listed(f'{days} days' for days in RETENTIONS[:12])} and longer, and `{FOREVER}`",
        )
    return duration


class Logging(Element):
    """What is logged of executions, and for how long the logs of the workflow and its functions are kept."""

    what: ClassVar[str] = "`logging`"

    level: Annotated[str, Read(OneOf(("all", "error", "fatal")))] = Field(
        "all", description="Which events of an execution are logged: `all`, those of errors, or what ended it."
    )
    data: FlagField = Field(False, description="Whether what goes in and out of the steps is logged too.")
    retention: Annotated[Duration | str, Read(read_retention)] = Field(
        Duration(30 * _DAY), description="How long logs are kept, or `forever`.", examples=["90 days"]
    )


class Encryption(Element):
    """The key of your own with which executions, logs and environments are encrypted."""

    what: ClassVar[str] = "`encryption`"

    key: ArnField | None = Field(
        None,
        description="The ARN of a KMS key that exists; left out, the stack makes one.",
        examples=["!GetAtt Key.Arn"],
    )
    reuse: DurationField | None = Field(
        None, description="How long Step Functions uses a data key before it asks for another: 60 to 900 seconds."
    )


class Deployment(Element):
    """How a new version takes over from the one before."""

    what: ClassVar[str] = "`deployment`"

    versions: FlagField = Field(
        True, description="Whether executions in flight keep the definition and the code that they began with."
    )
    type: Annotated[str, Read(OneOf(("all_at_once", "canary", "linear")))] = Field(
        "all_at_once",
        description=(
            "Which executions run a new version: all of them; `percent` for an `interval`, then all; or "
            "`percent` more at each `interval`."
        ),
    )
    percent: Annotated[int | None, Read(Whole(1, 99))] = Field(
        None, description="The share of executions that run the new version first, or more each time."
    )
    interval: DurationField | None = Field(None, description="How long each share is watched, in whole minutes.")
    rollback: FlagField = Field(
        True, description="Whether an alarm that goes off meanwhile takes all back to the version before."
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
    """Whether what is said of a deployment fits together."""
    told_of = [key for key in ("percent", "interval", "rollback") if made.node.get(key) is not None]
    if not made.versions and (told_of or made.node.get("type") is not None):
        key = next(key for key in ("type", *told_of) if made.node.get(key) is not None)
        reading.tell("FG102", f"without versions there is nothing that `{key}` could be of", made.span_of(key))
        return False
    if not made.is_gradual:
        if told_of:
            reading.tell(
                "FG102",
                f"`{told_of[0]}` is of a gradual deployment",
                made.span_of(told_of[0]),
                help="say `type: canary` or `type: linear`",
            )
        return not told_of
    if made.percent is None or made.interval is None:
        missing = "percent" if made.percent is None else "interval"
        reading.tell("FG103", f"a gradual deployment needs the key `{missing}`", made.span_of("type"))
        return False
    minutes, rest = divmod(made.interval.seconds, 60)
    if rest or not 1 <= minutes <= MOST_INTERVAL:
        reading.tell("FG112", f"1 to {MOST_INTERVAL:,} whole minutes are wanted here", made.span_of("interval"))
        return False
    return True


def _is_encryption(made: Encryption, reading: Reading) -> bool:
    if made.reuse is None or made.reuse.seconds in _REUSE:
        return True
    reading.tell("FG112", f"{_REUSE[0]} to {_REUSE[-1]} seconds are wanted here", made.span_of("reuse"))
    return False


AlarmsField = Annotated[Alarms | bool, Read(OnOff(Alarms))]
LoggingField = Annotated[Logging | bool, Read(OnOff(Logging))]
EncryptionField = Annotated[Encryption | bool, Read(OnOff(Encryption, _is_encryption))]
DeploymentField = Annotated[Deployment, Read(_read_deployment)]
