"""The diagram of a workflow, from its steps."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import assert_never

from flowgen.compile.names import condition_state
from flowgen.diagrams.step_texts import (
    errors_text,
    failure_text,
    for_each_texts,
    notes,
    repeat_texts,
    source_text,
    task_text,
    wait_text,
)
from flowgen.diagrams.structure import Box, Chain, Column, Frame, Guarded, Part, Role, Split, Structure
from flowgen.model import Workflow
from flowgen.model.steps import (
    Asl,
    Aws,
    Break,
    Call,
    Catcher,
    Continue,
    Fail,
    ForEach,
    Group,
    Http,
    Match,
    Parallel,
    Repeat,
    Return,
    RunWorkflow,
    Set,
    Step,
    Steps,
    Switch,
    Undoable,
    Wait,
    catchers_of,
    undoing_name,
)

Types = Mapping[str, tuple[str, str]]
"""The types of the input and the output of each step as text, by the step's id."""


def structure_of_workflow(workflow: Workflow, states: Collection[str] = (), types: Types | None = None) -> Structure:
    """The diagram of a workflow without errors.

    `states` are the names of the states of its state machine, for boxes that correspond to one.
    """
    return _Drawing(frozenset(states), types or {}).structure(workflow)


class _Drawing:
    """Builds chains from steps. A chain has a flag: whether control leaves it at its bottom."""

    def __init__(self, states: frozenset[str], types: Types) -> None:
        self.states, self.types = states, types
        self.jumps: dict[tuple[str, str], int] = {}
        """How many `break` and `continue` steps were found so far, by their kind and target."""
        self.loops: list[str] = []

    def structure(self, workflow: Workflow) -> Structure:
        start = Box(workflow.name, Role.START, tooltip=workflow.description or "")
        chain, falls = self.chain(workflow.steps)
        main = Column((start, *chain, *((Box("end", Role.END, ends=True),) if falls else ())))
        catches = [
            self._jumped(Box("", Role.CATCH, (errors_text(catcher), "in any step")), catcher.steps, catcher.handler)
            for catcher in workflow.catch
        ]
        handlers = [
            self._jumped(Box(handler.name, Role.CATCH, ("handler",)), handler.steps, None)
            for handler in workflow.handlers.values()
        ]
        title = f"{workflow.name}: {workflow.description}" if workflow.description else workflow.name
        return Structure(workflow.name, title, (main, *catches, *handlers))

    def _jumped(self, label: Box, steps: Steps | None, handler: str | None) -> Column:
        if steps is None:
            return Column((_jump(handler or ""),), label, entered=False)
        chain, falls = self.chain(steps)
        again = Box("fail", Role.FAIL, ("with the caught error",), ends=True)
        return Column((*chain, *((again,) if falls else ())), label, entered=False)

    def chain(self, steps: Steps) -> tuple[Chain, bool]:
        parts: list[Part] = []
        falls = True
        for step in steps:
            part, passes = self._part(step)
            parts.append(part)
            falls = falls and passes
        return tuple(parts), falls

    def _column(self, steps: Steps, label: Box | None = None) -> tuple[Column, bool]:
        chain, falls = self.chain(steps)
        return Column(chain, label), falls

    def _part(self, step: Step) -> tuple[Part, bool]:
        part, falls = self._guarded(step)
        if step.condition is None:
            return part, falls
        shown = source_text(step.condition.node)
        state = condition_state(step.id)
        head = Box(
            "",
            Role.DECISION,
            (f"if {shown}",),
            f"`{step.id}` runs only if this is true:\n{shown}",
            state=state if state in self.states else None,
            step=step.id,
        )
        return Split(head, (Column((part,), _label("yes")), Column((), _label("no")))), True

    def _guarded(self, step: Step) -> tuple[Part, bool]:
        main, falls = self._main(step)
        if isinstance(main, Split):
            return main, falls
        undo = self._undo(step)
        catches = [self._catch(catcher) for catcher in catchers_of(step)]
        if undo is None and not catches:
            return main, falls
        return Guarded(main, undo, tuple(column for column, _ in catches)), falls or any(fell for _, fell in catches)

    def _catch(self, catcher: Catcher) -> tuple[Column, bool]:
        errors = errors_text(catcher)
        if catcher.steps is None:
            name = catcher.handler or ""
            tooltip = f"these errors continue at the handler `{name}`"
            return Column((), Box("", Role.CATCH, (errors, f"→ {name}"), tooltip, ends=True, target=name)), False
        return self._column(catcher.steps, Box("", Role.CATCH, (errors,), "these errors lead here"))

    def _undo(self, step: Step) -> Column | None:
        if not isinstance(step, Undoable) or step.compensate is None:
            return None
        undoing, state = step.compensate.step, undoing_name(step.id)
        late = "if a later step fails" if step.compensate.when == "completed" else "if this or a later step fails"
        box = Box(
            "undo",
            Role.UNDO,
            (task_text(undoing), *notes(undoing)),
            f"undoes `{step.id}` {late}",
            ends=True,
            state=state if state in self.states else None,
            step=step.id,
        )
        catches = tuple(self._catch(catcher)[0] for catcher in undoing.catch)
        return Column((Guarded(box, None, catches) if catches else box,))

    def _main(self, step: Step) -> tuple[Box | Split | Frame, bool]:
        match step:
            case Call() | Aws() | Http() | RunWorkflow():
                return self._box(step, Role.TASK, task_text(step), *notes(step)), True
            case Asl():
                return self._box(step, Role.TASK, f"asl {step.state.get('Type')}"), True
            case Wait():
                return self._box(step, Role.WAIT, f"wait {wait_text(step)}"), True
            case Set():
                return self._box(step, Role.VALUE, "set"), True
            case Return():
                return self._box(step, Role.RETURN, "return", ends=True), False
            case Fail():
                return self._box(step, Role.FAIL, f"fail {failure_text(step)}", ends=True), False
            case Break() | Continue():
                target = step.target or (self.loops[-1] if self.loops else "")
                self.jumps[step.kind, target] = self.jumps.get((step.kind, target), 0) + 1
                box = self._box(step, Role.JUMP, f"{step.kind} {target}".strip(), ends=True)
                return box, False
            case Switch():
                branches = [(_label(source_text(rule.when.node)), rule.steps) for rule in step.rules]
                return self._split(
                    self._box(step, Role.DECISION, "switch"), [*branches, (_label("else"), step.otherwise or ())]
                )
            case Match():
                branches = [(_label(source_text(case.key)), case.steps) for case in step.cases]
                otherwise = [] if step.otherwise is None else [(_label("else"), step.otherwise)]
                head = self._box(step, Role.DECISION, f"match {source_text(step.subject.node)}")
                return self._split(head, [*branches, *otherwise])
            case Parallel():
                columns = tuple(self._column(steps, _label(name))[0] for name, steps in step.branches.items())
                return Frame(self._box(step, Role.PARALLEL, "parallel", *notes(step)), columns), True
            case ForEach():
                self.loops.append(step.id)
                body, _ = self._column(step.steps)
                self.loops.pop()
                return Frame(self._box(step, Role.MAP, *for_each_texts(step), *notes(step)), (body,)), True
            case Repeat():
                return self._repeat(step)
            case Group():
                return self._group(step)
            case _:
                assert_never(step)

    def _split(self, head: Box, branches: list[tuple[Box, Steps]]) -> tuple[Split, bool]:
        made = [self._column(steps, label) for label, steps in branches]
        return Split(head, tuple(column for column, _ in made)), any(falls for _, falls in made)

    def _repeat(self, step: Repeat) -> tuple[Frame, bool]:
        rounds = step.rounds
        broken, continued = self._count("break", step), self._count("continue", step)
        self.loops.append(step.id)
        body, falls = self._column(step.steps)
        self.loops.pop()
        again = falls or self._count("continue", step) > continued
        ends = rounds.while_ is not None or (rounds.until is not None and again) or self._count("break", step) > broken
        return Frame(self._box(step, Role.LOOP, *repeat_texts(step), ends=not ends), (body,), again=falls), ends

    def _group(self, step: Group) -> tuple[Frame, bool]:
        broken = self._count("break", step)
        body, falls = self._column(step.steps)
        ends = falls or self._count("break", step) > broken
        last = None
        if step.finally_ is not None:
            last, finishes = self._column(step.finally_, _label("finally"))
            ends = ends and finishes
        return Frame(self._box(step, Role.GROUP, "steps", ends=not ends), (body,), last), ends

    def _count(self, kind: str, step: Step) -> int:
        return self.jumps.get((kind, step.id), 0)

    def _box(self, step: Step, role: Role, *details: str, ends: bool = False) -> Box:
        lines = [f"{step.id}: {details[0]}"]
        if step.description:
            lines.append(step.description)
        if step.id in self.types:
            before, after = self.types[step.id]
            lines += [f"input: {before}", f"output: {after}"]
        state = step.id if step.id in self.states else None
        return Box(step.id, role, details, "\n".join(lines), ends, state=state, step=step.id)


def _jump(handler: str) -> Box:
    tooltip = f"continues at the handler `{handler}`"
    return Box(f"→ {handler}", Role.JUMP, (), tooltip, ends=True, target=handler)


def _label(text: str) -> Box:
    return Box("", Role.LABEL, (text,), text)
