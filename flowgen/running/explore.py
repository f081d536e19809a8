"""Tries every way in which the calls of a program can fail, and shows the outcome of each execution.

A call fails with each error that a retrier or catcher of its state names, with each error that its function declares,
and with States.Timeout: once, if it would be retried, and permanently. A state that is reached only after a failure is
explored below that failure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from flowgen.asl.reserved_errors import TIMEOUT
from flowgen.diagnostics import Diagnostic
from flowgen.diagnostics.render.display import visible
from flowgen.local import Execution
from flowgen.local.clock import in_words
from flowgen.local.history import Event
from flowgen.local.retry import compile_retriers, find_retrier
from flowgen.local.trace import Style
from flowgen.local.values import JSON
from flowgen.running.lambda_causes import fault
from flowgen.running.program import Program, step_of
from flowgen.running.runs import Options, Outcome, run

Definition = Mapping[str, JSON]

_GENERAL = {"States.ALL": "States.TaskFailed"}
"""Wildcards, and a representative error name for each."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One execution: the failing state, its error, the number of failures (None: every time), and earlier faults."""

    state: str
    error: str
    times: int | None
    before: tuple[Trial, ...]
    execution: Execution

    @property
    def path(self) -> tuple[str, ...]:
        return path_of(self.execution)


@dataclass(frozen=True, slots=True)
class Exploration:
    """The execution without faults, the trials in order, and the calls that no trial reached."""

    base: Execution
    trials: tuple[Trial, ...]
    unreached: tuple[str, ...]
    stopped: tuple[Diagnostic, ...]


def explore(program: Program, value: JSON, options: Options, say: Callable[[str], None] | None) -> Exploration:
    """Runs a program once for each injected error. `say` receives the progress."""
    tasks = {name: state for name, state in program.states() if state.get("Type") == "Task"}
    stopped: dict[Diagnostic, None] = {}

    def once(faults: tuple[Trial, ...]) -> Outcome:
        failures = dict(options.failures)
        for trial in faults:
            put = fault(program, trial.state, trial.error, trial.times)
            failures[trial.state] = (put, *failures.get(trial.state, ()))
        outcome = run(program, value, replace(options, failures=failures))
        if outcome.stopped is not None:
            stopped.setdefault(outcome.stopped)
        return outcome

    first = once(())
    base = first.execution
    ways: dict[str, tuple[Trial, ...]] = dict.fromkeys(_entered(first, tasks), ())
    trials: list[Trial] = []
    queue = list(ways)
    while queue:
        state = queue.pop(0)
        for error, times in _faults(program, state, tasks[state]):
            if say is not None:
                say(f"{state}: {error}")
            trial = Trial(state, error, times, ways[state], base)
            outcome = once((*ways[state], trial))
            trial = replace(trial, execution=outcome.execution)
            trials.append(trial)
            for reached in _entered(outcome, tasks):
                if reached not in ways:
                    ways[reached] = (*ways[state], trial)
                    queue.append(reached)
    order = {name: place for place, name in enumerate(tasks)}
    trials.sort(key=lambda trial: order[trial.state])
    return Exploration(base, tuple(trials), tuple(name for name in tasks if name not in ways), tuple(stopped))


def _entered(outcome: Outcome, tasks: Mapping[str, Definition]) -> list[str]:
    """The calls that were reached, including those in child executions."""
    events = (outcome.execution.events, *outcome.inside.values())
    return [name for name in dict.fromkeys(name for listed in events for name in _path(listed)) if name in tasks]


def path_of(execution: Execution) -> tuple[str, ...]:
    """The states in the order in which they were entered."""
    return _path(execution.events)


def _path(events: Iterable[Event]) -> tuple[str, ...]:
    return tuple(event.details["name"] for event in events if event.type.endswith("StateEntered"))


