"""The state of the service: its state machines, executions, activities and open task tokens."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
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
from flowgen.running import Options, Program
from flowgen.running.runs import Answers
from flowgen.serving.engine import ChildRecord, Engine, Record
from flowgen.serving.handler_calls import HandlerCalls
from flowgen.serving.mock_config import MockConfig
from flowgen.serving.startable import Startable
from flowgen.serving.state_machines import INITIAL, StateMachine, compiled, map_machine
from flowgen.serving.versions import Started, Versions


@dataclass(frozen=True, slots=True)
class Settings:
    """`now` returns the time, `clock` real seconds. `options_for` returns the options of a program's tasks.

    `keep` is how many finished executions the service remembers, `workers` how many handlers run at the same time.
    """

    now: Callable[[], datetime]
    clock: Callable[[], float]
    options_for: Callable[[Program], Options] = lambda _program: Options()
    mock_config: MockConfig = field(default_factory=MockConfig)
    account: str = "123456789012"
    region: str = "us-east-1"
    real_time: bool = False
    keep: int = 10_000
    workers: int = 16
    seed: int = 0


@dataclass(eq=False)
class Activity:
    """An activity: its tasks that no worker has taken, and the workers that wait for one."""

    arn: str
    name: str
    created: datetime
    tasks: deque[tuple[Record, str, JSON]] = field(default_factory=deque)
    workers: deque[tuple[asyncio.Future[tuple[str, str]], str | None]] = field(default_factory=deque)


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

    def __init__(self, settings: Settings, loop: asyncio.AbstractEventLoop) -> None:
        self.settings = settings
        self.loop = loop
        self.machines: dict[str, StateMachine] = {}
        self.executions: dict[str, Record] = {}
        self.versions = Versions()
        self.activities: dict[str, Activity] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.owners: dict[str, Record] = {}
        self.used: set[str] = set()
        self.engine = Engine(loop, settings.clock, self.ended, real_time=settings.real_time)
        self._finished: deque[Record] = deque()
        self._workers = Workers(settings.workers)
        self.random = random.Random(settings.seed)  # noqa: S311 - reproducible on purpose

    def close(self) -> None:
        """End the threads of handlers once they are idle."""
        self._workers.__exit__()

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
        if program is None:
            program = Program(name, value, kind == "EXPRESS")
        if before is not None and before.definition != definition:
            program = replace(before.program, definition=value)
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
        identity = Identity(
            settings.account,
            settings.region,
            machine.name,
            name,
            machine.type,
            synchronous=sync,
            role=machine.role,
        )
        record = Record(identity.execution_arn, name, machine, text, settings.now())
        record.version, record.alias = started.version, started.alias
        self.executions[record.arn] = record
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
            random=random.Random(f"{settings.seed}{record.arn}"),  # noqa: S311 - reproducible on purpose
            mock=mock,
            answer=answers.answer_to,
            machines=Startable(machine.children, self.machines, self.versions, self.random),
            caller=HandlerCalls(self._workers, self.loop, lambda: self.engine.wake(record)),
            around=options.around,
            client=_Client(self, record),
            tokens=_Tokens(self.owners, record),
        )
        record.tokens, record.map_runs = run.tokens, run.map_runs
        record.live = LiveExecution(machine.machine, run)
        self.engine.wake(record)
        return record

    def redrive(self, record: Record) -> datetime:
        """Continue an execution that did not succeed. Returns the date of the redrive."""
        date = max(self.settings.now(), record.stop or record.start)
        if record.failed is not None:
            self._finished.remove(record)
            record.redrive_date = date
            self.engine.redrive(record, record.failed, (date - record.start).total_seconds())
        return date

    def restart(self, record: ChildRecord) -> None:
        """Record that a child execution is redriven with its Map run."""
        if record.finished is not None:
            self._finished.remove(record)
        record.redrive_date = record.parent.redrive_date
        record.restart()

    def update_map_run(
        self, record: Record, run: MapRun[Run], concurrency: int | None, count: float | None, percentage: float | None
    ) -> None:
        """Change the limits of a Map run that runs, as far as they are given."""
        run.concurrency = run.concurrency if concurrency is None else concurrency
        run.tolerated_count = run.tolerated_count if count is None else count
        run.tolerated_percentage = run.tolerated_percentage if percentage is None else percentage
        root = record.parent if isinstance(record, ChildRecord) else record
        if run.process is not None:
            self.engine.prompt(root, run.process)

    def ended(self, record: Record) -> None:
        """Forget the oldest finished executions beyond the limit, and express ones, which no action can describe."""
        if record.machine.express and not isinstance(record, ChildRecord):
            self.forget(record)
            return
        self._finished.append(record)
        while len(self._finished) > self.settings.keep:
            self.forget(self._finished.popleft())

    def forget(self, record: Record) -> None:
        """Remove an execution and its task tokens."""
        if self.executions.get(record.arn) is record:
            del self.executions[record.arn]
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
                    self._record.live.scheduler.send(token, Taken(worker))
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
        record.version, record.alias, record.map_runs = selected.version, selected.alias, run.map_runs
        service.executions[arn] = record

    def _selected(self, run: Run) -> Started | None:
        """The machine of a child execution, or None if the service does not show the child."""
        if run.map_run is None:
            return run.machines.selected if isinstance(run.machines, Startable) else None
        if len(run.map_run.children) >= MOST_KEPT:
            return None
        found = self._map_machines.get(run.identity.machine_arn)
        if found is None:
            found = self._map_machines[run.identity.machine_arn] = map_machine(self._record.machine, run)
        return Started(found)

    def ended(self, run: Run) -> None:
        record = self._service.executions.get(run.identity.execution_arn)
        if isinstance(record, ChildRecord) and record.run is run:
            record.end()
            self._service.ended(record)
