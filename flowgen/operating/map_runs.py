"""The child executions of distributed loops. AWS groups those of one visit of the loop into a Map Run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from flowgen.deploying import Cloud, Refused
from flowgen.deploying.aws_errors import code_of
from flowgen.diagnostics import Diagnostic
from flowgen.local.history import Event
from flowgen.operating.executions import Execution, with_error

_STATUSES: Final = ("failed", "timedOut", "aborted", "running", "pending", "succeeded")
_FIRST: Final = ("FAILED", "TIMED_OUT", "RUNNING", "ABORTED", "SUCCEEDED")
"""The order in which children matter."""


@dataclass(frozen=True, slots=True)
class MapRun:
    """A Map Run: its ARN, the label of its loop, and the number of child executions by status, without zeros."""

    arn: str
    label: str
    counts: Mapping[str, int]

    def __str__(self) -> str:
        total = sum(self.counts.values())
        each = ", ".join(f"{number:,} {_word(status)}" for status, number in self.counts.items())
        return f"{self.label}: {total:,} child execution{'' if total == 1 else 's'}{f' ({each})' if each else ''}"


def _word(status: str) -> str:
    return "timed out" if status == "timedOut" else status


def map_run(cloud: Cloud, arn: str) -> MapRun:
    """A Map Run. Raises `Refused` (FG704) if it does not exist."""
    from botocore.exceptions import ClientError

    try:
        found = cloud.stepfunctions.describe_map_run(mapRunArn=arn)
    except ClientError as error:
        if code_of(error) in ("ResourceNotFound", "InvalidArn"):
            help_ = "`flowgen show EXECUTION` prints those of an execution"
            raise Refused(Diagnostic("FG704", f"the Map Run `{arn}` does not exist", None, help=help_)) from None
        raise
    counts = found["executionCounts"]
    label = arn.partition(":mapRun:")[2].partition("/")[2].partition(":")[0]
    return MapRun(arn, label, {status: counts[status] for status in _STATUSES if counts.get(status)})


def children(cloud: Cloud, arn: str, workflow: str, limit: int) -> list[Execution]:
    """At most `limit` child executions of a Map Run with their errors, failed ones first.

    Express executions are left out: AWS does not list them.
    """
    return [with_error(cloud, one) for one in islice(_children(cloud, arn, workflow), limit)]


def _children(cloud: Cloud, arn: str, workflow: str) -> Iterator[Execution]:
    from botocore.exceptions import ClientError

    pages = cloud.stepfunctions.get_paginator("list_executions")
    for status in _FIRST:
        try:
            for page in pages.paginate(mapRunArn=arn, statusFilter=status):
                for one in page["executions"]:
                    at: Any = (one["startDate"], one.get("stopDate"))
                    yield Execution(one["executionArn"], one["name"], workflow, one["status"], *at)
        except ClientError as error:
            if code_of(error) == "StateMachineTypeNotSupported":
                return
            raise


def map_run_arns(events: Iterable[Event]) -> list[str]:
    """The Map Runs that an execution started."""
    found = (event.details.get("mapRunArn") for event in events if event.type == "MapRunStarted")
    return [arn for arn in found if isinstance(arn, str)]
