"""An execution as readable text: each state with its virtual time, attempts, outcome, and shortened input and output.

In: the events of an execution. Out: plain text, one line per state; branches and iterations are indented.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from flowgen.asl.json_text import parse
from flowgen.local.clock import in_words
from flowgen.local.values import JSON, encode

if TYPE_CHECKING:
    from flowgen.local.execution import Execution
    from flowgen.local.history import Event

Style: TypeAlias = Callable[[str, str], str]
"""Decorates a string by its role: "time", "name", "ok", "caught", "failed", "note"."""

WIDTH = 60
"""Most characters of a shortened value."""

MOST_LINES = 20
"""Iterations of a state to show. After these, only failed ones are shown."""

_TRY_STARTS = frozenset({"LambdaFunctionScheduled", "TaskScheduled", "ActivityScheduled"})
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

    `owner` is the visit of the Parallel or Map state that a branch or iteration belongs to.
    """

    label: str = ""
    visits: list[Visit] = field(default_factory=list)
    is_execution: bool = False
    owner: Visit | None = None

    @property
    def failed(self) -> bool:
        """Whether it ended before its last state was done."""
        return bool(self.visits) and self.visits[-1].ended is None and self.visits[-1].kind != "Succeed"


Inside: TypeAlias = "Mapping[str, Iterable[Event]]"
"""The events of child executions by ARN."""


def build_tree(events: Iterable[Event], inside: Inside | None = None) -> Line:
    """The visits of an execution, each below the Parallel or Map state, or the task, that it belongs to."""
    return _Builder(list(events), inside or {}).root


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
        self.kind_of: list[str] = [""]
        self.open: dict[str, list[tuple[Visit, Line]]] = {}
        for event in events:
            self.line_of.append(self._add(event))
            self.kind_of.append(event.type)

    def _add(self, event: Event) -> Line:
        line = self.line_of[min(event.previous, len(self.line_of) - 1)]
        if event.type.endswith("StateEntered"):
            return self._enter(event, line)
        if event.type.endswith("StateExited"):
            return self._leave(event)
        if event.type == "MapIterationStarted":
            visit, _ = self.open[event.details["name"]][-1]
            line = Line(f"#{event.details['index']}", owner=visit)
            visit.lines.append(line)
            return line
        if event.type.endswith("StateAborted"):
            _halt(event.type.removesuffix("StateAborted"), line)
        elif line.visits:
            self._happen(event, line.visits[-1])
        return line

    def _enter(self, event: Event, line: Line) -> Line:
        if self.kind_of[min(event.previous, len(self.kind_of) - 1)] == "ParallelStateStarted":
            outer = line.visits[-1]
            line = Line(f"branch {len(outer.lines) + 1}", owner=outer)
            outer.lines.append(line)
        name = event.details["name"]
        visit = Visit(name, event.type.removesuffix("StateEntered"), event.time, event.details["input"])
        line.visits.append(visit)
        self.open.setdefault(name, []).append((visit, line))
        return line

    def _leave(self, event: Event) -> Line:
        candidates = self.open[event.details["name"]]
        line_before = self.line_of[event.previous] if event.previous < len(self.line_of) else self.root
        index = next((index for index, (_, line) in enumerate(candidates) if line is line_before), len(candidates) - 1)
        visit, line = candidates.pop(index)
        visit.ended, visit.output = event.time, event.details["output"]
        return line

    def _executions(self, event: Event, visit: Visit) -> None:
        """Add the executions that an event names below the visit that started them."""
        started = [line.label for line in visit.lines]
        if event.type == "MapRunStarted":
            machine = event.details["mapRunArn"].rpartition(":")[0].partition(":mapRun:")[2]
            found = [arn for arn in self.inside if f":execution:{machine}:" in arn or f":express:{machine}:" in arn]
        else:
            output = event.details.get("output")
            started_arn = output.get("ExecutionArn") if isinstance(output, dict) else None
            found = [arn for arn in self.inside if arn == started_arn]
        for arn in found:
            label = f"execution {_execution_name(arn)}"
            if label not in started:
                visit.lines.append(Line(label, build_tree(self.inside[arn], self.inside).visits, is_execution=True))

    def _happen(self, event: Event, visit: Visit) -> None:
        if self.inside and event.type in {"TaskSubmitted", "TaskSucceeded", "MapRunStarted"}:
            self._executions(event, visit)
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


def _halt(kind: str, failed: Line) -> None:
    """Mark the next state of a kind as halted. Its event has no name, and follows from the failed branch."""
    outer = failed.owner or (failed.visits[-1] if failed.visits else None)
    if outer is None:
        return
    running = (visit for line in outer.lines if line is not failed for visit in _running(line))
    cut = next((visit for visit in running if visit.kind == kind and not visit.halted), None)
    if cut is not None:
        cut.halted = True


def _running(line: Line) -> Iterator[Visit]:
    """The states that a thread of control has entered and not left, the outer one first."""
    if line.failed:
        yield line.visits[-1]
        for inner in line.visits[-1].lines:
            yield from _running(inner)


def render_trace(
    execution: Execution, *, style: Style | None = None, width: int = WIDTH, inside: Inside | None = None
) -> str:
    """The trace of an execution. The last line has its status and its duration in virtual time.

    `style` decorates parts of the text by their role. `width` is the most characters of a shortened value. `inside`
    are the child executions, which are shown below the states that started them.
    """
    renderer = _Renderer(style or (lambda text, _role: text), width, running=execution.status == "RUNNING")
    renderer.line(build_tree(execution.events, inside), "")
    renderer.end(execution)
    return "\n".join(renderer.rows)


