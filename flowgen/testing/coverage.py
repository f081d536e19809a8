"""The coverage of a workflow: which states, branches, catchers and retriers the runs used.

Only parts that are written in the workflow count. What the compiler adds (states with `__` in their names, the retrier
for Lambda's own errors) needs no test. A catcher or retrier that several states share is one part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from flowgen.running.program import states_of, step_of

if TYPE_CHECKING:
    from flowgen.model import Step, Workflow

Mark: TypeAlias = tuple[str, str, int]
"""The runner's report that it used a part: its kind, its state, and its index in the state."""

KINDS = ("state", "branch", "catcher", "retrier")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a workflow: its line (0: unknown), and the marks of which any shows that it was used."""

    kind: str
    line: int
    text: str
    marks: frozenset[Mark]


@dataclass(slots=True)
class Observed:
    """The parts of each workflow, and the marks of its runs, by file."""

    parts: dict[str, tuple[Part, ...]] = field(default_factory=dict)
    marks: dict[str, set[Mark]] = field(default_factory=dict)

    def add(self, file: str, parts: tuple[Part, ...]) -> None:
        """Adds a workflow."""
        self.parts.setdefault(file, parts)
        self.marks.setdefault(file, set())

    def observer(self, file: str) -> Callable[[str, str, int], None]:
        """A callback that records the marks of a workflow's runs."""
        marks = self.marks[file]
        return lambda kind, state, place: marks.add((kind, state, place))

    def merge(self, file: str, marks: set[Mark]) -> None:
        """Adds marks from another process."""
        self.marks.setdefault(file, set()).update(marks)

    def missed(self, file: str) -> list[Part]:
        """The parts of a workflow that no run used, sorted by line."""
        marks = self.marks[file]
        return sorted((part for part in self.parts[file] if part.marks.isdisjoint(marks)), key=lambda part: part.line)

    def percent(self) -> float:
        """The percentage of parts that were used; 100 if there are no parts."""
        total = sum(map(len, self.parts.values()))
        missed = sum(len(self.missed(file)) for file in self.parts)
        return 100.0 if not total else 100 * (total - missed) / total


def report(observed: Observed) -> list[str]:
    """The lines of the report: the figures of each workflow, and the unused parts with their positions."""
    width = max([len(file) for file in observed.parts] + [len("workflow")])
    rows = [f"{'workflow':{width}}  {'states':>9}  {'branches':>9}  {'catchers':>9}  {'retriers':>9}   used"]
    for file, parts in sorted(observed.parts.items()):
        missed = observed.missed(file)
        figures = [_figure(parts, missed, kind) for kind in KINDS]
        used = 100 if not parts else 100 * (len(parts) - len(missed)) // len(parts)
        rows.append(f"{file:{width}}  {'  '.join(f'{figure:>9}' for figure in figures)}   {used:3}%")
        rows += [f"    {_place(file, part)}  {part.kind} {part.text}" for part in missed]
    return rows


def _figure(parts: tuple[Part, ...], missed: list[Part], kind: str) -> str:
    total = sum(part.kind == kind for part in parts)
    return f"{total - sum(part.kind == kind for part in missed)} of {total}" if total else "-"


def _place(file: str, part: Part) -> str:
    return f"{file}:{part.line}" if part.line else file


def parts_of(
    machine: Mapping[str, Any], workflow: Workflow | None, lines: Mapping[str, int] | None = None
) -> tuple[Part, ...]:
    """The parts of a definition: compiled from `workflow`, or in ASL with `lines` (from 1) by state."""
    places = _Places(workflow, lines or {})
    states = dict(states_of(machine))
    return (
        *(
            Part("state", places.state(name), f"`{name}`", frozenset({("state", name, 0)}))
            for name in states
            if places.is_written(name)
        ),
        *_branches(states, places),
        *_catchers(states, places),
        *_retriers(states, places),
    )


