"""The entry point of the runner: runs a definition to its end."""

from __future__ import annotations

import math
import os
import random
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, redirect_stdout
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn

from flowgen.asl.reserved_errors import DATA_LIMIT_EXCEEDED
from flowgen.local.child_executions import longest
from flowgen.local.failures import ExecutionStopped, StateFailure
from flowgen.local.frame import START, Frame, Identity, Observe, Run
from flowgen.local.history import EVENT_LIMIT, Event, History, render
from flowgen.local.machine import Machine, compile_machine
from flowgen.local.runtime_types import Task, TaskTable
from flowgen.local.scheduler import DeadlineReached, Deadlock, Scheduler
from flowgen.local.tasks import Killed
from flowgen.local.values import JSON, encode, is_too_large

if TYPE_CHECKING:
    from flowgen.local.call_limits import Caller
    from flowgen.local.faults import Faults
    from flowgen.local.runtime_types import Function, Request

EXPRESS_EVENTS = 1_000_000
"""Limit on events of express executions, which AWS limits by time only: here a loop without waits takes no time."""


@dataclass(frozen=True, slots=True)
class Execution:
    """A finished execution.

    `status` is SUCCEEDED, FAILED, TIMED_OUT or ABORTED; `elapsed` is in virtual seconds. As in DescribeExecution,
    `error` and `cause` are None if the execution itself timed out.
    """

    status: str
    output: JSON
    error: str | None
    cause: str | None
    elapsed: float
    start: datetime
    events: tuple[Event, ...]

    @property
    def history(self) -> list[dict[str, JSON]]:
        """The events in the form of GetExecutionHistory."""
        return list(render(self.events, self.start))


# See docs/explanation/decisions-stack-and-runner.md#the-runner-executes-asl
def execute(
    definition: Mapping[str, JSON] | Machine,
    input: JSON = None,  # noqa: A002 - the name of the thing in the States Language
    *,
    tasks: Mapping[str, Task | Function] | None = None,
    s3_objects: MutableMapping[str, Any] | None = None,
    machine_type: str = "STANDARD",
    mock: Callable[[Request], Task | Function | None] | None = None,
    answer: Task | Function | None = None,
    answer_to: Callable[[Request], Task | None] | None = None,
    machines: Mapping[str, Mapping[str, JSON] | Machine] | None = None,
    identity: Identity | None = None,
    start: datetime = START,
    seed: int | random.Random = 0,
    pace: Callable[[float], None] | None = None,
    observe: Observe | None = None,
    faults: Faults | None = None,
    caller: Caller | None = None,
    stopwatch: Callable[[], float] | None = None,
    around: Callable[[str], AbstractContextManager[None]] | None = None,
    events: list[Event] | None = None,
    inside: dict[str, list[Event]] | None = None,
) -> Execution:
    """Run a definition in Amazon States Language, or a compiled machine, on an input.

    `tasks` are callables for Lambda functions (by ARN or bare name), activities and other resources. A resource
    without a callable does not exist. `mock` is asked first, for each attempt, and may return a callable whose value is
    the task's raw result. `answer` is called with `{"token", "state"}` for each task token that no mock answers;
    `answer_to` selects such a callable for one token, or returns None if another state sends the answer. `machines` are
    the workflows that the run may start, by ARN or bare name. `s3_objects` maps "bucket/key" to text or bytes, and
    receives what the run writes. `start` sets the virtual clock, and `seed` all randomness, or supplies it. `pace` is
    called with each wait, in seconds, before the clock skips it (`time.sleep` makes it real). `observe` is called with
    each part of the machine that is used, also in child executions of its Map runs.

    `faults` are injected into the run. `caller` controls how callables are called: in parallel, or within a limit on
    real time (`call_limits`). `stopwatch` returns real seconds; with it and a `caller`, the real duration of a call
    counts as virtual time. `around` takes a state's name and returns the context of each call that `caller` makes.
    `events` receives the events as they happen, and `inside` those of executions that this one starts, by ARN.

    Raises `InvalidDefinition` for a definition that Step Functions would reject.
    """
    machine = _compiled(definition)
    express = machine_type == "EXPRESS"
    scheduler = Scheduler(longest(machine, machine_type), pace)
    run = Run(
        identity=identity or Identity(machine_type=machine_type),
        input=input,
        start=start,
        scheduler=scheduler,
        history=History(EXPRESS_EVENTS if express else EVENT_LIMIT, events),
        tasks=TaskTable(tasks or {}),
        objects={} if s3_objects is None else s3_objects,
        random=_generator(seed),
        mock=mock,
        answer=answer_to if answer is None else _always(answer),
        machines={name: _compiled(inner) for name, inner in (machines or {}).items()},
        observe=observe,
        faults=faults,
        caller=caller,
        stopwatch=stopwatch,
        around=around,
        inside=inside,
    )
    # Redirect once for all calls: overlapping calls would restore the stream too early.
    redirected = caller is not None and sys.stdout is not sys.stderr
    with exit_raises(), redirect_stdout(sys.stderr) if redirected else nullcontext():
        return run_to_end(machine, run)