class _Renderer:
    def __init__(self, style: Style, width: int, *, running: bool) -> None:
        self.running = running
        self.rows: list[str] = []
        self.style = style
        self.width = width

    def row(self, time: float | None, indent: str, text: str) -> None:
        shown = "" if time is None else in_words(time)
        self.rows.append(f"{self.style(shown.rjust(12), 'time')}  {indent}{text}".rstrip())

    def line(self, line: Line, indent: str) -> None:
        for visit in line.visits:
            self.visit(visit, indent)

    def visit(self, visit: Visit, indent: str) -> None:
        well = visit.ended is not None or visit.kind == "Succeed"
        unfinished = "halted" if visit.halted else "runs" if self.running else "failed"
        word = "caught" if visit.caught else "ok" if well else unfinished
        role = "note" if word in {"halted", "runs"} else word
        mark = self.style(word.ljust(6), role)
        parts = [mark, self.style(visit.name, "name")]
        failed = [attempt for attempt in visit.tries if attempt.error is not None]
        if len(visit.tries) > 1:
            parts.append(self.style(f"({len(visit.tries)} tries)", "note"))
        if visit.kind == "Wait" and visit.ended is not None:
            parts.append(self.style(f"waited {in_words(visit.ended - visit.began)}", "note"))
        elif visit.kind in {"Map", "Parallel"}:
            parts.append(self.style(self._extent(visit), "note"))
        else:
            parts.append(self._values(visit))
        self.row(visit.began, indent, " ".join(filter(None, parts)))
        for number, attempt in enumerate(visit.tries, 1):
            if failed:
                self._attempt(visit, number, attempt, indent)
        if visit.problem is not None:
            self.row(None, indent + "       ", self.style(self._error(*visit.problem), "failed"))
        hidden = 0
        for number, branch in enumerate(visit.lines):
            if number >= MOST_LINES and not branch.failed:
                hidden += 1
                continue
            self.row(None, indent + "  ", self.style(branch.label, "note"))
            self.line(branch, indent + "    ")
        if hidden:
            self.row(None, indent + "  ", self.style(f"and {hidden:,} more that succeeded", "note"))

    def _attempt(self, visit: Visit, number: int, attempt: Try, indent: str) -> None:
        waited = ""
        if number > 1:
            before = visit.tries[number - 2].ended
            waited = "" if before is None else f", {in_words(attempt.began - before)} later"
        if attempt.error is not None:
            outcome = self.style(self._error(attempt.error, attempt.cause), "failed")
        else:
            unfinished = "runs" if self.running else "never ended"
            outcome = self.style("ok" if attempt.ended is not None else unfinished, "note")
        ended = attempt.ended if attempt.ended is not None else attempt.began
        self.row(ended, indent + "       ", f"try {number}{waited}: {outcome}")

    def _extent(self, visit: Visit) -> str:
        one, many = ("branch", "branches") if visit.kind == "Parallel" else ("iteration", "iterations")
        rounds = f", {visit.rounds} tries" if visit.rounds > 1 else ""
        count = max(len(visit.lines), visit.length)
        return f"{count} {one if count == 1 else many}{rounds}" if count else ""

    def _values(self, visit: Visit) -> str:
        if visit.ended is None:
            return self.short(visit.input)
        if visit.output == visit.input:
            return self.short(visit.input)
        return f"{self.short(visit.input)} -> {self.short(visit.output)}"

    def _error(self, error: str | None, cause: str | None) -> str:
        text = ": ".join(filter(None, (error, " ".join(_message(cause).split()))))
        return self._cut(text or "failed", 2 * self.width)

    def short(self, value: JSON) -> str:
        text = encode(value)
        if len(text) <= self.width:
            return text
        return f"{self._cut(text, self.width)} {self.style(f'({size_in_words(text)})', 'note')}"

    @staticmethod
    def _cut(text: str, width: int) -> str:
        return text if len(text) <= width else text[: width - 1] + "…"

    def end(self, execution: Execution) -> None:
        role = {"SUCCEEDED": "ok", "RUNNING": "note"}.get(execution.status, "failed")
        head = f"{self.style(execution.status, role)} after {in_words(execution.elapsed)}"
        if execution.status == "SUCCEEDED":
            self.rows.append(f"{head}: {self.short(execution.output)}")
            return
        self.rows.append(head)
        if execution.error is not None or execution.cause is not None:
            self.rows.append(self.style(": ".join(filter(None, (execution.error, _message(execution.cause)))), role))


def _execution_name(arn: str) -> str:
    """`name` of `…:execution:machine:name` and of `…:express:machine:name:id`."""
    _, is_express, rest = arn.partition(":express:")
    return rest.split(":")[1] if is_express else arn.rpartition(":")[2]


def size_in_words(text: str) -> str:
    """The size of a string in UTF-8: `812 B`, `3.4 KB`, `1.2 MB` (units of 1,024, as in AWS's limits)."""
    size = float(len(text.encode("utf-8", "surrogatepass")))
    for unit in ("B", "KB"):
        if size < 1024:  # noqa: PLR2004 - the next unit
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} MB"


def _message(cause: str | None) -> str:
    """The readable part of a cause: the message, if the cause is Lambda's JSON."""
    if cause is None or not cause.startswith("{"):
        return cause or ""
    try:
        parsed = parse(cause)
    except ValueError:
        return cause
    message = parsed.get("errorMessage")
    return message if isinstance(message, str) else cause