class _Places:
    """The positions of parts in the workflow's file, if there is one."""

    def __init__(self, workflow: Workflow | None, lines: Mapping[str, int]) -> None:
        self.workflow = workflow
        self.lines = lines
        self.steps: dict[str, Step] = {}
        if workflow is not None:
            from flowgen.model import every_step

            self.steps = {step.id: step for step in every_step(workflow)}

    def is_written(self, state: str) -> bool:
        """Whether a state is written in the file, and not added by the compiler."""
        return self.workflow is None or state in self.steps or state.endswith("__undo")

    def owner(self, state: str) -> Step | None:
        return None if self.workflow is None else self.steps.get(step_of(state))

    def state(self, state: str) -> int:
        owner = self.owner(state)
        if owner is None:
            return self.lines.get(state, 0)
        return owner.span_of("compensate" if state.endswith("__undo") else "id").start.line

    def rule(self, state: str, place: int) -> tuple[int, str]:
        """The line and the description of a rule of a Choice state (-1: its default)."""
        step = self.owner(state)
        if step is None:
            return self.state(state), f"`{state}`: " + ("default" if place < 0 else f"choice {place + 1}")
        if state.endswith("__if"):
            return step.span_of("if").start.line, f"`{step.id}`: " + ("if" if place == 0 else "skipped")
        rules = getattr(step, "rules", ())
        if place >= 0 and place < len(rules):
            line: int = rules[place].span_of("when").start.line
            return line, f"`{state}`: when {' '.join(rules[place].when.text.split())}"
        cases = getattr(step, "cases", ())
        if place >= 0 and place < len(cases):
            return cases[place].key.span.start.line, f"`{state}`: case {cases[place].key.text}"
        line = step.span_of("else" if rules or cases else step.kind).start.line
        return line, f"`{state}`: " + ("else" if place < 0 else f"choice {place + 1}")

    def catcher(self, state: str, target: str, errors: tuple[str, ...]) -> int:
        """The line of the catcher whose steps start with the owner of `target`, else of the state."""
        if self.workflow is None:
            return self.state(state)
        from flowgen.model import catchers_at

        owned = (catcher for step in self.steps.values() for catcher in catchers_at(step))
        for catcher in (*owned, *self.workflow.catch):
            names = tuple("States.ALL" if error == "any" else error for error in catcher.errors)
            steps = catcher.steps
            if catcher.handler is not None:
                steps = self.workflow.handlers[catcher.handler].steps
            if names == errors and steps and steps[0].id == step_of(target):
                return catcher.span_of("errors").start.line
        return self.state(state)

    def retrier(self, state: str) -> tuple[int, str]:
        """The line of a state's `retry`, and its owner: the step, its function or the workflow."""
        from flowgen.model.task_settings import retry_of

        step = self.owner(state)
        if step is None or self.workflow is None:
            return self.state(state), f"`{state}`"
        found = retry_of(self.workflow, step)
        if found is None:
            return self.state(state), f"`{state}`"
        return found.owner.span_of("retry").start.line, found.name


def _branches(states: Mapping[str, Mapping[str, Any]], places: _Places) -> Iterator[Part]:
    for name, state in states.items():
        if state.get("Type") != "Choice" or name.endswith(("__catch", "__check")):
            continue
        # Without `else`, a `match` covers all values of its type: only a value of a different type reaches the default.
        exhaustive = getattr(places.owner(name), "kind", "") == "match" and name in places.steps
        exhaustive = exhaustive and getattr(places.steps[name], "otherwise", None) is None
        last = (-1,) if "Default" in state and not exhaustive else ()
        for place in (*range(len(state["Choices"])), *last):
            line, text = places.rule(name, place)
            yield Part("branch", line, text, frozenset({("rule", name, place)}))


def _catchers(states: Mapping[str, Mapping[str, Any]], places: _Places) -> Iterator[Part]:
    found: dict[tuple[str, tuple[str, ...]], tuple[str, set[Mark]]] = {}
    for name, state in states.items():
        for place, catcher in enumerate(state.get("Catch", ())):
            # In a definition that flowgen did not compile, catchers are not shared.
            owner = "" if places.workflow is not None else name
            key = (f"{owner}{catcher['Next']}", tuple(catcher["ErrorEquals"]))
            _, marks = found.setdefault(key, (name, set()))
            marks.add(("catcher", name, place))
    for (target, errors), (name, marks) in found.items():
        line = places.catcher(name, target, errors)
        marks |= set(_jumps(states, places, target))
        yield Part("catcher", line, f"of {_names(errors)}, first on `{name}`", frozenset(marks))


def _jumps(states: Mapping[str, Mapping[str, Any]], places: _Places, target: str) -> Iterator[Mark]:
    """The marks of `fail` steps and checks that go directly to a catcher's steps, without a Fail state."""
    for name, state in states.items():
        if getattr(places.owner(name), "kind", "") != "fail" and not name.endswith("__check"):
            continue
        if state.get("Next") == target:
            yield ("state", name, 0)
        for place, rule in enumerate(state.get("Choices", ())):
            if rule["Next"] == target:
                yield ("rule", name, place)
        if state.get("Default") == target:
            yield ("rule", name, -1)


def _retriers(states: Mapping[str, Mapping[str, Any]], places: _Places) -> Iterator[Part]:
    added: tuple[str, ...] = ()
    if places.workflow is not None:
        from flowgen.compile.retries import TRANSIENT

        added = TRANSIENT.errors
    found: dict[tuple[int, str, str], set[Mark]] = {}
    for name, state in states.items():
        for place, retrier in enumerate(state.get("Retry", ())):
            errors = tuple(retrier["ErrorEquals"])
            if errors == added or retrier.get("MaxAttempts", 3) == 0:
                continue
            line, owner = places.retrier(name)
            found.setdefault((line, owner, _names(errors)), set()).add(("retrier", name, place))
    for (line, owner, names), marks in found.items():
        yield Part("retrier", line, f"of {names} on {owner}", frozenset(marks))


def _names(errors: tuple[str, ...]) -> str:
    return ", ".join("any" if error == "States.ALL" else error for error in errors)
