"""What people type to name executions and moments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from flowgen.asl.execution_names import LONGEST_NAME, REFUSED
from flowgen.model.leaves import parse_duration

_EXECUTION: Final = re.compile(
    r"arn:(?P<partition>aws[\w-]*):states:(?P<region>[a-z0-9-]+):(?P<account>\d{12})"
    r":(?P<kind>execution|express):(?P<machine>[^:/\s]+)(/[^:/\s]+)?:(?P<name>[^:\s]+)(:[^:\s]+)?"
)
"""An execution (Service Authorization Reference, "Actions, resources, and condition keys for AWS Step Functions").

For a child of a distributed loop, the label of the loop follows the state machine.
"""
_MAP_RUN: Final = re.compile(
    r"arn:aws[\w-]*:states:(?P<region>[a-z0-9-]+):\d{12}:mapRun:(?P<machine>[^:/\s]+)/[^:/\s]+:[^:\s]+"
)


class NotValid(Exception):  # noqa: N818 - reported as wrong usage
    """An argument is invalid; the message says why, and what to type."""


@dataclass(frozen=True, slots=True)
class ExecutionArn:
    """The parts of an execution's ARN that matter here."""

    text: str
    region: str
    machine: str
    name: str
    express: bool


def execution_arn(text: str) -> ExecutionArn | None:
    """The parts of an execution's ARN; None if `text` is a name. Raises `NotValid` for any other ARN."""
    if not text.startswith("arn:"):
        return None
    found = _EXECUTION.fullmatch(text)
    if found is None:
        raise NotValid(
            f"`{text}` is not the ARN of an execution;"
            " expected arn:aws:states:REGION:ACCOUNT:execution:STATE_MACHINE:NAME"
        )
    return ExecutionArn(text, found["region"], found["machine"], found["name"], found["kind"] == "express")


@dataclass(frozen=True, slots=True)
class MapRunArn:
    """The parts of a Map Run's ARN that matter here."""

    text: str
    region: str
    machine: str


def map_run_arn(text: str) -> MapRunArn | None:
    """The parts of the ARN of a Map Run; None for anything else."""
    found = _MAP_RUN.fullmatch(text)
    return None if found is None else MapRunArn(text, found["region"], found["machine"])


def execution_name(text: str) -> str:
    """A valid name of an execution. Raises `NotValid`.

    Step Functions API Reference, `StartExecution`, `name`.
    """
    refused = REFUSED.search(text)
    if not text:
        raise NotValid("the name of an execution must not be empty")
    if refused is not None:
        found = refused[0]
        what = "a space" if found == " " else f"`{found}`" if found.isprintable() else f"U+{ord(found):04X}"
        raise NotValid(f"the name of an execution must not contain {what}: use letters, digits, `-`, `_` and `.`")
    if len(text) > LONGEST_NAME:
        raise NotValid(f"the name of an execution has at most {LONGEST_NAME} characters; this one has {len(text)}")
    return text


def moment(text: str, now: datetime) -> datetime:
    """The moment of `2h` (ago), `2026-01-31` (UTC) or `2026-01-31T12:00:00+01:00`. Raises `NotValid`."""
    try:
        duration = parse_duration(text)
        if duration is not None:
            return now - timedelta(seconds=duration.seconds)
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise NotValid(f"`{text}` is not a valid time: write 90m, 2h, 3d, 2026-01-31 or 2026-01-31T12:00:00Z") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
