"""The way of the data: from step to step, with the type of every variable and of the value that is handed on."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import assert_never

from flowgen.check.dataflow.contracts import Contracts, context_type, error_type, stack_types
from flowgen.check.dataflow.csv_items import check_csv
from flowgen.check.dataflow.known import Known, joined
from flowgen.check.dataflow.responses import unguarded
from flowgen.check.dataflow.tasks import Tasks, declared
from flowgen.check.dataflow.triggers import check_starts
from flowgen.check.dataflow.undeclared import undeclared
from flowgen.check.dataflow.values import Teller, needed, place_of, type_of, type_of_expression, value_of
from flowgen.diagnostics import Diagnostic, Label, Span
from flowgen.jsonata.inference import Environment, narrow
from flowgen.jsonata.parsing import ExpressionParser, SyntaxFailure
from flowgen.model import (
    Asl,
    Aws,
    Break,
    Call,
    Catcher,
    Continue,
    Expression,
    Fail,
    ForEach,
    Group,
    Http,
    Match,
    Parallel,
    Raised,
    Reader,
    Repeat,
    Return,
    RunWorkflow,
    Set,
    Step,
    Steps,
    Switch,
    Task,
    Until,
    Value,
    Wait,
    Workflow,
    catchers_of,
    undoing_of,
)
from flowgen.model.flow import completes, last_values
from flowgen.model.steps import kind_span
from flowgen.types import (
    BOOLEAN_TYPE,
    INTEGER_TYPE,
    NEVER,
    NULL_TYPE,
    NUMBER_TYPE,
    TEXT_TYPE,
    Type,
    array_of,
    assign,
    expand,
    literal,
    present,
    record,
    show,
    union,
    unknown,
)
from flowgen.types.algebra import BOOLEAN, NULL, Array, join_arrays

_ROUNDS = 6
"""How often a loop is looked at until the type of its value stays the same."""

_LOOPS_IN_LOOPS = 2
"""Loops around a loop, from which on its value is taken for unknown: each would multiply how often it is looked at."""


@dataclass(frozen=True, slots=True)
class Dataflow:
    """What the check found out: findings, what goes into each step and comes out, and how much of it is known.

    `expressions` has the place of each expression, and why its type is not fully known, or None if it is.
    """

    diagnostics: tuple[Diagnostic, ...]
    steps: Mapping[str, tuple[Type, Type]]
    expressions: Mapping[Span, str | None]


def analyse(workflow: Workflow, others: Mapping[str, Workflow], *, strict: bool = False) -> Dataflow:
    """FG301 to FG313. `others` are the workflows of the project by name, those that this one may run."""
    flow = _Flow(workflow, others, strict=strict)
    flow.whole()
    check_starts(flow.contracts, flow.teller)
    return Dataflow(tuple(flow.teller.found), flow.types, flow.teller.seen)


def check_dataflow(workflow: Workflow, others: Mapping[str, Workflow], *, strict: bool = False) -> Iterator[Diagnostic]:
    """The findings of `analyse`."""
    return iter(analyse(workflow, others, strict=strict).diagnostics)


@dataclass(slots=True)
class _Enclosing:
    """A group or loop around a step, and what its jumps carry."""

    id: str
    loop: bool
    left: list[Known] = field(default_factory=list)
    continued: list[Known] = field(default_factory=list)


class _Flow:
    def __init__(self, workflow: Workflow, others: Mapping[str, Workflow], *, strict: bool) -> None:
        self.workflow = workflow
        self.contracts = Contracts(workflow, others)
        self.teller = Teller(self.contracts, strict)
        self.types: dict[str, tuple[Type, Type]] = {}
        self.tasks = Tasks(workflow, others, self.contracts, self.teller)
        self.expressions = ExpressionParser()
        self.enclosing: list[_Enclosing] = []
        self.uses: dict[str, list[tuple[Known, tuple[str, ...]]]] = {}

    def whole(self) -> None:
        workflow, contracts = self.workflow, self.contracts
        if self.teller.strict:
            self.teller.found += undeclared(workflow)
            self.teller.found += contracts.approximated()
        variables = {
            "input": contracts.entered(workflow.input),
            "context": context_type(),
            **stack_types(workflow),
        }
        start = Known(variables, contracts.sent(workflow.input))
        end = self.sequence(workflow.steps, start)
        if end.reached:
            last = workflow.steps[-1] if workflow.steps else None
            span = last.span_of("id") if last is not None else workflow.span_of("steps")
            parts = [part for part in last_values(workflow.steps) if self.misfit(part)]
            for part in parts:
                self.gives(part.value, kind_span(part), self.types[part.id][1])
            if not parts:
                self.gives(None, span, end.before)
        for catcher in workflow.catch:
            error = error_type(contracts, catcher.errors)
            self.sequence(catcher.steps or (), Known({**variables, "error": error}, error))
        for name, handler in workflow.handlers.items():
            uses = self.uses.get(name, [])
            if uses:
                error = union(*(error_type(contracts, errors) for _, errors in uses))
                known = joined(*(use for use, _ in uses))
                self.sequence(handler.steps, replace(known.binding(error=error), before=error, reached=True))
        self.teller.found += unguarded(workflow, self.teller.relied)

    def misfit(self, last: Set) -> bool:
        """Whether the value of a step that the workflow may end with does not fit its output."""
        given = self.types.get(last.id, (NEVER, NEVER))[1]
        return assign(given, self.contracts.sent(self.workflow.output)) is not None

    def gives(self, value: Value | None, span: Span, found: Type) -> None:
        """A value that the workflow ends with fits its output."""
        where = declared(self.workflow, "output", "the workflow's output")
        self.teller.fit(value, span, found, self.contracts.sent(self.workflow.output), "the workflow's output", where)

    def sequence(self, steps: Steps, known: Known) -> Known:
        for step in steps:
            known = self.step(step, known)
            if not completes(step):
                return replace(known, reached=False)
        return known

    def step(self, step: Step, known: Known) -> Known:
        after = self.checked(step, known)
        ends = isinstance(step, Fail | Break | Continue) and step.condition is None
        self.types[step.id] = (known.before, NEVER if ends else after.before)
        return after

    def checked(self, step: Step, known: Known) -> Known:
        if step.condition is None:
            return self.kind(step, known)
        self.condition(step.condition, known)
        inside = self.narrowed(step.condition, known, holds=True)
        past = self.narrowed(step.condition, known, holds=False)
        after = self.kind(step, inside or known)
        skipped = past or replace(known, reached=False)
        if step.skipped is not None:
            value = self.value(step.skipped, skipped if skipped.reached else known, catchable=False)
            skipped = replace(skipped.assigns(step.id, value), reached=skipped.reached)
        return joined(after if completes(replaced(step)) else replace(after, reached=False), skipped)

    def condition(self, condition: Expression, known: Known) -> None:
        """FG310: a condition is a boolean, on every way."""
        found = type_of_expression(condition, known.variables, self.teller, catchable=False)
        mismatch = assign(found, BOOLEAN_TYPE)
        if mismatch is None:
            self.teller.relies(found, place_of(condition))
            return
        help_ = mismatch.help if assign(present(found), BOOLEAN_TYPE) is None else "compare it, or write `$boolean(…)`"
        if assign(present(found), BOOLEAN_TYPE) is None:
            help_ = "guard it: `$exists(x) and …`"
        self.teller.tell(
            "FG310", f"a condition must be true or false, and this {mismatch.message}", place_of(condition), help_=help_
        )

    def narrowed(self, condition: Expression, known: Known, *, holds: bool) -> Known | None:
        """What is known where a condition holds, or does not; None where that can't be."""
        return self.facts(condition.text, known, holds=holds)

    def facts(self, text: str, known: Known, *, holds: bool) -> Known | None:
        syntax = self.expressions.parse(text)
        if isinstance(syntax, SyntaxFailure):
            return known
        found = narrow(text, syntax.tree, Environment(known.variables), holds=holds)
        return None if found is None else replace(known, variables=found.variables)

    def value(self, value: Value, known: Known, *, catchable: bool) -> Type:
        return value_of(value, known.variables, self.teller, catchable=catchable)

    def kind(self, step: Step, known: Known) -> Known:
        match step:
            case Call() | Aws() | Http() | RunWorkflow():
                return self.task(step, known)
            case Wait():
                self.wait(step, known)
                return known.assigns(step.id, known.before)
            case Set(value=value):
                return known.assigns(step.id, self.value(value, known, catchable=False))
            case Asl(output=output):
                return known.assigns(step.id, self.contracts.sent(output))
            case Switch():
                return self.switch(step, known)
            case Match():
                return self.match(step, known)
            case Parallel(branches=branches):
                ends = {name: self.apart(body, known) for name, body in branches.items()}
                return self.caught(step, known.assigns(step.id, record(ends)), known)
            case ForEach():
                return self.for_each(step, known)
            case Repeat():
                return self.repeat(step, known)
            case Group():
                return self.group(step, known)
            case Break(target=target) | Continue(target=target):
                self.jump(step, target, known)
                return known
            case Return(value=value):
                given = self.value(value, known, catchable=False)
                self.gives(value, kind_span(step), given)
                return known if step.condition is not None else replace(known, before=given)
            case Fail(raised=raised):
                if isinstance(raised, Raised):
                    for part, key in ((raised.error, "error"), (raised.cause, "cause")):
                        if part is not None:
                            found = self.value(part, known, catchable=False)
                            self.teller.fit(
                                part, raised.span_of(key), found, TEXT_TYPE, f"the `{key}` of a failure", None
                            )
                return known
            case _:
                assert_never(step)

    def task(self, step: Task, known: Known) -> Known:
        result = self.tasks.result(step, known)
        return self.caught(step, self.undone(step, known.assigns(step.id, result)), known)

    def undone(self, step: Task | Parallel | ForEach, known: Known) -> Known:
        """What undoes a step gets that step's value."""
        undoing = undoing_of(step)
        if undoing is not None:
            self.tasks.result(undoing, known)
            for catcher in undoing.catch:
                error = error_type(self.contracts, catcher.errors)
                self.sequence(catcher.steps or (), replace(known.binding(error=error), before=error))
        return known

    def wait(self, step: Wait, known: Known) -> None:
        duration = step.duration
        if isinstance(duration, Expression):
            found = self.value(duration, known, catchable=False)
            self.teller.fit(duration, step.span_of("wait"), found, NUMBER_TYPE, "a wait, in seconds", None)
        elif isinstance(duration, Until):
            found = self.value(duration.timestamp, known, catchable=False)
            self.teller.fit(duration.timestamp, duration.span_of("until"), found, TEXT_TYPE, "a timestamp", None)

    def caught(self, step: Step, after: Known, before: Known) -> Known:
        """The step's normal end and those of its handlers that fall through, which give the step its value."""
        ends = [after]
        for catcher in catchers_of(step):
            error = error_type(self.contracts, catcher.errors)
            if catcher.handler is not None:
                self.uses.setdefault(catcher.handler, []).append((before, catcher.errors))
                continue
            ends.append(self.handled(step, catcher, error, before))
        return joined(*ends)

    def handled(self, step: Step, catcher: Catcher, error: Type, before: Known) -> Known:
        outer = before.variables.get("error")
        end = self.sequence(catcher.steps or (), replace(before.binding(error=error), before=error))
        value = replace(end.assigns(step.id, end.before), reached=end.reached)
        variables = {name: found for name, found in value.variables.items() if name != "error"}
        return replace(value, variables=variables if outer is None else {**variables, "error": outer})

    def switch(self, step: Switch, known: Known) -> Known:
        ends: list[Known] = []
        left: Known | None = known
        for rule in step.rules:
            here = left or known
            self.condition(rule.when, here)
            inside = self.narrowed(rule.when, here, holds=True) or here
            ends.append(self.branch(step, rule.steps, inside))
            left = self.narrowed(rule.when, here, holds=False)
        if step.otherwise is not None:
            ends.append(self.branch(step, step.otherwise, left or known))
        elif left is not None:
            ends.append(left)
        return joined(*ends)

    def branch(self, step: Step, steps: Steps, known: Known) -> Known:
        end = self.sequence(steps, known)
        return replace(end.assigns(step.id, end.before), reached=end.reached)

    def match(self, step: Match, known: Known) -> Known:
        subject = step.subject
        found = type_of_expression(subject, known.variables, self.teller, catchable=False)
        self.teller.relies(found, place_of(subject))
        if found.may_be_absent:
            found = needed(subject, found, self.teller) if assign(found, unknown("")) is not None else present(found)
        ends: list[Known] = []
        left: Known | None = known
        for case in step.cases:
            wanted = literal(case.value)
            if assign(wanted, found) is not None and not found.is_any:
                message = f"`{case.key.text}` is no value that this can have: it is `{show(found)}`"
                self.teller.tell("FG306", message, case.key.span, secondary=(Label(place_of(subject), "the value"),))
            test = f"({subject.text.strip()}) = {_literal(case.value)}"
            inside = self.facts(test, known, holds=True) or known
            ends.append(self.branch(step, case.steps, inside))
            left = self.facts(test, left, holds=False) if left is not None else None
        if step.otherwise is not None:
            ends.append(self.branch(step, step.otherwise, left or known))
        else:
            self.exhaustive(step, found)
        return joined(*ends)

    def exhaustive(self, step: Match, found: Type) -> None:
        """FG309: without `else` every value that there may be has its case."""
        values = _finite(found)
        if values is None:
            message = f"this may have any value of `{show(found)}`, so `else` must say what happens to the others"
            help_ = _fallback(step) or "add `else: []` to do nothing for them"
            self.teller.tell("FG309", message, place_of(step.subject), help_=help_)
            return
        covered = {(type(case.value), case.value) for case in step.cases}
        left = [value for value in values if (type(value), value) not in covered]
        if left:
            names = ", ".join(f"`{_literal(value)}`" for value in left)
            self.teller.tell(
                "FG309",
                f"no case is for {names}",
                step.span_of("match"),
                "not all values have a case",
                help_=_fallback(step) or "add a case for each, or `else`",
            )

    def apart(self, steps: Steps, known: Known, loop: str | None = None) -> Type:
        """A body whose variables stay inside; the type of its value. `continue` ends an item of `loop`."""
        around = [] if loop is None else [_Enclosing(loop, loop=True)]
        outer, self.enclosing = self.enclosing, around
        end = self.sequence(steps, known)
        self.enclosing = outer
        after = joined(end, *(one for body in around for one in body.continued))
        return after.before if after.reached else NEVER

    def for_each(self, step: ForEach, known: Known) -> Known:
        items = self.items(step, known)
        item = items.item()
        if step.max_concurrency is not None and isinstance(step.max_concurrency, Expression):
            found = self.value(step.max_concurrency, known, catchable=False)
            span = step.span_of("max_concurrency")
            self.teller.fit(step.max_concurrency, span, found, INTEGER_TYPE, "a number of iterations", None)
        given = array_of(item, least=1) if step.batch is not None else item
        names = {"index": INTEGER_TYPE}
        if step.as_ is not None:
            names[step.as_] = given
        if step.batch is not None and step.batch.shared is not None:
            names["batch"] = self.value(step.batch.shared, known, catchable=False)
        end = self.apart(step.steps, replace(known.binding(**names), before=given), step.id)
        exactly = step.batch is None and step.tolerate is None
        result = array_of(end, items.least, items.most) if exactly else array_of(end)
        if step.writer is not None:
            details = record({"Bucket": TEXT_TYPE, "Key": TEXT_TYPE})
            result = record({"MapRunArn": TEXT_TYPE, "ResultWriterDetails": details})
        return self.caught(step, self.undone(step, known.assigns(step.id, result)), known)

    def items(self, step: ForEach, known: Known) -> Array:
        """FG302, FG304: what is iterated over is an array."""
        items = step.items
        if isinstance(items, Reader):
            for value in (items.bucket, items.key, items.prefix):
                if value is not None:
                    self.value(value, known, catchable=True)
            item = self.contracts.sent(items.item)
            check_csv(items, item, self.teller)
            return Array((), item)
        found = type_of(items, known.variables, self.teller, catchable=False)
        self.teller.fit(items, step.span_of("for_each"), found, array_of(unknown("")), "`for_each`", None)
        arrays = expand(found).arrays
        if not arrays:
            return Array((), unknown("it is not known what is iterated over"))
        return functools.reduce(join_arrays, arrays)

    def repeat(self, step: Repeat, known: Known) -> Known:
        """The value of a round goes into the next: it is looked at until its type stays the same."""
        rounds = step.rounds
        start = self.value(rounds.start, known, catchable=False) if rounds.start is not None else known.before
        carried, round_ = start, _Enclosing(step.id, loop=True)
        end = known
        quiet = self.teller.quiet > 0
        most = _ROUNDS if self.teller.quiet < _LOOPS_IN_LOOPS else 0
        for index in range(most + 1):
            last = index == most
            if last:
                carried = unknown("the value of the loop grows with each round")
            self.teller.quiet += 1
            round_, end = self.round(step, known, carried)
            self.teller.quiet -= 1
            grown = union(carried, end.before) if end.reached else carried
            if last or assign(grown, carried) is None:
                break
            carried = grown
        if not quiet:
            round_, end = self.round(step, known, carried)
        if rounds.until is not None and end.reached:
            bound = end if rounds.as_ is None else end.binding(**{rounds.as_: end.before})
            self.condition(rounds.until, bound)
            end = self.ended(rounds.until, bound, end)
        over = replace(known, before=carried) if rounds.while_ is not None else end
        ends = [replace(one.assigns(step.id, one.before), reached=one.reached) for one in (over, *round_.left)]
        gone = {rounds.as_} if rounds.as_ is not None and rounds.as_ not in known.variables else set()
        after = joined(*ends)
        left = {name: found for name, found in after.variables.items() if name not in gone}
        return self.caught(step, replace(after, variables=left), known)

    def ended(self, until: Expression, bound: Known, end: Known) -> Known:
        """What is known where `until` holds, also of the round's value, if the condition names it."""
        after = self.narrowed(until, bound, holds=True)
        if after is None:
            return end
        whole = next((name for name, found in bound.variables.items() if found is end.before), None)
        before = end.before if whole is None else after.variables[whole]
        kept = {name: found for name, found in after.variables.items() if name in end.variables}
        return replace(end, variables=kept, before=before)

    def round(self, step: Repeat, known: Known, carried: Type) -> tuple[_Enclosing, Known]:
        rounds = step.rounds
        inside = replace(known, before=carried)
        if rounds.as_ is not None:
            inside = inside.binding(**{rounds.as_: carried})
        if rounds.while_ is not None:
            self.condition(rounds.while_, inside)
            inside = self.narrowed(rounds.while_, inside, holds=True) or inside
        around = _Enclosing(step.id, loop=True)
        self.enclosing.insert(0, around)
        end = self.sequence(step.steps, inside)
        self.enclosing.pop(0)
        return around, joined(end, *around.continued)

    def group(self, step: Group, known: Known) -> Known:
        around = _Enclosing(step.id, loop=False)
        self.enclosing.insert(0, around)
        end = self.sequence(step.steps, known)
        self.enclosing.pop(0)
        ends = (end, *around.left)
        after = joined(*(replace(one.assigns(step.id, one.before), reached=one.reached) for one in ends))
        if step.finally_ is not None:
            error = error_type(self.contracts, ("any",))
            self.sequence(step.finally_, replace(joined(after, known), before=union(after.before, error), reached=True))
        return self.caught(step, after, known)

    def jump(self, step: Break | Continue, target: str | None, known: Known) -> None:
        for around in self.enclosing:
            if around.id == target or (target is None and around.loop):
                (around.left if isinstance(step, Break) else around.continued).append(known)
                return


def _fallback(step: Match) -> str | None:
    """Help for a case that was meant as `else`."""
    name = next((case.value for case in step.cases if case.value in ("default", "else", "otherwise", "_", "*")), None)
    return None if name is None else f'write `else: […]` next to `cases`: `{name}` in it is the string "{name}"'


def replaced(step: Step) -> Step:
    """The step without its condition."""
    return step.model_copy(update={"condition": None})


def _literal(value: float | str | bool | None) -> str:  # noqa: FBT001 - any scalar
    return json.dumps(value, ensure_ascii=False)


def _finite(found: Type) -> list[bool | int | float | str | None] | None:
    """All values of a type, where they can be counted; None otherwise."""
    expanded = expand(found)
    if expanded.parts or expanded.formats or expanded.atoms & ~(NULL | BOOLEAN):
        return None
    values: list[bool | int | float | str | None] = sorted(expanded.literals, key=str)
    values += [value for value in (True, False) if assign(literal(value), expanded) is None]
    return [*values, None] if assign(NULL_TYPE, expanded) is None else values
