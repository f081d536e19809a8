"""An execution as readable text: each state with its virtual time, attempts, outcome, and shortened input and output.

In: the events of an execution. Out: plain text, one line per state; branches and iterations are indented.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from flowgen.asl.json_text import parse
from flowgen.local.clock import in_words
from flowgen.local.values import JSON, encode
from flowgen.local.visits import Inside, Line, Try, Visit, build_tree

if TYPE_CHECKING:
    from flowgen.local.execution import Execution

Style: TypeAlias = Callable[[str, str], str]
"""Decorates a string by its role: "time", "name", "ok", "caught", "failed", "note"."""

WIDTH = 60
"""Most characters of a shortened value."""

MOST_LINES = 20
"""Iterations of a state to show. After these, only failed ones are shown."""


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
