"""Runs a program: finds the callable for each call, in order of preference, and collects the outcome."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, MutableMapping
from contextlib import AbstractContextManager, ExitStack, redirect_stdout
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from flowgen.diagnostics import Diagnostic
from flowgen.local import Execution, Task, execute
from flowgen.local.call_limits import Workers, caller_for
from flowgen.local.child_executions import named_machine, starts_workflow
from flowgen.local.failures import ExecutionStopped
from flowgen.local.faults import Fault, Faults
from flowgen.local.frame import START, Identity
from flowgen.local.integrations import WAITS_FOR_TOKEN, parse_service
from flowgen.local.mocks import NEVER, AnsweringCall, Mocks, Rule, Rules
from flowgen.local.mocks import Outcome as Mocked
from flowgen.local.runtime_types import Request, TaskTable
from flowgen.local.task_tokens import TaskTokens, answering_with
from flowgen.local.tasks import LambdaContext
from flowgen.local.values import JSON
from flowgen.running import unanswered_calls
from flowgen.running.lambda_causes import function_cause
from flowgen.running.program import Program, step_of

if TYPE_CHECKING:
    from flowgen.local.history import Event
    from flowgen.running.terminal import Terminal

Service = Callable[[Request], Task | None]
"""Returns a task that really answers a request, such as a call of AWS, or None."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a run. Times are in seconds; `limit` is in real seconds and overrides the functions' own timeouts.

    `first` is tried before anything else; if it is set, nothing is really called. `services` handle calls without a
    mock or callable. `objects` is the content of S3. `terminal` asks the user. `stopwatch` returns real seconds; if it
    is set, the duration of calls is counted. `around` returns a context manager for each call, given the state's name.
    `pace` is informed of waits.
    """

    first: Service | None = None
    rules: Rules = field(default_factory=dict)
    services: tuple[Service, ...] = ()
    tasks: Mapping[str, Task] = field(default_factory=dict)
    objects: MutableMapping[str, str] | None = None
    terminal: Terminal | None = None
    failures: Mapping[str, tuple[Fault, ...]] = field(default_factory=dict)
    delays: Mapping[str, float] = field(default_factory=dict)
    workers: int = 1
    limit: float | None = None
    stopwatch: Callable[[], float] | None = None
    around: Callable[[str], AbstractContextManager[None]] | None = None
    pace: Callable[[float], None] | None = None
    seed: int = 0
    start: datetime = START
    identity: Identity | None = None
    served: bool = False
    """Whether a client of the API answers tokens and activities. Calls that nothing answers then fail as on AWS."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """An execution, the events of its children, and the finding that stopped it if a call had no handler or mock."""

    execution: Execution
    inside: Mapping[str, list[Event]]
    stopped: Diagnostic | None = None


def run(program: Program, value: JSON, options: Options, events: list[Event] | None = None) -> Outcome:
    """Run a program on an input. `events` receives the events as they happen."""
    table = {**program.tasks, **options.tasks}
    if options.limit is not None:
        table = {key: replace(task, limit=options.limit) for key, task in table.items()}
    answers = Answers(program, options, TaskTable(table))
    inside: dict[str, list[Event]] = {}
    kind = "EXPRESS" if program.express else "STANDARD"
    with ExitStack() as stack:
        caller = caller_for(options.workers)
        if isinstance(caller, Workers):
            stack.enter_context(caller)
        execution = execute(
            program.definition,
            value,
            tasks=table,
            s3_objects=options.objects,
            machine_type=kind,
            mock=answers.mock,
            answer_to=answers.answer_to,
            machines=program.machines,
            identity=options.identity or Identity(machine=program.name, machine_type=kind),
            start=options.start,
            seed=options.seed,
            pace=options.pace,
            faults=Faults(options.failures, options.delays) if options.failures or options.delays else None,
            caller=caller,
            stopwatch=options.stopwatch,
            around=options.around,
            events=events,
            inside=inside,
        )
    return Outcome(execution, inside, answers.stopped)


class Answers:
    """What answers the calls of one run: mocks, then callables, then services, then a person."""

    def __init__(self, program: Program, options: Options, table: TaskTable) -> None:
        self.stopped: Diagnostic | None = None
        self._program = program
        self._options = options
        self._table = table
        self._mocks = Mocks(_by_function(options.rules, program), self._subject)
        self._sends_tokens = any(
            str(state.get("Resource", "")).startswith("arn:aws:states:::aws-sdk:sfn:sendTask")
            for _, state in program.states()
        )

    def mock(self, request: Request) -> Task | None:
        """What answers an attempt, or None if the runner finds the callable itself."""
        first = self._options.first
        if first is not None:
            played = first(request)
            if played is not None:
                return played
        rule = self._mocks(request)
        if rule is not None and not rule.calls and rule.outcome is not None:
            return self._mocked(request, rule.outcome)
        if first is not None:
            raise self._nothing(request)
        if self._is_known(request):
            return None
        if rule is not None and _waits(request):
            if rule.answered_by is not None:
                return self._answered(request, rule.answered_by)
            if rule.outcome is not None:
                return self._mocked(request, rule.outcome)
        for service in self._options.services:
            task = service(request)
            if task is not None:
                return task
        if self._options.served:
            return None
        if self._options.terminal is not None and (_waits(request) or ":activity:" in request.resource):
            return self._options.terminal.task(request)
        raise self._nothing(request)

    def answer_to(self, request: Request) -> Task | None:
        """What answers the task token of a real call."""
        rule = self._mocks.rule(request)
        if rule is not None and rule.answered_by is not None:
            return self._answered(request, rule.answered_by)
        if rule is not None and rule.outcome is not None:
            return self._mocked(request, rule.outcome)
        if self._sends_tokens or self._options.served:
            return None
        if self._options.terminal is not None:
            return self._options.terminal.task(request)
        raise self._nothing(request, answering=True)

    def _answered(self, request: Request, answering: AnsweringCall) -> Task:
        """What a function of the project answers. Without an answer, the step keeps waiting."""
        key = self._program.answering.get(request.state, {}).get(answering.function, "")
        task, token = self._program.tasks.get(key), request.token or ""
        if task is None:
            problem = self._program.unloadable.get(key)
            raise self._no_answer(request, "can't be loaded" if problem is None else problem.message)
        client = TaskTokens(known=(token,))
        context = LambdaContext(answering.function, f"arn:aws:lambda:{answering.function}", "local")
        try:
            with redirect_stdout(sys.stderr), answering_with(client):
                task.function(answering.event_for(token), context)
        except Exception as error:  # noqa: BLE001 - the user's code may raise anything
            reason = f"{type(error).__name__}: {error}".removesuffix(": ")
            raise self._no_answer(request, f"`{answering.function}` failed: {reason}") from None
        return client.answers[-1].task(answering.seconds) if client.answers else NEVER.task

    def _no_answer(self, request: Request, why: str) -> ExecutionStopped:
        message = f"nothing answered `{step_of(request.state)}`: {why}"
        self.stopped = Diagnostic("FG701", message, self._program.place(request.state))
        return ExecutionStopped("ABORTED", unanswered_calls.ERROR, message)

    def _mocked(self, request: Request, outcome: Mocked) -> Task:
        function = function_of(request)
        if outcome.error is not None and function is not None and not outcome.whole and not _waits(request):
            outcome = replace(outcome, cause=function_cause(outcome.error, outcome.cause or ""))
        return outcome.task

    def _subject(self, request: Request) -> JSON:
        """The value that a mock's `when` tests: the input of a function, or the arguments of any other call."""
        function, arguments = function_of(request), request.arguments
        payload = (
            arguments.get("Payload") if isinstance(arguments, Mapping) and ":::" in request.resource else arguments
        )
        if function is None:
            return arguments
        if function in self._program.enveloped and isinstance(payload, Mapping):
            return payload.get("input")
        return payload

    def _is_known(self, request: Request) -> bool:
        """Whether the runner can answer a call itself: it has a callable, a workflow, or handles task tokens."""
        function = function_of(request)
        if function is not None:
            return self._table.function(function) is not None
        service = parse_service(request.resource)
        if service is None:
            return self._table.resource((request.resource, request.resource.rpartition(":")[2])) is not None
        if self._table.resource((request.resource, service.base_arn)) is not None:
            return True
        if starts_workflow(service.type, service.action):
            arguments = request.arguments
            named = arguments.get("StateMachineArn") if isinstance(arguments, Mapping) else None
            return named_machine(self._program.machines, named) is not None
        return service.type == "aws-sdk:sfn" and service.action.startswith("sendTask")

    def _nothing(self, request: Request, *, answering: bool = False) -> ExecutionStopped:
        function = None if answering else function_of(request)
        problem = self._program.unloadable.get(function or "")
        if problem is None:
            problem = unanswered_calls.diagnostic(
                self._program, request, function, has_rules=self._mocks.names(request)
            )
        self.stopped = problem
        return ExecutionStopped("ABORTED", unanswered_calls.ERROR, problem.message)


def _waits(request: Request) -> bool:
    return request.resource.endswith(WAITS_FOR_TOKEN)


def function_of(request: Request) -> str | None:
    """The name of the Lambda function in a request, or None if it does not call one."""
    service = parse_service(request.resource)
    if service is None:
        return None if ":activity:" in request.resource else request.resource
    if not service.is_invocation:
        return None
    named = request.arguments.get("FunctionName") if isinstance(request.arguments, Mapping) else None
    return named if isinstance(named, str) else ""


def _by_function(rules: Rules, program: Program) -> Mapping[str, tuple[Rule, ...]]:
    """The rules, with those of functions also under the states that call them."""
    by_state = {
        state: rules[called.name]
        for state, called in program.called.items()
        if called.name in rules and state not in rules
    }
    return {**rules, **by_state}
