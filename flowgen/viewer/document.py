"""The run document: what the viewer needs to know about executions, as JSON.

- `sources`: the files of the workflows, `{file, text}`.
- `machines`: `{name, outline, states, diagram}`. `outline` has the states in the order of the definition,
  `{name, step, type, inner}` with the outlines of its branches in `inner`; `states` the source (an index) and the line
  of each state; `diagram` an SVG, whose style is that of the page.
- `values`: every JSON value that occurs, once. Elsewhere, values are indexes into this list.
- `runs`: an execution each, those that others started after them: `{name, machine, parent, status, start, began,
  elapsed, input, output, error, cause, focus, events}`. `parent` is `{run, visit}` or null. `focus` is the visit to
  look at first, or null.

An event is `{type, time, previous, visit, details}` with `time` in seconds since `start`, and its values `input`,
`output`, `parameters` and `variables`. A `StateEntered` event begins the visit; it has the `parent` visit and the
`label` of its branch or iteration. A `StateExited` event can have `caught`, and events that report started executions
have `runs`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flowgen.diagnostics.passwords import without_passwords
from flowgen.diagrams import structure_of_machine, svg
from flowgen.diagrams.svg import STYLE
from flowgen.local import Execution
from flowgen.local.history import Event, iso_time
from flowgen.local.values import JSON, encode
from flowgen.local.visits import Placed, Visit, executions_named, place_events
from flowgen.running.failed_step import failed_step
from flowgen.running.masking import mask_execution
from flowgen.running.program import Definition, Program, step_of

FORMAT = 1
"""The version of the document."""

_VALUES = ("input", "output", "parameters")
_HIDDEN = frozenset({*_VALUES, "name", "assignedVariables", "inputDetails", "outputDetails"})


@dataclass(frozen=True, slots=True)
class Recorded:
    """An execution to show, and the events of the executions that it started, by ARN."""

    program: Program
    execution: Execution
    inside: Mapping[str, Iterable[Event]] = field(default_factory=dict)
    name: str | None = None
    """The name of the execution, if it has one that people know."""


def run_document(title: str, recorded: Iterable[Recorded]) -> dict[str, JSON]:
    """The document of executions, with masked secrets. The viewer shows the last one first."""
    builder = _Builder()
    last = 0
    for one in recorded:
        last = builder.add(one)
    return builder.document(title, last)


def machine_document(program: Program) -> dict[str, JSON]:
    """The document of a machine without an execution: `sources` and one of `machines`."""
    builder = _Builder()
    builder.add_machine(program)
    return builder.document(program.name, 0)


class _Builder:
    def __init__(self) -> None:
        self.sources: dict[str, str] = {}
        self.machines: list[dict[str, JSON]] = []
        self.values: list[JSON] = []
        self.runs: list[dict[str, JSON]] = []
        self._value_at: dict[str, int] = {}
        self._machine_at: dict[tuple[int, str], int] = {}

    def document(self, title: str, shown: int) -> dict[str, JSON]:
        return {
            "format": FORMAT,
            "title": title,
            "sources": [{"file": file, "text": without_passwords(text)} for file, text in self.sources.items()],
            "machines": self.machines,
            "values": self.values,
            "runs": self.runs,
            "shown": shown,
        }

    def add_machine(self, program: Program) -> int:
        """Add the machine of a program, and its sources. Returns its index."""
        self.sources.update(program.sources)
        return self._machine(program, program.name, program.definition)

    def add(self, recorded: Recorded) -> int:
        """Add an execution and those that it started. Returns its index."""
        program = recorded.program
        machine = self.add_machine(program)
        execution, inside = mask_execution(recorded.execution, recorded.inside, program.secrets)
        name = recorded.name or program.name
        run = _Run(name, machine, execution, execution.events)
        return self._add_run(run, program, inside, {})

    def _add_run(
        self, run: _Run, program: Program, inside: Mapping[str, Sequence[Event]], known: dict[str, int]
    ) -> int:
        index = len(self.runs)
        execution = run.execution
        made: dict[str, JSON] = {
            "name": run.name,
            "machine": run.machine,
            "parent": run.parent,
            "status": execution.status,
            "start": iso_time(execution.start, 0),
            "began": run.events[0].time if run.events else 0.0,
            "elapsed": execution.elapsed,
            "input": self._value(run.events[0].details.get("input") if run.events else None),
            "output": self._value(execution.output) if execution.status == "SUCCEEDED" else None,
            "error": execution.error,
            "cause": execution.cause,
        }
        self.runs.append(made)
        placed = place_events(run.events)
        numbers: dict[int, int] = {}  # of visits, by identity: visits with the same content are equal
        for found in placed:
            if found.visit is not None:
                numbers.setdefault(id(found.visit), len(numbers))
        made["focus"] = (
            _focus(placed, numbers, run.events) if execution.status not in {"SUCCEEDED", "RUNNING"} else None
        )
        events = []
        for found in placed:
            shown = self._event(found, numbers)
            started = [
                known[arn] if arn in known else self._add_child(arn, index, shown["visit"], run, program, inside, known)
                for arn in executions_named(found.event, inside)
            ]
            if started:
                shown["runs"] = started
            events.append(shown)
        made["events"] = events
        return index

    def _add_child(
        self,
        arn: str,
        parent: int,
        visit: int | None,
        run: _Run,
        program: Program,
        inside: Mapping[str, Sequence[Event]],
        known: dict[str, int],
    ) -> int:
        """Add the execution with an ARN, `…:execution:machine:name` or `…:express:machine:name:id`."""
        known[arn] = len(self.runs)
        machine, name = arn.split(":")[6:8] if len(arn.split(":")) > 7 else ("", arn)  # noqa: PLR2004 - the machine's part
        events = inside[arn]
        key = next((key for key in program.machines if machine in {key, key.rpartition(":")[2]}), None)
        at = run.machine
        if key is not None:
            at = self._machine(program, program.machine_names.get(key, machine), program.machines[key])
        child = _Run(name, at, _ending(events, run.execution), events, {"run": parent, "visit": visit})
        return self._add_run(child, program, inside, known)

    def _event(self, found: Placed, numbers: Mapping[int, int]) -> dict[str, JSON]:
        event, visit = found.event, found.visit
        details = event.details
        shown: dict[str, JSON] = {
            "type": event.type,
            "time": event.time,
            "previous": event.previous,
            "visit": None if visit is None else numbers[id(visit)],
        }
        if event.type.endswith("StateEntered"):
            owner = found.line.owner
            parent = None if owner is None else numbers[id(owner)]
            shown |= {"name": details["name"], "parent": parent, "label": found.line.label}
        elif event.type.endswith("StateExited") and visit is not None and visit.caught:
            shown["caught"] = True
        shown |= {name: self._value(details[name]) for name in _VALUES if name in details}
        variables = details.get("assignedVariables")
        if variables:
            shown["variables"] = {name: self._value(value) for name, value in variables.items()}
        rest = {name: value for name, value in details.items() if name not in _HIDDEN}
        if rest:
            shown["details"] = rest
        return shown

    def _value(self, value: JSON) -> int:
        """The index of a value."""
        text = encode(value)
        if text not in self._value_at:
            self._value_at[text] = len(self.values)
            self.values.append(value)
        return self._value_at[text]

    def _machine(self, program: Program, name: str, definition: Definition) -> int:
        key = (id(program), name)
        if key not in self._machine_at:
            self._machine_at[key] = len(self.machines)
            files = list(self.sources)
            self.machines.append(
                {
                    "name": name,
                    "outline": _outline(definition),
                    "diagram": _diagram(definition, name),
                    "states": {
                        state: {"source": files.index(span.file), "line": span.start.line}
                        for state in _names(definition)
                        if (span := program.place(state)) is not None and span.file in self.sources
                    },
                }
            )
        return self._machine_at[key]


@dataclass(frozen=True, slots=True)
class _Run:
    name: str
    machine: int
    execution: Execution
    events: Sequence[Event]
    parent: dict[str, int | None] | None = None


def _focus(placed: Iterable[Placed], numbers: Mapping[int, int], events: Sequence[Event]) -> int | None:
    """The visit in which an execution failed."""
    failed = failed_step(events)
    if failed is None:
        return None
    # `failed_step` builds visits again, so the visit is found by what it is.
    same: Iterator[Visit] = (
        found.visit
        for found in placed
        if found.visit is not None and (found.visit.name, found.visit.began) == (failed.name, failed.began)
    )
    return max((numbers[id(visit)] for visit in same), default=None)


_ENDINGS = {
    "ExecutionSucceeded": "SUCCEEDED",
    "ExecutionFailed": "FAILED",
    "ExecutionTimedOut": "TIMED_OUT",
    "ExecutionAborted": "ABORTED",
}


def _ending(events: Sequence[Event], parent: Execution) -> Execution:
    """How an execution that another one started ended, from its last event."""
    last = events[-1] if events else None
    details = {} if last is None else last.details
    took = 0.0 if last is None else last.time - events[0].time
    status = "RUNNING" if last is None else _ENDINGS.get(last.type, "RUNNING")
    return Execution(
        status, details.get("output"), details.get("error"), details.get("cause"), took, parent.start, tuple(events)
    )


def _diagram(definition: Definition, name: str) -> str:
    return svg(structure_of_machine(definition, name)).replace(f"<style>\n{STYLE}\n</style>\n", "")


def _outline(definition: Definition) -> list[dict[str, Any]]:
    """The states of a machine, with those of their branches below them."""
    return [
        {
            "name": name,
            "step": step_of(name),
            "type": state.get("Type"),
            "inner": [_outline(inner) for inner in _inner(state)],
        }
        for name, state in definition.get("States", {}).items()
    ]


def _inner(state: Definition) -> list[Definition]:
    found = (*state.get("Branches", ()), state.get("ItemProcessor"), state.get("Iterator"))
    return [inner for inner in found if inner is not None]


def _names(definition: Definition) -> Iterator[str]:
    for name, state in definition.get("States", {}).items():
        yield name
        for inner in _inner(state):
            yield from _names(inner)
