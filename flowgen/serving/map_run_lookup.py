"""Map runs and their child executions by ARN."""

from __future__ import annotations

from collections.abc import Iterator

from flowgen.local.frame import Run
from flowgen.local.map_runs import MapRun
from flowgen.serving.api_errors import ApiError
from flowgen.serving.arns import check_arn
from flowgen.serving.engine import Record
from flowgen.serving.service import Service


def map_run_of(service: Service, arn: str) -> tuple[Record, MapRun[Run]]:
    """A Map run and the execution that started it. Raises `ApiError`."""
    check_arn(arn, "mapRun")
    for record in service.executions.values():
        for run in record.map_runs:
            if run.arn == arn:
                return record, run
    raise ApiError("ResourceNotFound", f"Map Run Does Not Exist: '{arn}'")


def children_of(service: Service, arn: str) -> Iterator[Record]:
    """The records of a Map run's children, the most recent first."""
    map_run_of(service, arn)
    for record in reversed(service.executions.values()):
        if record.map_run_arn == arn:
            yield record
