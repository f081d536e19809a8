"""Executions as rows for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowgen.operating import Execution


def as_json(execution: Execution, *, result: bool = False) -> dict[str, Any]:
    """An execution as JSON: its name, workflow, ARN, status and times, and if it failed, its error.

    With `result`, also its output or its cause.
    """
    ended: dict[str, Any] = {"error": execution.error} if execution.failed else {}
    if result:
        ended |= {"cause": execution.cause} if execution.failed else {"output": execution.output}
    return {
        "name": execution.name,
        "workflow": execution.workflow,
        "arn": execution.arn,
        "status": execution.status,
        "started": timestamp(execution.started),
        "ended": None if execution.ended is None else timestamp(execution.ended),
        **ended,
    }


def timestamp(at: datetime) -> str:
    """A moment in UTC with seconds: `2026-01-31T12:00:00Z`."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def as_rows(executions: Sequence[Execution], now: datetime, *, arns: bool = False) -> list[str]:
    """A row for each execution: name or ARN, workflow if there are several, status, start, duration, error."""
    from flowgen.local.clock import in_words

    several = len({execution.workflow for execution in executions}) > 1
    rows = []
    for execution in executions:
        seconds = round(((execution.ended or now) - execution.started).total_seconds())
        cells = [
            execution.arn if arns else execution.name,
            *([execution.workflow] if several else []),
            execution.status,
        ]
        rows.append([*cells, timestamp(execution.started), in_words(max(seconds, 0)), execution.error or ""])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
