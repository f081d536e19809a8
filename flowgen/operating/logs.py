"""Lines in the log groups of a workflow: those of the state machine and of its functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from flowgen.deploying import Cloud
from flowgen.deploying.aws_errors import code_of

_POLL: Final = 2.0
_OVERLAP: Final = 10_000
"""Milliseconds that are read again: CloudWatch Logs can show an older line after a newer one."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of a log. `source` is the name of the function, or "" for the state machine."""

    id: str
    at: datetime
    workflow: str
    source: str
    text: str


Groups = Mapping[str, tuple[str, str]]
"""Names of log groups, each with its workflow and the function ("" for the state machine)."""


def read_logs(cloud: Cloud, groups: Groups, since: datetime, containing: str | None = None) -> list[LogLine]:
    """The lines since a moment, in the order of time. `containing` selects those that contain a string."""
    return _sorted(_lines(cloud, groups, _milliseconds(since), containing))


def follow_logs(cloud: Cloud, groups: Groups, since: datetime, containing: str | None = None) -> Iterator[LogLine]:
    """The lines since a moment, and new ones without end."""
    seen: dict[str, int] = {}
    begin = _milliseconds(since)
    while True:
        for line in _sorted(_lines(cloud, groups, begin, containing)):
            if line.id not in seen:
                seen[line.id] = _milliseconds(line.at)
                yield line
        begin = max([begin, *(at - _OVERLAP for at in seen.values())])
        seen = {id_: at for id_, at in seen.items() if at >= begin}
        cloud.sleep(_POLL)


def _sorted(lines: Iterable[LogLine]) -> list[LogLine]:
    return sorted(lines, key=lambda line: line.at)


def _lines(cloud: Cloud, groups: Groups, begin: int, containing: str | None) -> Iterator[LogLine]:
    from botocore.exceptions import ClientError

    # CloudWatch Logs user guide, "Filter pattern syntax": a quoted phrase matches exactly.
    pattern = {} if containing is None else {"filterPattern": f'"{containing}"'}
    client = cloud.client("logs")
    for group, (workflow, source) in groups.items():
        pages = client.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=begin, **pattern)
        try:
            for page in pages:
                for event in page["events"]:
                    yield _line(event, workflow, source)
        except ClientError as error:
            if code_of(error) != "ResourceNotFoundException":  # a function without a log group never ran
                raise


def _line(event: Any, workflow: str, source: str) -> LogLine:
    at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
    return LogLine(event["eventId"], at, workflow, source, event["message"].rstrip("\n"))


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
