"""The page at `/`, and the JSON that it reads below `/_flowgen/`. It changes things only through the API's own actions.

A request for JSON can wait for a change (`seen`): the server responds when something differs, or after some seconds. A
bounded number of requests wait at the same time; others get their response at once.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flowgen.asl.json_text import parse
from flowgen.local import Execution
from flowgen.local.history import iso_time
from flowgen.local.values import JSON
from flowgen.local.visits import place_events
from flowgen.running import Program
from flowgen.running.declared_types import Declared
from flowgen.running.masking import mask
from flowgen.running.sample_values import sample
from flowgen.serving.api_errors import ApiError
from flowgen.serving.engine import ChildRecord, Record
from flowgen.serving.execution_actions import record_of
from flowgen.serving.machine_actions import machine_of
from flowgen.serving.redrives import redrive_status
from flowgen.serving.service import Service
from flowgen.serving.state_machines import StateMachine
from flowgen.viewer import PAGE_POLICY, Recorded, machine_document, page_files, run_document

ASSETS = "/_flowgen/assets/"
MOST_SHOWN = 500
"""Executions in one list."""

MOST_EXAMPLES = 5

MOST_WAITING = 50
WAIT_SECONDS = 20.0
LOOK_SECONDS = 0.2
"""How long a request waits for a change, how often the server looks for one, and how many requests wait at most."""

HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

Parameters = Mapping[str, str]
Build = Callable[[], JSON]
"""Builds a response outside the event loop's thread, from data that no longer changes."""

View = Coroutine[Any, Any, Build]
"""Reads the service in the event loop's thread."""


@dataclass(frozen=True, slots=True)
class Response:
    """A response with its media type."""

    status: int
    type: str
    content: bytes


def respond_to_page(service: Service, target: str, run: Callable[[View], Build]) -> Response | None:
    """The response to a GET request, or None if there is nothing at this path.

    `run` runs a coroutine in the thread of the service's event loop.
    """
    path, query = urlsplit(target).path, dict(parse_qsl(urlsplit(target).query))
    if path == "/":
        return _file("page.html")
    if path.startswith(ASSETS):
        return _file(path.removeprefix(ASSETS))
    view = _VIEWS.get(path)
    if view is None:
        return None
    try:
        return _json(200, run(view(service, query))())
    except ApiError as error:
        return _json(error.status, {"__type": error.code, "message": error.message})


async def check_input(service: Service, body: bytes) -> JSON:
    """Whether a value has the type that a form asks for: `{problem}`, which is null if it has.

    The body is `{machine, state, value}`; `state` is that of a task token, or null for the input of the machine.
    """
    try:
        request = parse(body.decode("utf-8"))
        machine, state, value = request["machine"], request["state"], request["value"]
    except (ValueError, TypeError, KeyError) as error:
        return {"problem": f"the request is not valid: {error}"}
    found = service.machines.get(machine) if isinstance(machine, str) else None
    if found is None:
        return {"problem": "the state machine no longer exists"}
    program = found.program
    declared = program.input_type if state is None else program.callbacks.get(str(state))
    unfit = None if declared is None else declared.unfit(value)
    return {"problem": None if unfit is None else str(unfit)}


def _file(name: str) -> Response | None:
    found = page_files().get(name)
    return None if found is None else Response(200, found[0], found[1].encode())


def _json(status: int, value: JSON) -> Response:
    text = json.dumps(value, separators=(",", ":"), check_circular=False)
    return Response(status, "application/json", text.encode())


async def _changed(service: Service, revision: Callable[[], str], query: Parameters) -> str:
    """Wait until the revision is not the one that the client has seen, but not forever. Returns the revision."""
    found, seen, ticket = revision(), query.get("seen"), object()
    if found != seen or len(service.watchers) >= MOST_WAITING:
        return found
    service.watchers.add(ticket)
    try:
        for _ in range(int(WAIT_SECONDS / LOOK_SECONDS)):
            await asyncio.sleep(LOOK_SECONDS)
            found = revision()
            if found != seen:
                break
    finally:
        service.watchers.discard(ticket)
    return found


async def _overview(service: Service, query: Parameters) -> Build:
    """The state machines, and the latest executions that match `machine`, `status` and `text`."""

    def revision() -> str:
        finished = sum(record.finished is not None for record in service.executions.values())
        machines = hash(tuple((arn, machine.revision) for arn, machine in service.machines.items()))
        return f"{len(service.executions)}.{finished}.{machines}.{next(reversed(service.executions), '')}"

    found = await _changed(service, revision, query)
    counts: dict[str, dict[str, int]] = {}
    shown, total = [], 0
    for record in reversed(service.executions.values()):
        by_status = counts.setdefault(record.machine.arn, {})
        by_status[record.status] = by_status.get(record.status, 0) + 1
        if _matches(record, query):
            total += 1
            if total <= MOST_SHOWN:
                shown.append(_listed(record))
    machines = [
        {"arn": arn, "name": machine.name, "type": machine.type, "counts": counts.get(arn, {})}
        for arn, machine in service.machines.items()
    ]
    return lambda: {"revision": found, "machines": machines, "executions": shown, "total": total}


