"""What an execution received from outside, so that running it again leads to the same state.

The runner is deterministic: with the same results of calls, the same messages, and the same moments of the clock, an
execution records the same events. Each entry of a journal is JSON: its kind, then its data. Those that came between two
steps of the scheduler name the step.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from flowgen.local.activities import Taken
from flowgen.local.call_limits import Caller, Hung, Pending, Work
from flowgen.local.failures import ExecutionStopped, StateFailure
from flowgen.local.live import LiveExecution
from flowgen.local.runtime_types import Answer
from flowgen.local.scheduler import Pause

Entry = list[Any]

SLICE = 10_000
"""Steps after which a replay looks whether the execution has to wait."""


class Journal:
    """The journal of one execution. `write` stores another entry; `recorded` are those of an earlier process."""

    def __init__(self, write: Callable[[Entry], None], recorded: Iterable[Entry] = ()) -> None:
        self._write = write
        self._clock = math.nan
        self._started = 0
        self.calls: dict[int, Entry] = {}
        self.choices: deque[Entry] = deque()
        self.entries: deque[Entry] = deque()
        for entry in recorded:
            match entry:
                case ["call", number, outcome]:
                    self.calls[number] = outcome
                case ["machine", *choice]:
                    self.choices.append(choice)
                case _:
                    self.entries.append(entry)

    def note(self, kind: str, *data: Any) -> None:
        """Record something that the execution received."""
        self._write([kind, *data])

    def note_clock(self, step: int, now: float) -> None:
        """Record that the virtual clock was set."""
        if self._clock != now:
            self._clock = now
            self.note("clock", step, now)

    def next_call(self) -> int:
        """The number of the call that starts now."""
        self._started += 1
        return self._started


class JournaledCalls:
    """The calls of one execution: recorded results are returned without a call."""

    def __init__(self, journal: Journal, caller: Caller) -> None:
        self._journal = journal
        self._caller = caller

    def start(self, work: Work, limit: float | None) -> Pending:
        """Call `work`, unless its result is known."""
        number = self._journal.next_call()
        outcome = self._journal.calls.pop(number, None)
        if outcome is not None:
            return _Recorded(outcome)
        return _Noted(self._caller.start(work, limit), self._journal, number)


class _Recorded:
    """A call with a known result. It is not ready at first, because no call in a thread is."""

    def __init__(self, outcome: Entry) -> None:
        self._outcome = outcome
        self._asked = False

    @property
    def ready(self) -> bool:
        asked, self._asked = self._asked, True
        return asked

    def result(self) -> Any:
        match self._outcome:
            case ["value", text, taken]:
                return text, taken
            case ["failure", error, cause, alias, taken]:
                return StateFailure(error, cause, alias=alias), taken
            case ["stopped", status, error, cause]:
                raise ExecutionStopped(status, error, cause)
        raise Hung

    def abandon(self) -> None:
        """There is nothing to give up."""


class _Noted:
    """A call whose result is recorded when the execution takes it."""

    def __init__(self, pending: Pending, journal: Journal, number: int) -> None:
        self._pending = pending
        self._journal = journal
        self._number = number

    @property
    def ready(self) -> bool:
        return self._pending.ready

    def result(self) -> Any:
        try:
            value, taken = self._pending.result()
        except Hung:
            self._note("hung")
            raise
        except ExecutionStopped as stop:
            self._note("stopped", stop.status, stop.error, stop.cause)
            raise
        if isinstance(value, StateFailure):
            self._note("failure", value.error, value.cause, value.alias, taken)
        else:
            self._note("value", value, taken)
        return value, taken

    def _note(self, *outcome: Any) -> None:
        self._journal.note("call", self._number, list(outcome))

    def abandon(self) -> None:
        self._pending.abandon()


def encoded(message: object) -> Entry:
    """A message to a task, as JSON."""
    match message:
        case Answer(failure=StateFailure() as failure):
            return ["failure", failure.error, failure.cause]
        case Answer():
            return ["success", message.value, message.text]
        case Taken(worker):
            return ["taken", worker]
    return ["heartbeat"]


def decoded(entry: Entry) -> object:
    """The message that `encoded` made JSON."""
    match entry:
        case ["failure", error, cause]:
            return Answer(0.0, failure=StateFailure(error, cause))
        case ["success", value, text]:
            return Answer(0.0, value=value, text=text)
        case ["taken", worker]:
            return Taken(worker)
    return "heartbeat"


def replay(
    live: LiveExecution, journal: Journal, deliver: Callable[[str, Entry], None], *, ended: bool = False
) -> bool:
    """Run an execution up to where its journal ends. `deliver` performs an entry; the arguments are its kind and data.

    If the execution had `ended`, run it to its end.

    Returns false if the execution does not get there: its definition, or the runner, is not the same.
    """
    scheduler = live.scheduler
    while journal.entries:
        kind, step, *data = journal.entries[0]
        if scheduler.steps < step:
            pause = live.proceed(step - scheduler.steps)
            if scheduler.steps < step:
                # While a task waits for a client, time passes only where the journal says so.
                if pause in {Pause.WORKING, Pause.ENDED} or live.waits_for_client():
                    return False
                if pause is Pause.IDLE:
                    live.pass_time(math.inf)
            continue
        if scheduler.steps > step:
            return False
        journal.entries.popleft()
        if kind == "clock":
            scheduler.now = data[0]
        elif kind == "passed":
            live.pass_time(math.inf)
        else:
            deliver(kind, data)
    while (pause := live.proceed(SLICE)) is not Pause.WORKING:
        if pause is Pause.ENDED or (pause is Pause.IDLE and not journal.calls and not ended):
            break
        if pause is Pause.IDLE:
            if live.waits_for_client():
                return False
            live.pass_time(math.inf)
    return not journal.calls and (live.finished is not None or not ended)
