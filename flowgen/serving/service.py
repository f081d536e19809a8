"""The state of the service: its state machines, executions, activities and open task tokens."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from flowgen.local.activities import Taken
from flowgen.local.call_limits import Workers
from flowgen.local.child_executions import MOST_KEPT, longest
from flowgen.local.execution import EXPRESS_EVENTS
from flowgen.local.frame import Identity, Run
from flowgen.local.history import EVENT_LIMIT, History
from flowgen.local.live import LiveExecution
from flowgen.local.machine import compile_machine
from flowgen.local.map_runs import MapRun
from flowgen.local.runtime_types import TaskTable
from flowgen.local.scheduler import Scheduler
from flowgen.local.values import JSON, encode
from flowgen.running import Program
from flowgen.running.runs import Answers
from flowgen.serving.engine import ChildRecord, Engine, Record
from flowgen.serving.handler_calls import HandlerCalls
from flowgen.serving.journal import Journal, JournaledCalls
from flowgen.serving.persistence import (
    Kept,
    ending_body,
    kept_versions,
    machine_body,
    machine_key,
    packed,
    record_body,
    unpacked,
)
from flowgen.serving.settings import Settings
from flowgen.serving.startable import Startable
from flowgen.serving.state_machines import INITIAL, StateMachine, compiled, map_machine
from flowgen.serving.store import Store
from flowgen.serving.versions import Started


@dataclass(eq=False)
class Activity:
    """An activity: its tasks that no worker has taken, and the workers that wait for one."""

    arn: str
    name: str
    created: datetime
    tasks: deque[tuple[Record, str, JSON]] = field(default_factory=deque)
    workers: deque[tuple[asyncio.Future[tuple[str, str]], str | None]] = field(default_factory=deque)

    def body(self) -> list[str]:
        """What the store keeps."""
        return [self.name, self.created.isoformat()]


_NO_TOKENS: set[str] = set()


class _Tokens(set[str]):
    """The task tokens of one execution, which the service finds by their tokens."""

    def __init__(self, owners: dict[str, Record], record: Record) -> None:
        super().__init__()
        self._owners = owners
        self._record = record

    def add(self, token: str) -> None:
        super().add(token)
        self._owners[token] = self._record


class Service:
    """Everything that the API reads and changes. Use it in the thread of its event loop only."""

    def __init__(self, settings: Settings, loop: asyncio.AbstractEventLoop, store: Store | None = None) -> None:
        self.settings = settings
        self.loop = loop
        self.store = store
        self.machines: dict[str, StateMachine] = Kept(store, "machine", self._keep_revision)
        self.executions: dict[str, Record] = {}
        self.versions = kept_versions(store)
        self.activities: dict[str, Activity] = Kept(store, "activity", Activity.body)
        self.tags: dict[str, dict[str, str]] = Kept(store, "tags", dict)
        self.owners: dict[str, Record] = {}
        self.used: set[str] = set()
        self.watchers: set[object] = set()
        self.engine = Engine(loop, settings.clock, self.ended, real_time=settings.real_time, scale=settings.time_scale)
        self.finished: deque[Record] = deque()
        self.revisions: dict[str, StateMachine] = {}
        self._workers = Workers(settings.workers)
        # Ids must not repeat those of an earlier process.
        seed = settings.seed if store is None else f"{settings.seed} {store.starts}"
        self.random = random.Random(seed)  # noqa: S311 - reproducible on purpose

    def close(self) -> None:
        """Stop the executions that run, unless another process continues them, and the threads of handlers."""
        store, self.store = self.store, None
        for record in list(self.executions.values()):
            if store is None:
                self.engine.stop(record, None, None)
            elif record.live is not None:
                record.live.abandon()
        if store is not None:
            store.close()
        self._workers.__exit__()

    def commit(self) -> None:
        """Keep what has happened, before a client sees it."""
        if self.store is not None:
            self.store.commit()

    def _keep_revision(self, machine: StateMachine) -> str:
        """Keep a revision of a machine. Returns its key."""
        if self.store is not None:
            self.store.put("revision", machine_key(machine), machine_body(machine))
        return machine_key(machine)

    def arn(self, kind: str, name: str) -> str:
        return f"arn:aws:states:{self.settings.region}:{self.settings.account}:{kind}:{name}"

    def unique(self) -> str:
        """A new id in the form of a UUID."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def add_program(self, program: Program) -> StateMachine:
        """Add a program as a state machine with a stable ARN. Raises `ApiError` if AWS would reject it."""
        kind = "EXPRESS" if program.express else "STANDARD"
        definition = encode(program.definition)
        role = f"arn:aws:iam::{self.settings.account}:role/{program.name}"
        return self.put(program.name, role, kind, definition, {}, program)

    def reload(self, settings: Settings, programs: Iterable[Program]) -> None:
        """Use the code of today from now on. Executions that run keep their definitions and handlers.

        Raises `ApiError` for a program that AWS would reject.
        """
        self.settings = replace(self.settings, options_for=settings.options_for, mock_config=settings.mock_config)
        own = {program.name: program for program in programs}
        for machine in list(self.machines.values()):
            if machine.name not in own:
                options = replace(self.settings.options_for(machine.program), served=True)
                self.machines[machine.arn] = replace(machine, options=options)
        for program in own.values():
            self.add_program(program)

    def revision(self, key: str) -> StateMachine | None:
        """A revision that an earlier process used."""
        return self.revisions.get(key)

    def put(
        self,
        name: str,
        role: str,
        kind: str,
        definition: str,
        configuration: Mapping[str, Any],
        program: Program | None = None,
    ) -> StateMachine:
        """Add or replace a state machine. Raises `ApiError` for a definition that AWS would reject."""
        arn, now = self.arn("stateMachine", name), self.settings.now()
        before = self.machines.get(arn)
        value, machine = compiled(definition, kind)
        if program is None and before is not None:
            program = before.program.with_definition(value)
        elif program is None:
            program = Program(name, value, kind == "EXPRESS")
        same = before is not None and (role, definition, configuration) == (
            before.role,
            before.definition,
            before.configuration,
        )
        options = replace(self.settings.options_for(program), served=True)
        created = now if before is None else before.created
        children = {key: compile_machine(child) for key, child in program.machines.items()}
        made = StateMachine(
            arn,
            name,
            role,
            kind,
            definition,
            program,
            options,
            machine,
            children,
            created,
            now,
            INITIAL if before is None else before.revision if same else self.unique(),
            configuration,
        )
        self.machines[arn] = made
        return made

    def start(
        self, started: Started, name: str, text: str, value: JSON, case: str | None, *, sync: bool = False
    ) -> Record:
        """Start an execution of a machine. `text` is its input as the client wrote it, `case` a mocked test case."""
        settings, machine = self.settings, started.machine
        identity = self.identity(machine, name, sync=sync)
        record = Record(identity.execution_arn, name, machine, text, settings.now())
        record.version, record.alias, record.case, record.seed = started.version, started.alias, case, settings.seed
        self.executions[record.arn] = record
        if self.store is not None and not sync:
            self.store.put_execution(record.arn, record_body(record))
            record.journal = Journal(partial(self.store.note, record.arn))
        record.live = self.live(record, identity, value)
        self.engine.wake(record)
        return record

    def identity(self, machine: StateMachine, name: str, *, sync: bool) -> Identity:
        """The names of an execution of a machine."""
        settings = self.settings
        return Identity(
            settings.account,
            settings.region,
            machine.name,
            name,
            machine.type,
            synchronous=sync,
            role=machine.role,
        )

    def live(self, record: Record, identity: Identity, value: JSON) -> LiveExecution:
        """An execution at its start."""
        settings, machine, case, journal = self.settings, record.machine, record.case, record.journal
        calls = HandlerCalls(self._workers, self.loop, lambda: self.engine.wake(record))
        options, program = machine.options, machine.program
        table = {**program.tasks, **options.tasks}
        if options.limit is not None:
            table = {key: replace(task, limit=options.limit) for key, task in table.items()}
        tasks = TaskTable(table)
        answers = Answers(program, options, tasks)
        cases = None if case is None else settings.mock_config.mocks(machine.name, case)

        def mock(request: Any) -> Any:
            mocked = None if cases is None else cases(request)
            return answers.mock(request) if mocked is None else mocked

        run = Run(
            identity=identity,
            input=value,
            start=record.start,
            scheduler=Scheduler(longest(machine.machine, machine.type)),
            history=History(EXPRESS_EVENTS if machine.express else EVENT_LIMIT),
            tasks=tasks,
            objects={} if options.objects is None else options.objects,
            random=random.Random(f"{record.seed}{record.arn}"),  # noqa: S311 - reproducible on purpose
            mock=mock,
            answer=answers.answer_to,
            machines=Startable(machine.children, self.machines, self.versions, self.random, journal, self.revision),
            caller=calls if journal is None else JournaledCalls(journal, calls),
            around=options.around,
            client=_Client(self, record),
            tokens=_Tokens(self.owners, record),
        )
        record.tokens, record.map_runs = run.tokens, run.map_runs
        return LiveExecution(machine.machine, run)

    def restart(self, record: ChildRecord) -> None:
        """Record that a child execution is redriven with its Map run."""
        if record in self.finished:
            self.finished.remove(record)
        record.redrive_date = record.parent.redrive_date
        record.restart()
        self.continues(record)

    def keep(self, arn: str) -> None:
        """Keep what has changed in an execution."""
        if self.store is not None and arn in self.executions:
            self.store.put_execution(arn, record_body(self.executions[arn]))

    def continues(self, record: Record) -> None:
        """Keep that an execution continues that had ended."""
        if self.store is not None:
            self.keep(record.arn)
            self.store.end_execution(record.arn, None, b"", keep_journal=True)

    def update_map_run(self, record: Record, run: MapRun[Run], limits: list[Any]) -> None:
        """Change the limits of a Map run that runs, as far as they are given."""
        self.engine.update(record.parent if isinstance(record, ChildRecord) else record, run, limits)

    def withdraw(self, before: Record) -> None:
        """Another record takes the place of a finished execution's."""
        if before in self.finished:
            self.finished.remove(before)

    def ended(self, record: Record) -> None:
        """Forget the oldest finished executions beyond the limit, and express ones, which no action can describe."""
        if record.machine.express and not isinstance(record, ChildRecord):
            self.forget(record)
            return
        self.finished.append(record)
        self._keep_ending(record)
        while len(self.finished) > self.settings.keep:
            self.forget(self.finished.popleft())

    def _keep_ending(self, record: Record) -> None:
        """Keep how an execution ended. The events of one that can't continue take less memory from now on."""
        finished = record.finished
        if finished is None or record.past_events is not None:
            return
        redrivable = record.failed is not None
        if self.store is not None:
            if record.child:
                self.store.put_execution(record.arn, record_body(record))
            events = packed(record.events)
            self.store.end_execution(record.arn, ending_body(record, finished), events, keep_journal=redrivable)
        if record.child or redrivable:
            return
        arn, store = record.arn, self.store
        if store is None:
            events = packed(finished.events)
            record.past_events = lambda: unpacked(events)
        else:
            record.past_events = lambda: unpacked(store.events(arn))
        record.finished, record.journal = replace(finished, events=()), None
        if not record.tokens:
            record.tokens = _NO_TOKENS

    def forget(self, record: Record) -> None:
        """Remove an execution and its task tokens."""
        if self.executions.get(record.arn) is record:
            del self.executions[record.arn]
            if self.store is not None:
                self.store.remove_execution(record.arn)
        for token in record.tokens:
            self.owners.pop(token, None)
            self.used.discard(token)


