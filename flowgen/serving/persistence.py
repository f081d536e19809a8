"""What a service keeps in its store, and how another process continues with it."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from flowgen.asl.json_text import parse
from flowgen.local.execution import Execution
from flowgen.local.frame import Run
from flowgen.local.history import Event
from flowgen.local.machine import compile_machine
from flowgen.local.map_runs import MapRun
from flowgen.running import Options, Program
from flowgen.serving.engine import Record
from flowgen.serving.state_machines import StateMachine
from flowgen.serving.store import Store
from flowgen.serving.versions import Alias, Version, Versions

Value = TypeVar("Value")
Body = dict[str, Any]
OptionsFor = Callable[[Program], Options]


class Kept(dict[str, Value]):
    """Resources of one kind by key, which the store keeps as `body` shows them."""

    def __init__(self, store: Store | None, kind: str, body: Callable[[Value], Any]) -> None:
        super().__init__()
        self._store = store
        self._kind = kind
        self._body = body

    def __setitem__(self, key: str, value: Value) -> None:
        super().__setitem__(key, value)
        if self._store is not None:
            self._store.put(self._kind, key, self._body(value))

    def __delitem__(self, key: str) -> None:
        super().__delitem__(key)
        if self._store is not None:
            self._store.remove(self._kind, key)

    def pop(self, key: str, *default: Any) -> Any:
        """Remove a resource, and return it or the default."""
        if key not in self:
            return super().pop(key, *default)
        value = self[key]
        del self[key]
        return value


def kept_versions(store: Store | None) -> Versions:
    """Versions and aliases that the store keeps."""
    return Versions(
        Kept(store, "version", _version_body),
        Kept(store, "alias", _alias_body),
        Kept(store, "last version", lambda number: number),
    )


def machine_key(machine: StateMachine) -> str:
    """The key of a revision in the store."""
    return f"{machine.arn}#{machine.revision}"


def machine_body(machine: StateMachine) -> Body:
    return {
        "arn": machine.arn,
        "name": machine.name,
        "role": machine.role,
        "type": machine.type,
        "definition": machine.definition,
        "created": machine.created.isoformat(),
        "updated": machine.updated.isoformat(),
        "revision": machine.revision,
        "configuration": dict(machine.configuration),
    }


def read_machine(body: Body, programs: Mapping[str, Program], options_for: OptionsFor) -> StateMachine:
    """A revision. Its functions are those that the project has today."""
    definition, express = parse(body["definition"]), body["type"] == "EXPRESS"
    known = programs.get(body["name"])
    children = {} if known is None else known.machines
    program = Program(body["name"], definition, express) if known is None else known.with_definition(definition)
    return StateMachine(
        **{name: body[name] for name in ("arn", "name", "role", "type", "definition", "revision", "configuration")},
        program=program,
        options=options_for(program),
        machine=compile_machine(definition),
        children={key: compile_machine(child) for key, child in children.items()},
        created=datetime.fromisoformat(body["created"]),
        updated=datetime.fromisoformat(body["updated"]),
    )


def _version_body(version: Version) -> Body:
    machine = version.machine
    return {"number": version.number, "machine": machine_key(machine), "description": version.description,
            "created": version.created.isoformat()}  # fmt: skip


def read_version(arn: str, body: Body, machine: StateMachine) -> Version:
    return Version(arn, body["number"], machine, body["description"], datetime.fromisoformat(body["created"]))


def _alias_body(alias: Alias) -> Body:
    dates = {"created": alias.created.isoformat(), "updated": alias.updated.isoformat()}
    return {"name": alias.name, "description": alias.description, "routing": alias.routing, **dates}


def read_alias(arn: str, body: Body) -> Alias:
    routing = tuple((version, weight) for version, weight in body["routing"])
    created, updated = datetime.fromisoformat(body["created"]), datetime.fromisoformat(body["updated"])
    return Alias(arn, body["name"], body["description"], routing, created, updated)


_PLAIN = ("name", "input", "trace_header", "version", "alias", "case", "seed", "map_run_arn", "label", "items", "child")


def record_body(record: Record) -> Body:
    """What the store keeps of an execution from its start."""
    tokens = {token: date.isoformat() for token, date in record.redrive_tokens.items()}
    return {name: getattr(record, name) for name in _PLAIN} | {
        "machine": machine_key(record.root_machine),
        "served_as": [record.machine.arn, record.machine.name, record.machine.type],
        "start": record.start.isoformat(),
        "epoch": record.epoch.isoformat(),
        "redrive_date": None if record.redrive_date is None else record.redrive_date.isoformat(),
        "redrive_tokens": tokens,
    }


def ending_body(record: Record, finished: Execution) -> Body:
    """How an execution ended, and its Map runs."""
    return {
        "status": finished.status,
        "output": finished.output,
        "error": finished.error,
        "cause": finished.cause,
        "elapsed": finished.elapsed,
        "redrives": record.redrives,
        "map_runs": [_map_run_body(run) for run in record.map_runs],
    }


def read_record(arn: str, body: Body, ending: Body | None, machine: StateMachine, store: Store) -> Record:
    """An execution that ended in an earlier process, or that this process continues."""
    start = datetime.fromisoformat(body["start"])
    record = Record(arn, body["name"], machine, body["input"], start)
    for name in _PLAIN:
        setattr(record, name, body[name])
    record.base = datetime.fromisoformat(body["epoch"])
    date = body["redrive_date"]
    record.redrive_date = None if date is None else datetime.fromisoformat(date)
    record.redrive_tokens = {token: datetime.fromisoformat(date) for token, date in body["redrive_tokens"].items()}
    if ending is not None:
        names = ("status", "output", "error", "cause", "elapsed")
        record.finished = Execution(**{name: ending[name] for name in names}, start=start, events=())
        record.past_redrives = ending["redrives"]
        record.map_runs = [_read_map_run(run) for run in ending["map_runs"]]
        record.past_events = lambda: unpacked(store.events(arn))
    return record


def packed(events: Iterable[Event]) -> bytes:
    """The events of an execution that has ended, in a tenth of the memory."""
    return zlib.compress(json.dumps(list(events), separators=(",", ":")).encode(), 1)


def unpacked(blob: bytes) -> list[Event]:
    """The events that `packed` made small."""
    return [Event(*event) for event in json.loads(zlib.decompress(blob))]


_MAP_RUN = ("arn", "label", "started", "concurrency", "tolerated_count", "tolerated_percentage", "status", "stopped",
            "redrives", "redriven", "written")  # fmt: skip


def _map_run_body(run: MapRun[Run]) -> Body:
    counts = [run.counts(items=True), run.counts(items=False)]
    return {**{name: getattr(run, name) for name in _MAP_RUN}, "counts": counts}


def _read_map_run(body: Body) -> MapRun[Run]:
    items, executions = body["counts"]
    return MapRun(**{name: body[name] for name in _MAP_RUN}, inputs=[], sizes=[], past_counts=(items, executions))


def revisions_in_use(machines: Iterable[str], versions: Iterable[Body], executions: Iterable[Body]) -> set[str]:
    """The keys of the revisions that something refers to."""
    return {*machines, *(body["machine"] for body in versions), *(body["machine"] for body in executions)}
