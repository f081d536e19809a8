"""A service that continues with what the store of an earlier process has."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from flowgen.asl.json_text import parse_data
from flowgen.local.live import LiveExecution
from flowgen.local.runtime_types import Answer
from flowgen.running import Program
from flowgen.serving.engine import Record
from flowgen.serving.journal import Journal, decoded, replay
from flowgen.serving.persistence import read_alias, read_machine, read_record, read_version, revisions_in_use
from flowgen.serving.service import Activity, Service
from flowgen.serving.state_machines import map_machine
from flowgen.serving.store import Store

NOT_REPEATABLE = (
    "This execution of an earlier process can't continue: its workflow, or flowgen, is not the same any more."
)


def load(service: Service, programs: Iterable[Program]) -> None:
    """Continue with what the store has, then add programs. Raises `ApiError` for one that AWS would reject."""
    own = list(programs)
    running = [] if service.store is None else _load(service, service.store, {program.name: program for program in own})
    for program in own:
        service.add_program(program)
    for record in running:
        service.engine.wake(restored(service, record))
    service.commit()


def _load(service: Service, store: Store, programs: Mapping[str, Program]) -> list[Record]:
    """Read everything. Returns the executions that ran."""
    bodies, executions = dict(store.resources("revision")), list(store.executions())
    current, versions = dict(store.resources("machine")), list(store.resources("version"))
    used = revisions_in_use(current.values(), (body for _, body in versions), (body for _, body, _ in executions))
    for key in bodies.keys() - used:
        store.remove("revision", key)

    def options(program: Program) -> Any:
        return replace(service.settings.options_for(program), served=True)

    service.revisions |= {key: read_machine(bodies[key], programs, options) for key in used & bodies.keys()}
    for arn, key in current.items():
        service.machines[arn] = service.revisions[key]
    for arn, body in sorted(versions, key=lambda version: version[1]["number"]):
        service.versions.versions[arn] = read_version(arn, body, service.revisions[body["machine"]])
    for arn, body in store.resources("alias"):
        service.versions.aliases[arn] = read_alias(arn, body)
    for arn, number in store.resources("last version"):
        service.versions.last[arn] = number
    for arn, (name, created) in store.resources("activity"):
        service.activities[arn] = Activity(arn, name, datetime.fromisoformat(created))
    for arn, tags in store.resources("tags"):
        service.tags[arn] = tags
    running = []
    for arn, body, ending in executions:
        machine, served_as = service.revisions[body["machine"]], body["served_as"]
        if served_as[0] != machine.arn:
            machine = map_machine(machine, *served_as)
        record = service.executions[arn] = read_record(arn, body, ending, machine, store)
        if ending is not None:
            service.finished.append(record)
        elif record.child:
            service.forget(record)  # the execution that started it runs again
        else:
            running.append(record)
    return running


def restored(service: Service, record: Record) -> Record:
    """An execution of an earlier process, run again up to where its journal ends."""
    store = service.store
    if store is None:
        return record
    machine, arn = record.machine, record.arn
    made = Record(arn, record.name, machine, record.input, record.start)
    for name in ("version", "alias", "case", "seed", "trace_header", "redrive_date", "redrive_tokens"):
        setattr(made, name, getattr(record, name))
    made.journal = Journal(partial(store.note, arn), store.journal(arn))
    service.executions[arn] = made
    service.withdraw(record)
    live = made.live = service.live(made, service.identity(machine, record.name, sync=False), parse_data(record.input))
    ended = record.finished is not None
    if not replay(live, made.journal, partial(_deliver, service, live), ended=ended):
        live.fail(NOT_REPEATABLE)
    service.engine.settle(made, live)
    return made


def _deliver(service: Service, live: LiveExecution, kind: str, data: list[Any]) -> None:
    """Perform an entry of a journal again."""
    match kind, data:
        case "send", [token, entry]:
            message = decoded(entry)
            live.scheduler.send(token, message)
            if isinstance(message, Answer):
                service.used.add(token)
            for activity in service.activities.values():
                activity.tasks = deque(task for task in activity.tasks if task[1] != token)
        case "stop", [error, cause]:
            live.stop(error, cause)
        case "redrive", [now]:
            live.redrive(now)
        case "limits", [arn, limits]:
            for run in live.map_runs():
                if run.arn == arn:
                    run.update(*limits)
                    if run.process is not None:
                        live.scheduler.prompt(run.process)