def _matches(record: Record, query: Parameters) -> bool:
    return (
        query.get("machine") in {None, "", record.machine.arn}
        and query.get("status") in {None, "", record.status}
        and query.get("text", "").lower() in record.name.lower()
    )


def _listed(record: Record) -> dict[str, JSON]:
    return {
        "arn": record.arn,
        "name": record.name,
        "machine": record.machine.name,
        "status": record.status,
        "started": iso_time(record.start, 0),
        "took": None if record.finished is None else record.finished.elapsed,
    }


async def _machine(service: Service, query: Parameters) -> Build:
    """A state machine: its document, the type of its input, and inputs to start with."""
    machine = machine_of(service, query.get("arn", ""))
    program = machine.program
    latest = [record.input for record in reversed(service.executions.values()) if record.machine.arn == machine.arn]

    def build() -> JSON:
        # An input may contain secrets, and the page must not show them.
        values = [mask(parse(text), program.secrets) for text in list(dict.fromkeys(latest))[:MOST_EXAMPLES]]
        examples = [{"name": f"earlier input {number}", "value": value} for number, value in enumerate(values, 1)]
        return {
            "arn": machine.arn,
            "type": machine.type,
            "document": machine_document(program),
            "input": _form(program.input_type),
            "examples": examples,
        }

    return build


def _form(declared: Declared | None) -> dict[str, JSON] | None:
    """A type for a form: its JSON Schema, its name, and an example."""
    if declared is None:
        return None
    schema = {**declared.schema, "$defs": dict(declared.definitions)}
    return {"name": declared.name, "schema": schema, "example": sample(declared.schema, declared.definitions)}


async def _execution(service: Service, query: Parameters) -> Build:
    """An execution: its document, what can be done with it, and the task tokens that wait for an answer."""
    arn = query.get("arn", "")

    children_of = _Children(service)

    def revision() -> str:
        record = record_of(service, arn)
        lengths = ".".join(str(len(child.events)) for child in children_of(record))
        return f"{len(record.events)}.{record.status}.{len(_tokens(service, record))}.{hash(lengths)}"

    found = await _changed(service, revision, query)
    record = record_of(service, arn)
    machine = record.machine
    children = children_of(record)
    inside = {child.arn: tuple(child.events) for child in children}
    program = _with_machines(service, machine)
    recorded = Recorded(program, _execution_of(record), inside, record.name)
    tokens = _tokens(service, record)
    running = record.finished is None
    can = {"stop": running and not isinstance(record, ChildRecord), "redrive": redrive_status(service, record)}

    def build() -> JSON:
        return {
            "revision": found,
            "arn": record.arn,
            "machine": machine.arn,
            "running": running,
            "document": run_document(machine.name, [recorded]),
            "can": can,
            "waiting": _waiting_tasks(recorded.execution, tokens, program),
        }

    return build


class _Children:
    """The executions that a record started. It looks for them again only if the service has other executions."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._seen: tuple[int, str] | None = None
        self._found: list[ChildRecord] = []

    def __call__(self, record: Record) -> list[ChildRecord]:
        executions = self._service.executions
        now = (len(executions), next(reversed(executions), ""))
        if now != self._seen:
            children = (one for one in executions.values() if isinstance(one, ChildRecord))
            self._seen, self._found = now, [one for one in children if one.parent is record]
        return self._found


def _tokens(service: Service, record: Record) -> list[str]:
    live = record.live
    if live is None or record.finished is not None:
        return []
    return [token for token in sorted(record.tokens) if token not in service.used and live.waits_for(token)]


def _with_machines(service: Service, machine: StateMachine) -> Program:
    """The program of a machine, which also knows the other machines of the service that it can start."""
    program = machine.program
    others = {arn: other.program.definition for arn, other in service.machines.items()}
    names = {arn: other.name for arn, other in service.machines.items()}
    return replace(program, machines={**others, **program.machines}, machine_names={**names, **program.machine_names})


def _execution_of(record: Record) -> Execution:
    events = tuple(record.events)
    finished = record.finished
    if finished is not None:
        return replace(finished, start=record.epoch, events=events)
    began = events[0].time if events else 0.0
    elapsed = events[-1].time - began if events else 0.0
    return Execution("RUNNING", None, None, None, elapsed, record.epoch, events)


def _waiting_tasks(execution: Execution, tokens: list[str], program: Program) -> list[dict[str, JSON]]:
    """The tasks that wait for an answer under a token, each with its state and the type of the answer."""
    found = []
    for placed in reversed(place_events(execution.events)):
        sent = placed.event.details.get("parameters")
        if placed.visit is None or sent is None:
            continue
        text = json.dumps(sent)
        for token in [token for token in tokens if token in text]:
            tokens.remove(token)
            state = placed.visit.name
            found.append({"token": token, "state": state, "type": _form(program.callbacks.get(state))})
    return found[::-1]


_VIEWS: Mapping[str, Callable[[Service, Parameters], View]] = {
    "/_flowgen/overview": _overview,
    "/_flowgen/machine": _machine,
    "/_flowgen/execution": _execution,
}