def _faults(program: Program, state: str, definition: Definition) -> Iterator[tuple[str, int | None]]:
    """The errors to try, each with the number of failures: once, if a retry follows, and permanently."""
    called = program.called.get(state) or program.children.get(state)
    entries = [*definition.get("Retry", ()), *definition.get("Catch", ())]
    named = [_GENERAL.get(name, name) for entry in entries for name in entry["ErrorEquals"]]
    declared = list(called.errors) if called is not None else []
    if called is not None:
        # The catcher of a group is on each state in it; the errors of a function are in its contract.
        named = [name for name in named if "." in name or name in called.errors]
    retriers = compile_retriers(definition, "")
    for error in dict.fromkeys([*declared, *named, TIMEOUT]):
        index = find_retrier(retriers, error)
        if index is not None and retriers[index].attempts > 0:
            yield error, 1
        yield error, None


def as_json(found: Exploration) -> dict[str, JSON]:
    """The exploration as a JSON object."""
    return {
        "base": _result(found.base),
        "trials": [
            {
                "step": trial.state,
                "error": trial.error,
                "times": "always" if trial.times is None else trial.times,
                "after": [{"step": other.state, "error": other.error} for other in trial.before],
                **_result(trial.execution),
            }
            for trial in found.trials
        ],
        "unreached": list(found.unreached),
    }


def _result(execution: Execution) -> dict[str, JSON]:
    result = {
        "status": execution.status,
        "error": execution.error,
        "elapsed": execution.elapsed,
        "path": list(path_of(execution)),
    }
    return {name: value for name, value in result.items() if value is not None}


def as_text(found: Exploration, style: Style | None) -> str:
    """A table of the failures with the resulting status, time and path.

    Rows of a step that differ only in the error are merged. A path starts after the failing step.
    """
    decorate = style or (lambda text, _role: text)
    base = path_of(found.base)
    rows = [("step", "fails with", "times", "status", "after", "continues with")]
    time = in_words(found.base.elapsed)
    rows.append(("", "", "", _status(found.base, None), time, " > ".join(_shown(base))))
    grouped: dict[tuple[str, ...], list[str]] = {}
    for trial in found.trials:
        before = "".join(f"{other.state}={other.error}, " for other in trial.before)
        key = (
            before + trial.state,
            "always" if trial.times is None else "once",
            _status(trial.execution, trial.error),
            in_words(trial.execution.elapsed),
            _onward(trial, base),
        )
        grouped.setdefault(key, []).append(trial.error)
    for (step, times, status, time, onward), errors in grouped.items():
        rows += [(step, errors[0], times, status, time, onward)]
        rows += [("", error, "", "", "", "") for error in errors[1:]]
    shown = [[visible(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in shown) for column in range(len(rows[0]))]
    lines = []
    for number, row in enumerate(shown):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        if number == 0:
            cells = [decorate(cell, "note") for cell in cells]
        elif row[3]:
            cells[3] = decorate(cells[3], "ok" if row[3] == "SUCCEEDED" else "failed")
        lines.append("  ".join(cells).rstrip())
    ends: dict[str, int] = {}
    for trial in found.trials:
        ends[trial.execution.status] = ends.get(trial.execution.status, 0) + 1
    counts = ", ".join(f"{count} {status}" for status, count in sorted(ends.items()))
    lines += ["", f"{len(found.trials)} injected errors: {counts}" if found.trials else "no call to fail"]
    if found.unreached:
        lines.append(f"not reached with this input: {', '.join(found.unreached)}")
    return "\n".join(lines)


def _status(execution: Execution, error: str | None) -> str:
    """The status and the error; only the status if the error is the injected one."""
    if execution.error is None or execution.error == error:
        return execution.status
    return f"{execution.status} {execution.error}"


def _onward(trial: Trial, base: tuple[str, ...]) -> str:
    """The path after the failing state."""
    path = trial.path
    if path == base and trial.execution.status == "SUCCEEDED":
        return "same path"
    places = [place for place, state in enumerate(path) if state == trial.state]
    if not places:
        # It failed in a child execution.
        return " > ".join(_shown(path))
    return " > ".join(_shown(path[places[-1] + 1 :])) or "ends there"


def _shown(path: tuple[str, ...]) -> list[str]:
    """The steps of a path. Consecutive states or rounds of the same step are listed once."""
    steps: list[str] = []
    for state in path:
        step = step_of(state)
        if not steps or steps[-1] != step:
            steps.append(step)
    most = 8
    return steps if len(steps) <= most else [*steps[: most - 1], "…", steps[-1]]
