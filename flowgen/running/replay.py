"""Replays a recorded execution with the current definition and the recorded task results, and compares the two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from flowgen.local import Execution
from flowgen.local.clock import in_words
from flowgen.local.frame import Identity
from flowgen.local.history import Event
from flowgen.local.runtime_types import Request
from flowgen.local.trace import Style
from flowgen.local.values import JSON, encode
from flowgen.local.visits import Line, Visit, build_tree
from flowgen.running.program import Program
from flowgen.running.recorded import Attempt, Playback, Recording, essence
from flowgen.running.runs import Options, run

WIDTH = 100

_MAP_RUN = "arn:aws:states:::flowgen:mapRun"


@dataclass(frozen=True, slots=True)
class Change:
    """A difference at a state: `what` is "only recorded", "only today", "state", "input", "output" or "called with"."""

    depth: int
    state: str
    what: str
    before: JSON = None
    after: JSON = None


@dataclass(frozen=True, slots=True)
class Replay:
    """The replayed execution, and its differences to the recorded one, in the order of the path."""

    recording: Recording
    execution: Execution
    rows: tuple[tuple[int, str, tuple[Change, ...]], ...]
    calls: tuple[Change, ...]
    missing: tuple[str, ...]
    unused: tuple[str, ...]

    @property
    def differs(self) -> bool:
        return bool(
            any(changes for _, _, changes in self.rows) or self.calls or self.missing or self.unused or self.ends
        )

    @property
    def ends(self) -> tuple[Change, ...]:
        """The differences between the ends of the two executions."""
        before, after = self.recording, self.execution
        pairs = [
            ("status", before.status, after.status),
            ("error", before.error, after.error),
            ("cause", before.cause, after.cause) if before.error == after.error else ("cause", None, None),
            ("output", before.output, after.output),
        ]
        return tuple(Change(0, "", what, old, new) for what, old, new in pairs if not _equal(old, new))


def replay(program: Program, recording: Recording, options: Options) -> Replay:
    """Runs a program with a recorded input and the recorded results of its calls.

    Calls that were not recorded use the mocks of the options, or end the run.
    """
    playback = Playback((*recording.attempts, *_map_results(recording)))
    known = {name for name, _ in program.states()}
    played = replace(
        program,
        definition=_with_map_runs(program.definition, recording.map_runs & known),
        machines={},
    )
    outcome = run(
        played,
        recording.input,
        replace(options, first=playback, start=recording.start, identity=Identity(machine=program.name)),
    )
    before, after = _flat(recording.events), _flat(outcome.execution.events)
    return Replay(
        recording,
        outcome.execution,
        tuple(_aligned(before, after)),
        tuple(
            Change(0, request.state, "called with", essence(attempt.arguments), essence(request.arguments))
            for request, attempt in playback.changed
        ),
        tuple(request.state for request in _unanswered(playback.unknown, outcome.stopped is not None)),
        tuple(attempt.state for attempt in playback.unused),
    )


def _unanswered(unknown: list[Request], stopped: bool) -> list[Request]:  # noqa: FBT001 - inner
    return unknown[-1:] if stopped else []


def _map_results(recording: Recording) -> list[Attempt]:
    """Attempts that replace distributed Map states: the whole Map run, with the state's recorded output."""
    found = []
    entered: dict[str, Event] = {}
    for event in recording.events:
        name = event.details.get("name")
        if name not in recording.map_runs:
            continue
        if event.type == "MapStateEntered":
            entered[name] = event
        elif event.type == "MapStateExited":
            start = entered[name]
            found.append(Attempt(name, start.details["input"], event.time - start.time, event.details.get("output")))
    return found


def _with_map_runs(definition: Mapping[str, JSON], names: frozenset[str] | set[str]) -> Mapping[str, JSON]:
    """The definition with a task for each Map run, because the recording lacks the histories of its children."""
    if not names:
        return definition
    states = {}
    for name, state in definition.get("States", {}).items():
        if name in names and state.get("Type") == "Map":
            kept = {key: state[key] for key in ("Next", "End", "QueryLanguage", "Assign", "Catch") if key in state}
            states[name] = {"Type": "Task", "Resource": _MAP_RUN, **kept}
            continue
        branches = [_with_map_runs(branch, names) for branch in state.get("Branches", ())]
        states[name] = {**state, "Branches": branches} if branches else state
    return {**definition, "States": states}


def _flat(events: tuple[Event, ...]) -> list[tuple[int, Visit]]:
    """The visits in the order of the trace, each with its depth. Iterations are in the order of their items."""
    rows: list[tuple[int, Visit]] = []

    def add(line: Line, depth: int) -> None:
        for visit in line.visits:
            rows.append((depth, visit))
            for inner in sorted(visit.lines, key=_number):
                add(inner, depth + 1)

    add(build_tree(events), 0)
    return rows


