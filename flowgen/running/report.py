"""The result of a run, as text for people and as JSON for programs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from flowgen.asl.json_text import parse
from flowgen.diagnostics import Span
from flowgen.diagnostics.render.display import visible
from flowgen.local import Execution, render_trace
from flowgen.local.trace import Style, size_in_words
from flowgen.local.values import JSON, encode
from flowgen.local.visits import Visit
from flowgen.running.failed_step import FailedCompensation, failed_compensations, failed_step
from flowgen.running.program import Program, step_of
from flowgen.running.runs import Outcome

WIDTH = 800
"""Most characters of the failing step's input to show."""

_GENERATED = re.compile(r'^ *File "[^"\n]*[/\\]generated[/\\][^"\n]*", line ')
"""A frame of generated code, which users cannot fix."""


def as_json(execution: Execution) -> dict[str, JSON]:
    """The execution as JSON: status, output or error and cause, failed compensations, virtual seconds, history."""
    undone = [
        {"step": compensation.step, "error": compensation.error, "cause": compensation.cause}
        for compensation in failed_compensations(execution.events)
    ]
    fields = {
        "status": execution.status,
        "output": execution.output,
        "error": execution.error,
        "cause": execution.cause,
        **({"failed_compensations": undone} if undone else {}),
        "elapsed": execution.elapsed,
        "history": execution.history,
    }
    omitted = ("error", "cause") if execution.status == "SUCCEEDED" else ("output",)
    return {name: value for name, value in fields.items() if name not in omitted}


def history(execution: Execution) -> str:
    """The history as JSON text, in the format of `aws stepfunctions get-execution-history`."""
    return json.dumps({"events": execution.history}, indent=2, ensure_ascii=False) + "\n"


def as_text(program: Program, outcome: Outcome, style: Style | None) -> str:
    """The trace. If the execution failed, the failing step, its line, its input and the cause come first."""
    execution = outcome.execution
    trace = render_trace(execution, style=style, inside=outcome.inside)
    if execution.status in {"SUCCEEDED", "RUNNING"}:
        return trace
    visit = failed_step(execution.events, outcome.inside)
    if visit is None:
        return trace
    undone = failed_compensations(execution.events, outcome.inside)
    rows = [*_failure(program, execution, visit, style or _plain), *_not_undone(undone, style or _plain)]
    return "\n".join([*rows, "", trace])


def _not_undone(failed: Iterable[FailedCompensation], style: Style) -> Iterator[str]:
    for undo in failed:
        error = ": ".join(filter(None, (undo.error, _cause(undo.cause)[0] if undo.cause else None)))
        yield f"{style('undo', 'note')}   {style(undo.step, 'name')} is not undone: {style(visible(error), 'failed')}"


def _plain(text: str, _role: str) -> str:
    return text


def _failure(program: Program, execution: Execution, visit: Visit, style: Style) -> list[str]:
    span = program.place(visit.name)
    error = execution.error or execution.status
    rows = [f"{style(error, 'failed')} in {style(step_of(visit.name) if span else visit.name, 'name')}"]
    if span is not None:
        rows += _source(program, span, style)
    shown = visible(encode(visit.input))
    if len(shown) > WIDTH:
        shown = f"{shown[:WIDTH]}… ({size_in_words(shown)})"
    rows.append(f"{style('input', 'note')}  {shown}")
    if execution.cause is not None:
        first, *rest = map(visible, _cause(execution.cause))
        rows += [f"{style('cause', 'note')}  {first}", *(f"       {line}" for line in rest)]
    return rows


def _source(program: Program, span: Span, style: Style) -> list[str]:
    lines = program.sources.get(span.file, "").splitlines()
    rows = [style(f"  --> {span.file}:{span.start.line}:{span.start.column}", "note")]
    if span.start.line <= len(lines):
        rows.append(f"{style(f'{span.start.line:>4} |', 'note')} {visible(lines[span.start.line - 1])}")
    return rows


def _cause(cause: str) -> list[str]:
    """The lines of a readable cause. For an exception in a function, these are its message and its stack trace."""
    try:
        parsed = parse(cause)
    except ValueError:
        return cause.splitlines() or [""]
    if isinstance(parsed, dict) and "ExecutionArn" in parsed and isinstance(parsed.get("Cause"), str):
        return _cause(parsed["Cause"])
    if not isinstance(parsed, dict) or not isinstance(parsed.get("errorMessage"), str):
        return [cause]
    trace = parsed.get("stackTrace")
    frames = [frame for frame in trace if isinstance(frame, str) and not _GENERATED.search(frame)] if trace else []
    return [
        *(parsed["errorMessage"].splitlines() or [""]),
        *(line for frame in frames for line in frame.rstrip().splitlines()),
    ]