class _Client:
    """Offers the tasks of one execution to the workers of activities, and records the executions that it starts."""

    def __init__(self, service: Service, record: Record) -> None:
        self._service = service
        self._record = record
        self._map_machines: dict[str, StateMachine] = {}

    def offer(self, activity: str, token: str, input: JSON) -> None:  # noqa: A002 - the API's name
        found = self._service.activities.get(activity)
        if found is None:
            return  # the task waits for its timeout, as after the deletion of an activity
        while found.workers:
            waiting, worker = found.workers.popleft()
            if not waiting.done():
                waiting.set_result((token, encode(input)))
                if self._record.live is not None:
                    self._service.engine.send(self._record, token, Taken(worker))
                return
        found.tasks.append((self._record, token, input))

    def withdraw(self, activity: str, token: str) -> None:
        found = self._service.activities.get(activity)
        if found is not None:
            found.tasks = deque(task for task in found.tasks if task[1] != token)

    def started(self, run: Run) -> None:
        service, arn = self._service, run.identity.execution_arn
        before = service.executions.get(arn)
        if isinstance(before, ChildRecord) and before.run is run:
            service.restart(before)
            return
        selected = self._selected(run)
        if selected is None:
            return
        start = self._record.start + timedelta(seconds=run.started_at)
        name, text = run.identity.execution, encode(run.input)
        record = ChildRecord(arn, name, selected.machine, text, start, parent=self._record, run=run)
        record.version, record.alias = selected.version, selected.alias
        if before is not None:
            service.withdraw(before)
        service.executions[arn] = record

    def _selected(self, run: Run) -> Started | None:
        """The machine of a child execution, or None if the service does not show the child."""
        if run.map_run is None:
            return run.machines.selected if isinstance(run.machines, Startable) else None
        if len(run.map_run.children) > MOST_KEPT:
            return None
        found = self._map_machines.get(run.identity.machine_arn)
        if found is None:
            names = run.identity.machine_arn, run.identity.machine, run.identity.machine_type
            found = self._map_machines[names[0]] = map_machine(self._record.machine, *names)
        return Started(found)

    def ended(self, run: Run) -> None:
        record = self._service.executions.get(run.identity.execution_arn)
        if isinstance(record, ChildRecord) and record.run is run:
            record.end()
            self._service.ended(record)
