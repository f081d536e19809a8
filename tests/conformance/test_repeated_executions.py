"""Every recorded execution, run again from its journal: it gets to the same events, without a call."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flowgen.local import Task
from flowgen.local.history import Event
from flowgen.local.runtime_types import Request
from flowgen.running import Options
from flowgen.serving import Service, Settings
from flowgen.serving.restart import restored
from flowgen.serving.store import Store
from flowgen.serving.versions import Started
from tests.conformance.behaviours import replay, task_of


class KeepingStore(Store):
    """Keeps the journals of executions that have succeeded, and of express ones."""

    def end_execution(self, arn: str, ending: Any, events: Any, *, keep_journal: bool) -> None:
        del keep_journal
        super().end_execution(arn, ending, events, keep_journal=True)

    def remove_execution(self, arn: str) -> None:
        """Keep it."""


def options_of(case: dict[str, Any], wrap: Callable[[Task], Task]) -> Options:
    """What answers the tasks of a recorded execution."""
    first = replay(case["tasks_by_state"]) if "tasks_by_state" in case else None

    def wrapped(request: Request) -> Task | None:
        task = None if first is None else first(request)
        return None if task is None else wrap(task)

    return Options(
        tasks={name: wrap(task_of(behaviour)) for name, behaviour in case["tasks"].items()},
        objects=dict(case.get("s3_objects", {})),
        first=None if first is None else wrapped,
    )


def forbidden(task: Task) -> Task:
    """The same task, which must not be called."""

    def fail(*_: object) -> None:
        raise AssertionError

    return replace(task, function=fail)


def test_an_execution_repeats(execution_case: dict[str, Any], tmp_path: Path) -> None:
    found, again = asyncio.run(twice(execution_case, tmp_path / "data.db"))
    assert again == found
    assert found


async def twice(case: dict[str, Any], path: Path) -> tuple[list[Event], list[Event]]:
    """The events of an execution, and those of its repetition without tasks."""
    options = options_of(case, lambda task: task)
    settings = Settings(
        now=lambda: datetime.now(UTC),
        clock=time.monotonic,
        options_for=lambda _program: options,
        account="111111111111",
    )
    service = Service(settings, asyncio.get_running_loop(), KeepingStore(path))
    text, kind = json.dumps(case["input"]), case.get("machine_type", "STANDARD")
    role, definition = "arn:aws:iam::111111111111:role/R", json.dumps(case["definition"])
    machine = service.put("m", role, kind, definition, {})
    record = service.start(Started(machine), "e", text, case["input"], None)
    live = record.live
    assert live is not None
    await asyncio.wait_for(record.ended.wait(), 30)
    events = list(live.run.history.events)
    record.machine = replace(machine, options=replace(options_of(case, forbidden), served=True))
    made = restored(service, record)
    repeated = list(made.events)
    service.close()
    return events, repeated
