"""The visits of states in an execution, as a tree: branches and iterations are below the state that they belong to.

In: the events of an execution. Out: what happened in each state: attempts, errors, input, output.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from flowgen.local.history import Event
from flowgen.local.values import JSON

_TRY_STARTS = frozenset({"LambdaFunctionScheduled", "TaskScheduled", "ActivityScheduled"})
_STARTS = _TRY_STARTS | {"MapStateStarted", "ParallelStateStarted", "MapRunRedriven"}
_TRY_ENDS = ("Succeeded", "Failed", "TimedOut")
_TRY_PREFIXES = ("LambdaFunction", "Task", "Activity")


@dataclass(slots=True)
class Try:
    """One attempt at a task: when it began and ended, and its error."""

    began: float
    ended: float | None = None
    error: str | None = None
    cause: str | None = None


@dataclass(slots=True)
class Visit:
    """One visit of a state. `ended` is None if the execution never left it; `lines` are its branches or iterations.

    `halted` is set if the state was aborted because another branch or iteration failed.
    """

    name: str
    kind: str
    began: float
    input: JSON
    ended: float | None = None
    output: JSON = None
    tries: list[Try] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    rounds: int = 0
    length: int = 0
    problem: tuple[str | None, str | None] | None = None
    halted: bool = False

    @property
    def failure(self) -> tuple[str | None, str | None] | None:
        """The error and the cause with which its work failed, whether or not the state caught them."""
        if self.problem is not None:
            return self.problem
        last = self.tries[-1] if self.tries else None
        return (last.error, last.cause) if last is not None and last.error is not None else None

    @property
    def caught(self) -> bool:
        """Whether its work failed and the state caught the error."""
        if self.ended is None:
            return False
        inside = any(line.failed and not line.is_execution for line in self.lines)
        return self.failure is not None or (inside and (self.rounds == 1 or _is_error(self.output)))


@dataclass(slots=True)
class Line:
    """One thread of control with its visits. `label` names the branch, iteration or execution.

    `owner` is the visit of the Parallel or Map state that a branch or iteration belongs to, and `outer` the thread of
    that visit.
    """

    label: str = ""
    visits: list[Visit] = field(default_factory=list)
    is_execution: bool = False
    owner: Visit | None = None
    outer: Line | None = field(default=None, repr=False)

    @property
    def failed(self) -> bool:
        """Whether it ended before its last state was done."""
        return bool(self.visits) and self.visits[-1].ended is None and self.visits[-1].kind != "Succeed"


Inside: TypeAlias = "Mapping[str, Iterable[Event]]"
"""The events of child executions by ARN."""


class Placed(NamedTuple):
    """An event with the visit that it belongs to (None for those of the execution) and its thread of control."""

    event: Event
    visit: Visit | None
    line: Line


def build_tree(events: Iterable[Event], inside: Inside | None = None) -> Line:
    """The visits of an execution, each below the Parallel or Map state, or the task, that it belongs to."""
    return _Builder(list(events), inside or {}).root


def place_events(events: Iterable[Event], inside: Inside | None = None) -> list[Placed]:
    """Each event with its visit. The visits are complete: they contain what later events recorded."""
    events = list(events)
    builder = _Builder(events, inside or {})
    return [Placed(*found) for found in zip(events, builder.visit_of, builder.line_of[1:], strict=True)]


def executions_named(event: Event, inside: Iterable[str]) -> list[str]:
    """The ARNs in `inside` of the executions that an event reports as started: by a task, or by a Map run."""
    if event.type == "MapRunStarted":
        machine = event.details["mapRunArn"].rpartition(":")[0].partition(":mapRun:")[2]
        return [arn for arn in inside if f":execution:{machine}:" in arn or f":express:{machine}:" in arn]
    if event.type not in {"TaskSubmitted", "TaskSucceeded"}:
        return []
    output = event.details.get("output")
    started = output.get("ExecutionArn") if isinstance(output, dict) else None
    return [arn for arn in inside if arn == started]


def _is_error(output: JSON) -> bool:
    """Whether an output is the error output of a state."""
    return isinstance(output, dict) and "Error" in output and output.keys() <= {"Error", "Cause"}


def walk(line: Line) -> Iterator[Visit]:
    """Every visit of a thread of control, and of the threads inside it, in the order in which they began."""
    found = [
        inner
        for visit in line.visits
        for inner in (visit, *(inner_visit for each in visit.lines for inner_visit in walk(each)))
    ]
    yield from sorted(found, key=lambda visit: visit.began)


def find_failure(events: Iterable[Event], inside: Inside | None = None) -> Visit | None:
    """The visit in which an execution failed: the innermost one, in a branch or a child execution."""
    line: Line | None = _Builder(list(events), inside or {}).line_of[-1]
    found = None
    while line is not None and line.visits:
        found = line.visits[-1]
        line = next((inner for inner in reversed(found.lines) if inner.is_execution and inner.failed), None)
    return found


class _Builder:
    def __init__(self, events: list[Event], inside: Inside) -> None:
        self.inside = inside
        self.root = Line()
        self.line_of: list[Line] = [self.root]
        self.visit_of: list[Visit | None] = []
        self.kind_of: list[str] = [""]
        self.open: dict[str, list[tuple[Visit, Line]]] = {}
        self.over: set[int] = set()  # the Parallel and Map states, by identity, whose current attempt has failed
        for event in events:
            self.line_of.append(self._add(event))
            self.kind_of.append(event.type)

    def _add(self, event: Event) -> Line:
        """Record an event and its visit. Returns the thread of control that following events continue."""
        line = self.line_of[min(event.previous, len(self.line_of) - 1)]
        if event.type.endswith("StateEntered"):
            return self._enter(event, line)
        if event.type.endswith("StateExited"):
            return self._leave(event, line)
        visit = line.visits[-1] if line.visits else line.owner
        if event.type == "MapIterationStarted":
            name = event.details["name"]
            if visit is None or visit.name != name:
                visit, line = self.open[name][-1]
            self.visit_of.append(visit)
            iteration = Line(f"#{event.details['index']}", owner=visit, outer=line)
            visit.lines.append(iteration)
            return iteration
        if event.type.endswith("StateAborted"):
            visit = _halt(event.type.removesuffix("StateAborted"), line)
        elif visit is not None and line.visits:
            visit, line = self._whose(event, visit, line)
            if visit is not None:
                self._happen(event, visit)
        self.visit_of.append(None if event.type.startswith("Execution") else visit)
        return line

    def _whose(self, event: Event, visit: Visit, line: Line) -> tuple[Visit | None, Line]:
        """The visit that an event belongs to, and its thread.

        An event of a Parallel or Map state may follow from a thread inside the state.
        """
        iterates = event.type.startswith("MapIteration")
        kind, _, what = ("Map", "", "") if iterates else event.type.partition("State")
        if kind not in {"Map", "Parallel"}:
            return visit, line
        found: Visit | None = visit
        around: Line | None = line
        while around is not None and (found is None or found.kind != kind or self._is_over(found, event)):
            found, around = around.owner, around.outer
        if found is None or around is None:
            return (None if iterates else visit), line
        if what == "Failed":
            self.over.add(id(found))
        elif what == "Started":
            self.over.discard(id(found))
        # What follows a failure continues where it happened.
        return found, around if what == "Succeeded" else line

    def _is_over(self, visit: Visit, event: Event) -> bool:
        """Whether an event can no longer be one of a state. A new attempt begins after a failed one."""
        name = event.details.get("name")
        if name is not None:  # of an iteration
            return bool(name != visit.name)
        return visit.ended is not None or (id(visit) in self.over and not event.type.endswith("StateStarted"))

    def _enter(self, event: Event, line: Line) -> Line:
        if self.kind_of[min(event.previous, len(self.kind_of) - 1)] == "ParallelStateStarted":
            outer = line.visits[-1]
            line = Line(f"branch {len(outer.lines) + 1}", owner=outer, outer=line)
            outer.lines.append(line)
        name = event.details["name"]
        visit = Visit(name, event.type.removesuffix("StateEntered"), event.time, event.details["input"])
        line.visits.append(visit)
        self.visit_of.append(visit)
        self.open.setdefault(name, []).append((visit, line))
        return line

    def _leave(self, event: Event, before: Line) -> Line:
        """End the visit that the event leaves: that of its thread of control, or of a thread around it."""
        candidates = self.open[event.details["name"]]
        around: Line | None = before
        found = None
        while around is not None and found is None:
            found = next((index for index, (_, line) in enumerate(candidates) if line is around), None)
            around = around.outer
        visit, line = candidates.pop(-1 if found is None else found)
        visit.ended, visit.output = event.time, event.details["output"]
        self.visit_of.append(visit)
        return line

    def _executions(self, event: Event, visit: Visit) -> None:
        """Add the executions that an event names below the visit that started them."""
        started = [line.label for line in visit.lines]
        for arn in executions_named(event, self.inside):
            label = f"execution {_execution_name(arn)}"
            if label not in started:
                visit.lines.append(Line(label, build_tree(self.inside[arn], self.inside).visits, is_execution=True))

    def _happen(self, event: Event, visit: Visit) -> None:
        if self.inside:
            self._executions(event, visit)
        if event.type in _STARTS:
            visit.problem = None  # that of the attempt before
        if event.type in _TRY_STARTS:
            visit.tries.append(Try(event.time))
        elif event.type == "EvaluationFailed":
            visit.problem = (event.details["error"], event.details["cause"])
        elif event.type in {"MapStateStarted", "ParallelStateStarted"}:
            visit.rounds += 1
            visit.length = event.details.get("length", 0)
        elif event.type.startswith(_TRY_PREFIXES) and event.type.endswith(_TRY_ENDS) and visit.tries:
            last = visit.tries[-1]
            last.ended = event.time
            last.error, last.cause = event.details.get("error"), event.details.get("cause")
        elif event.type == "MapRunFailed":
            visit.problem = (event.details.get("error"), event.details.get("cause"))


def _halt(kind: str, failed: Line) -> Visit | None:
    """Mark the next state of a kind as halted. Its event has no name, and follows from the failed branch."""
    outer = failed.owner or (failed.visits[-1] if failed.visits else None)
    if outer is None:
        return None
    running = (visit for line in outer.lines if line is not failed for visit in _running(line))
    cut = next((visit for visit in running if visit.kind == kind and not visit.halted), None)
    if cut is not None:
        cut.halted = True
    return cut


def _running(line: Line) -> Iterator[Visit]:
    """The states that a thread of control has entered and not left, the outer one first."""
    if line.failed:
        yield line.visits[-1]
        for inner in line.visits[-1].lines:
            yield from _running(inner)


def _execution_name(arn: str) -> str:
    """`name` of `…:execution:machine:name` and of `…:express:machine:name:id`."""
    _, is_express, rest = arn.partition(":express:")
    return rest.split(":")[1] if is_express else arn.rpartition(":")[2]
