"""A run of a workflow: its result, and assertions that show the trace when they fail."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar

from flowgen.asl.json_text import parse
from flowgen.local import Execution, render_trace
from flowgen.local.mocks import is_part
from flowgen.running import Program
from flowgen.running.failed_step import failed_step
from flowgen.testing.doubles import Callee

if TYPE_CHECKING:
    from flowgen.local.history import Event

T = TypeVar("T")

_SCHEDULED = frozenset({"TaskScheduled", "LambdaFunctionScheduled", "ActivityScheduled"})
_TRIES = _SCHEDULED | {"ParallelStateStarted", "MapStateStarted"}
_ABSENT: Any = object()


@dataclass(frozen=True, slots=True)
class Call:
    """A call by a step; each attempt is a call. `input` is the argument, without its envelope."""

    step: str
    function: str | None
    input: Any


@dataclass(frozen=True, slots=True)
class Run:
    """How a run of a workflow ended, and what happened in it.

    The assertions raise AssertionError with the trace. They return the run, so that you can chain them.
    """

    execution: Execution
    program: Program = field(repr=False)
    file: str
    callees: Mapping[str, Callee] = field(repr=False)
    inside: Mapping[str, list[Event]] = field(default_factory=dict, repr=False)
    """The events of the executions that it started, by ARN; empty unless the test run writes reports."""

    @property
    def status(self) -> str:
        """SUCCEEDED, FAILED, TIMED_OUT or ABORTED."""
        return self.execution.status

    @property
    def output(self) -> Any:
        """The output as JSON. Raises AssertionError if the run failed."""
        __tracebackhide__ = True
        return self.succeeded().execution.output

    def output_as(self, model: type[T]) -> T:
        """The output as a generated model, or any type that pydantic supports. Raises pydantic's ValidationError."""
        from pydantic import TypeAdapter

        __tracebackhide__ = True
        # Validate as JSON, where a date is a string.
        return TypeAdapter(model).validate_json(json.dumps(self.output))

    @property
    def error(self) -> str | None:
        """The name of the error that ended it."""
        return self.execution.error

    @property
    def cause(self) -> str | None:
        """The cause of the error that ended it."""
        return self.execution.cause

    @property
    def elapsed(self) -> timedelta:
        """The duration in the workflow's virtual time."""
        return timedelta(seconds=self.execution.elapsed)

    @property
    def started(self) -> datetime:
        """The start in virtual time."""
        return self.execution.start

    @property
    def ended(self) -> datetime:
        """The end in virtual time."""
        return self.started + self.elapsed

    @property
    def history(self) -> list[dict[str, Any]]:
        """The events, in the format of GetExecutionHistory."""
        return self.execution.history

    @property
    def trace(self) -> str:
        """The trace of the run, for people."""
        return render_trace(self.execution)

    @property
    def path(self) -> list[str]:
        """The steps in the order in which they were entered, without states added by the compiler."""
        entered = [event.details["name"] for event in self.execution.events if event.type.endswith("StateEntered")]
        return [name for name in entered if name in self.program.places]

    @property
    def calls(self) -> list[Call]:
        """The calls, in order."""
        scheduled = ((state, event) for state, event in self._happened() if event.type in _SCHEDULED)
        return [self._call(state, event) for state, event in scheduled]

    def succeeded(self) -> Self:
        """Asserts that the run succeeded."""
        __tracebackhide__ = True
        if self.status != "SUCCEEDED":
            self._mistaken("expected the run to succeed, but")
        return self

    def failed(self, error: str | None = None, cause: str | None = None) -> Self:
        """Asserts that the run failed with the error `error`, and with a cause that contains `cause`."""
        __tracebackhide__ = True
        wanted = "to fail" if error is None else f"to fail with {error}"
        if self.status == "SUCCEEDED" or (error is not None and self.error != error):
            self._mistaken(f"expected the run {wanted}, but")
        if cause is not None and cause not in (self.cause or ""):
            self._mistaken(f"expected the run {wanted} and a cause with {cause!r}, but")
        return self

    def took_path(self, *steps: str, exactly: bool = False) -> Self:
        """Asserts that these steps were entered in this order, with others between them unless `exactly`."""
        __tracebackhide__ = True
        path = self.path
        if exactly:
            if path != list(steps):
                self._mistaken(f"expected exactly the steps {_arrows(steps)}, but the path was {_arrows(path)};")
            return self
        rest = iter(path)
        for step in steps:
            if step not in rest:
                self._mistaken(
                    f"expected the steps {_arrows(steps)}, but `{step}` did not follow; the path was {_arrows(path)};"
                )
        return self

    def skipped(self, *steps: str) -> Self:
        """Asserts that none of these steps was entered."""
        __tracebackhide__ = True
        for step in steps:
            if step in self.path:
                self._mistaken(f"expected `{step}` not to be entered, but it was;")
        return self

    def called(self, name: str, *, times: int | None = None, with_: Any = _ABSENT) -> Self:
        """Asserts that a step or function was called `times` times (default: at least once). Each attempt counts.

        `with_` must match one of the inputs (with `times`, that many). In objects, at any depth, only the members that
        it contains are compared.
        """
        __tracebackhide__ = True
        made = [call for call in self.calls if name in {call.step, call.function}]
        fitting = made
        if with_ is not _ABSENT:
            wanted = _json(with_)
            fitting = [call for call in made if is_part(wanted, call.input)]
        if not ((times is None and fitting) or len(fitting) == times):
            self._not_called(name, times, with_, made)
        return self

    def retried(self, step: str, times: int | None = None) -> Self:
        """Asserts that a step was retried `times` times (default: at least once), not counting the first attempt."""
        __tracebackhide__ = True
        tries = [event.type in _TRIES for state, event in self._happened() if state == step]
        visits = sum(name == step for name in self.path)
        retries = sum(tries) - visits
        if retries != times if times is not None else retries < 1:
            wanted = "" if times is None else f" {_times(times)}"
            self._mistaken(
                f"expected `{step}` to be retried{wanted}, but it was {_happened('retried', max(retries, 0))};"
            )
        return self

    def _happened(self) -> Iterable[tuple[str, Event]]:
        """Each event, and the state in which it happened."""
        state_of = [""]
        for event in self.execution.events:
            before = state_of[min(event.previous, len(state_of) - 1)]
            state_of.append(event.details["name"] if event.type.endswith("StateEntered") else before)
            yield state_of[-1], event

    def _call(self, state: str, event: Event) -> Call:
        callee = self.callees.get(state)
        made = event.details["input"] if "input" in event.details else event.details["parameters"]
        if callee is None:
            return Call(state, None, made)
        payload = made.get("Payload") if event.type == "TaskScheduled" else made
        return Call(state, callee.function, payload["input"] if callee.enveloped else payload)

    def _not_called(self, name: str, times: int | None, with_: Any, made: list[Call]) -> NoReturn:
        __tracebackhide__ = True
        how_often = "" if times is None else f" {_times(times)}"
        what = "" if with_ is _ABSENT else f" with {json.dumps(_json(with_))}"
        inputs = "".join(f"\n  {json.dumps(call.input)}" for call in made)
        but = f"it was {_happened('called', len(made))}{':' if inputs else ''}{inputs}\n"
        self._mistaken(f"expected `{name}` to be called{how_often}{what}, but {but}")

    def _fault(self) -> str:
        """The state in which the run failed, with its line."""
        visit = failed_step(self.execution.events)
        if visit is None:
            return ""
        place = self.program.place(visit.name)
        return f"\nat `{visit.name}`" + ("" if place is None else f" ({place.file}:{place.start.line})")

    def _mistaken(self, message: str) -> NoReturn:
        __tracebackhide__ = True
        if self.status == "SUCCEEDED":
            ended, where = "the run succeeded", ""
        else:
            why = "".join(
                f"{mark}{text}" for mark, text in ((" with ", self.error), (": ", _shown(self.cause))) if text
            )
            ended, where = f"the run {self.status.lower().replace('_', ' ')}{why}", self._fault()
        raise AssertionError(f"{message} {ended}{where}\n\n{self.trace}")


def _shown(cause: str | None) -> str | None:
    """A cause for people; if it is that of a function's failure, its message."""
    try:
        content = parse(cause or "")
    except ValueError:
        return cause
    message = content.get("errorMessage") if isinstance(content, dict) else None
    return message if isinstance(message, str) else cause


def _arrows(steps: Iterable[str]) -> str:
    return " → ".join(steps) or "(none)"


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _happened(what: str, count: int) -> str:
    return f"{what} {_times(count)}" if count else f"never {what}"


def _json(value: Any) -> Any:
    from pydantic_core import to_jsonable_python

    return to_jsonable_python(value, by_alias=True)