def _number(line: Line) -> int:
    digits = "".join(filter(str.isdigit, line.label))
    return int(digits) if digits else 0


def _aligned(
    before: list[tuple[int, Visit]], after: list[tuple[int, Visit]]
) -> list[tuple[int, str, tuple[Change, ...]]]:
    old_keys, new_keys = ([(depth, visit.name) for depth, visit in visits] for visits in (before, after))
    rows: list[tuple[int, str, tuple[Change, ...]]] = []
    for _, low, high, other_low, other_high in SequenceMatcher(None, old_keys, new_keys, autojunk=False).get_opcodes():
        if old_keys[low:high] == new_keys[other_low:other_high]:
            pairs = zip(before[low:high], after[other_low:other_high], strict=True)
            rows += [(depth, old.name, _compared(depth, old, new)) for (depth, old), (_, new) in pairs]
            continue
        rows += [(d, v.name, (Change(d, v.name, "only recorded"),)) for d, v in before[low:high]]
        rows += [(d, v.name, (Change(d, v.name, "only today"),)) for d, v in after[other_low:other_high]]
    return rows


def _compared(depth: int, old: Visit, new: Visit) -> tuple[Change, ...]:
    changes = []
    if not _equal(old.input, new.input):
        changes.append(Change(depth, old.name, "input", old.input, new.input))
    if (old.ended is None) != (new.ended is None):
        ends = ["never left" if visit.ended is None else "left" for visit in (old, new)]
        changes.append(Change(depth, old.name, "state", *ends))
    elif not _equal(old.output, new.output):
        changes.append(Change(depth, old.name, "output", old.output, new.output))
    return tuple(changes)


def _equal(old: JSON, new: JSON) -> bool:
    """Whether two values are the same JSON: members have no order, 1.0 equals 1, and `true` does not."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(_equal(value, new[name]) for name, value in old.items())
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(_equal(*pair) for pair in zip(old, new, strict=True))
    return isinstance(old, bool) == isinstance(new, bool) and bool(old == new)


def as_json(found: Replay) -> dict[str, JSON]:
    """All differences as JSON."""
    changes = [change for _, _, changes in found.rows for change in changes] + list(found.calls)
    return {
        "differs": found.differs,
        "recorded": {"status": found.recording.status, "error": found.recording.error},
        "today": {"status": found.execution.status, "error": found.execution.error},
        "path": [name for _, name, _ in found.rows],
        "differences": [
            {
                "state": c.state,
                "what": c.what,
                **({} if c.what.startswith("only") else {"recorded": c.before, "today": c.after}),
            }
            for c in (*changes, *found.ends)
        ],
        "calls_without_result": list(found.missing),
        "results_not_used": list(found.unused),
    }


def as_text(found: Replay, style: Style | None) -> str:
    """The path, with the differences below each state."""
    decorate = style or (lambda text, _role: text)
    rows = []
    shown: set[str] = set()
    for depth, name, changes in found.rows:
        mark, role = " ", "note"
        if any(change.what == "only recorded" for change in changes):
            mark, role = "-", "failed"
        elif any(change.what == "only today" for change in changes):
            mark, role = "+", "ok"
        elif changes:
            mark, role = "~", "name"
        rows.append(decorate(f"{mark} {'  ' * depth}{name}", role))
        rows += [
            line for c in changes if not c.what.startswith("only") for line in _difference(c, "  " * depth, decorate)
        ]
        calls = [call for call in found.calls if call.state == name and name not in shown]
        shown.add(name)
        rows += [line for call in calls for line in _difference(call, "  " * depth, decorate)]
    rows += [f"? {state}: the history has no result for this call" for state in found.missing]
    rows += [f"? {state}: a recorded result is unused" for state in dict.fromkeys(found.unused)]
    rows += [line for change in found.ends for line in _difference(change, "", decorate)]
    end = "differs from" if found.differs else "matches"
    rows.append(
        f"the replay {end} the recorded execution: {found.execution.status} after {in_words(found.execution.elapsed)}"
    )
    return "\n".join(rows)


def _difference(change: Change, indent: str, decorate: Style) -> list[str]:
    return [
        f"    {indent}{change.what}",
        decorate(f"    {indent}  - {_short(change.before)}", "failed"),
        decorate(f"    {indent}  + {_short(change.after)}", "ok"),
    ]


def _short(value: JSON) -> str:
    text = value if isinstance(value, str) else encode(value)
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"