def _generator(seed: int | random.Random) -> random.Random:
    return seed if isinstance(seed, random.Random) else random.Random(seed)  # noqa: S311 - reproducible on purpose


_DEADLY = {
    "SIGABRT": "aborted",
    "SIGBUS": "bus error",
    "SIGFPE": "floating point exception",
    "SIGHUP": "hangup",
    "SIGILL": "illegal instruction",
    "SIGKILL": "killed",
    "SIGQUIT": "quit",
    "SIGSEGV": "segmentation fault",
    "SIGTERM": "terminated",
}
"""Signals that end a process, with their names in Go, the language of Lambda's runtime."""


@contextmanager
def exit_raises() -> Iterator[None]:
    """A callable that ends its process fails its step, as it would fail in Lambda, and does not end the run.

    This covers `os._exit`, `os.abort`, and signals that the process sends to itself. Crashes of native code can't be
    caught; `flowgen run` reports them (`cli.last_words`).
    """
    leave, abort, kill, raise_signal = os._exit, os.abort, os.kill, signal.raise_signal
    process = os.getpid()

    def leaves(status: int) -> NoReturn:
        if os.getpid() != process:
            leave(status)
        raise SystemExit(status)

    def aborts() -> NoReturn:
        if os.getpid() != process:
            abort()
        raise Killed("aborted")

    def kills(target: int, number: int) -> None:
        if target == process == os.getpid():
            raises(number)
        kill(target, number)

    def raises_signal(number: int) -> None:
        if os.getpid() == process:
            raises(number)
        raise_signal(number)

    def raises(number: int) -> None:
        name = signal.Signals(number).name if number in set(signal.Signals) else ""
        if name in _DEADLY and (name == "SIGKILL" or signal.getsignal(number) == signal.SIG_DFL):
            raise Killed(_DEADLY[name])

    os._exit, os.abort, os.kill, signal.raise_signal = leaves, aborts, kills, raises_signal
    try:
        yield
    finally:
        os._exit, os.abort, os.kill, signal.raise_signal = leave, abort, kill, raise_signal


def _always(answer: Task | Function) -> Callable[[Request], Task | None]:
    task = answer if isinstance(answer, Task) else Task(answer)
    return lambda _request: task


def _compiled(definition: Mapping[str, JSON] | Machine) -> Machine:
    return definition if isinstance(definition, Machine) else compile_machine(definition)


def run_to_end(machine: Machine, run: Run) -> Execution:
    """Run a machine from its start to the event that ends it."""
    frame = begin(run)
    if is_too_large(encode(run.input)):
        return concluded(frame, INPUT_TOO_LARGE)
    try:
        output = run.scheduler.run(machine.run(frame, run.input))
    except ENDINGS as ending:
        return concluded(frame, ending)
    return succeeded(frame, output)


ENDINGS = (StateFailure, ExecutionStopped, DeadlineReached, Deadlock)
"""The exceptions that end an execution."""

INPUT_TOO_LARGE = StateFailure(DATA_LIMIT_EXCEEDED, "The input of the execution exceeds 262144 bytes.")


def begin(run: Run) -> Frame:
    """The frame of an execution that starts, with its first event."""
    frame = Frame(run, {}, 0, None)
    frame.note("ExecutionStarted", {"input": run.input, "roleArn": run.identity.role_arn}, 0)
    return frame


def succeeded(frame: Frame, output: JSON) -> Execution:
    """Record that the execution succeeded."""
    frame.end("SUCCEEDED", output, None, None)
    return _execution(frame, "SUCCEEDED", output, None, None)


def concluded(frame: Frame, ending: BaseException) -> Execution:
    """Record how one of `ENDINGS` ended the execution."""
    if isinstance(ending, StateFailure):
        # The traceback would keep the whole run in a reference cycle. The garbage collector could free it in any
        # thread, but only the thread that made the evaluator's expressions may free them.
        ending.with_traceback(None)
        return _ended(frame, "FAILED", ending.error, ending.cause)
    if isinstance(ending, ExecutionStopped):
        frame.previous = len(frame.run.history.events)
        return _ended(frame, ending.status, ending.error, ending.cause)
    return _ended(frame, "TIMED_OUT", None, None)


def aborted(frame: Frame, error: str | None, cause: str | None) -> Execution:
    """Record that somebody stopped the execution. As measured on AWS, the event has no previous event."""
    frame.previous = 0
    return _ended(frame, "ABORTED", error, cause)


def _ended(frame: Frame, status: str, error: str | None, cause: str | None) -> Execution:
    frame.end(status, None, error, cause)
    return _execution(frame, status, None, error, cause)


def _execution(frame: Frame, status: str, output: JSON, error: str | None, cause: str | None) -> Execution:
    run = frame.run
    elapsed = run.scheduler.now if run.scheduler.ended_at is None else run.scheduler.ended_at
    return Execution(
        status, output, error, cause, elapsed if math.isfinite(elapsed) else 0.0, run.start, tuple(run.history.events)
    )
