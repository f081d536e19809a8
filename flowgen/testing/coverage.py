"""What of a workflow the runs used: its states, branches, catchers and retriers.

The parts are those that the workflow has in its own text. What the compiler adds (a state's name with `__` in it, the
retrier for Lambda's own faults) is nobody's to test; a catcher or a retrier that several states carry is one part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from flowgen.running.program import states_of, step_of

if TYPE_CHECKING:
    from flowgen.model import Step, Workflow

Mark: TypeAlias = tuple[str, str, int]
"""What the runner tells of a part that it used: a kind, a state, and the part's place in the state."""

KINDS = ("state", "branch", "catcher", "retrier")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a workflow: the line where it stands (0: not known), and the marks any of which says it was used."""

    kind: str
    line: int
    text: str
    marks: frozenset[Mark]


@dataclass(slots=True)
class Observed:
    """The parts of each workflow, by its file, and the marks that its runs left."""

    parts: dict[str, tuple[Part, ...]] = field(default_factory=dict)
    marks: dict[str, set[Mark]] = field(default_factory=dict)

    def add(self, file: str, parts: tuple[Part, ...]) -> None:
        """A workflow to be covered."""
        self.parts.setdefault(file, parts)
        self.marks.setdefault(file, set())

    def observer(self, file: str) -> Callable[[str, str, int], None]:
        """What the runner tells the marks of a workflow's runs."""
        marks = self.marks[file]
        return lambda kind, state, place: marks.add((kind, state, place))

    def merge(self, file: str, marks: set[Mark]) -> None:
        """Marks that another process saw."""
        self.marks.setdefault(file, set()).update(marks)

    def missed(self, file: str) -> list[Part]:
        """The parts of a workflow that no run used, in the order of their lines."""
        marks = self.marks[file]
        return sorted((part for part in self.parts[file] if part.marks.isdisjoint(marks)), key=lambda part: part.line)

    def percent(self) -> float:
        """How much of all parts was used, in per cent; 100 where there is none."""
        total = sum(map(len, self.parts.values()))
        missed = sum(len(self.missed(file)) for file in self.parts)
        return 100.0 if not total else 100 * (total - missed) / total


def report(observed: Observed) -> list[str]:
    """The report, line by line: the figures of each workflow, and each part that was missed with its place."""
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
    """The parts of a definition: of one that was made from a workflow, or of a foreign one with the `lines` of states.

    The lines are those of the file, from 1.
    """
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
    """Where in the workflow's file things stand, as far as there is one."""

    def __init__(self, workflow: Workflow | None, lines: Mapping[str, int]) -> None:
        self.workflow = workflow
        self.lines = lines
        self.steps: dict[str, Step] = {}
        if workflow is not None:
            from flowgen.model import every_step

            self.steps = {step.id: step for step in every_step(workflow)}

    def is_written(self, state: str) -> bool:
        """Whether a state is one of the file's, and not of the compiler's making."""
        return self.workflow is None or state in self.steps or state.endswith("__undo")

    def owner(self, state: str) -> Step | None:
        return None if self.workflow is None else self.steps.get(step_of(state))

    def state(self, state: str) -> int:
        owner = self.owner(state)
        if owner is None:
            return self.lines.get(state, 0)
        return owner.span_of("compensate" if state.endswith("__undo") else "id").start.line

    def rule(self, state: str, place: int) -> tuple[int, str]:
        """The line and the text of a Choice state's rule (-1: its default)."""
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
        """The line of the catcher whose steps begin with the owner of `target`, else of the state."""
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
        """The line of a state's `retry`, and whose it is: the step's own, its function's, or the workflow's."""
        step = self.owner(state)
        if step is None or self.workflow is None:
            return self.state(state), f"`{state}`"
        function = getattr(step, "function", "")
        declared = self.workflow.functions.get(function)
        named = (
            (step, f"`{step.id}`"),
            (declared, f"the function `{function}`"),
            (self.workflow.defaults, "`defaults`"),
        )
        for owner, name in named:
            if owner is not None and getattr(owner, "retry", None) is not None:
                return owner.span_of("retry").start.line, name
        return self.state(state), f"`{state}`"


def _branches(states: Mapping[str, Mapping[str, Any]], places: _Places) -> Iterator[Part]:
    for name, state in states.items():
        if state.get("Type") != "Choice" or name.endswith("__catch"):
            continue
        last = (-1,) if "Default" in state else ()
        for place in (*range(len(state["Choices"])), *last):
            line, text = places.rule(name, place)
            yield Part("branch", line, text, frozenset({("rule", name, place)}))


def _catchers(states: Mapping[str, Mapping[str, Any]], places: _Places) -> Iterator[Part]:
    found: dict[tuple[str, tuple[str, ...]], tuple[str, set[Mark]]] = {}
    for name, state in states.items():
        for place, catcher in enumerate(state.get("Catch", ())):
            # Of a definition that others wrote, each is one for itself.
            owner = "" if places.workflow is not None else name
            key = (f"{owner}{catcher['Next']}", tuple(catcher["ErrorEquals"]))
            _, marks = found.setdefault(key, (name, set()))
            marks.add(("catcher", name, place))
    for (target, errors), (name, marks) in found.items():
        line = places.catcher(name, target, errors)
        marks |= set(_jumps(states, places, target))
        yield Part("catcher", line, f"of {_names(errors)}, first on `{name}`", frozenset(marks))


def _jumps(states: Mapping[str, Mapping[str, Any]], places: _Places, target: str) -> Iterator[Mark]:
    """How a `fail` inside goes to a catcher's steps, where it needs no state of the kind Fail."""
    for name, state in states.items():
        if getattr(places.owner(name), "kind", "") != "fail":
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
