"""The way of the data: from step to step, with the type of every variable and of the value that is handed on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import assert_never

from flowgen.check.dataflow.conditions import Conditions, written
from flowgen.check.dataflow.contracts import Contracts, context_type, error_type, stack_types
from flowgen.check.dataflow.items import check_places, items_of
from flowgen.check.dataflow.known import Known, joined
from flowgen.check.dataflow.maybe_run import asked_for, same_variables
from flowgen.check.dataflow.responses import unguarded
from flowgen.check.dataflow.tasks import Tasks, declared
from flowgen.check.dataflow.triggers import check_starts
from flowgen.check.dataflow.undeclared import undeclared
from flowgen.check.dataflow.values import Teller, needed, place_of, type_of_expression, value_of
from flowgen.check.dataflow.waits import check_wait
from flowgen.check.scope import fails_only_at_its_limit
from flowgen.diagnostics import Diagnostic, Label, Span
from flowgen.jsonata.inference import Variables
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
    Repeat,
    Return,
    RunWorkflow,
    Set,
    Step,
    Steps,
    Switch,
    Task,
    Value,
    Wait,
    Workflow,
    catchers_of,
    undoing_of,
)
from flowgen.model.flow import completes, last_values
from flowgen.model.raised import LIMIT_EXCEEDED
from flowgen.model.steps import kind_span, own_bodies
from flowgen.types import (
    INTEGER_TYPE,
    NEVER,
    TEXT_TYPE,
    Type,
    array_of,
    assign,
    literal,
    optional,
    present,
    record,
    show,
    union,
    unknown,
)
from flowgen.types.algebra import Origin
from flowgen.types.widening import widened

_MAY_NOT_HAVE_RUN = Origin("the step may not have run")

_ROUNDS = 6
"""How many times in a row the type of a loop's value may grow before the check gives up and makes it unknown."""

_EXACT_ROUNDS = 2
"""After so many in a row, the type of a loop's value is widened: it covers rounds that go on like those before."""

_ROUNDS_IN_ALL = 24
"""The same limit over all visits to a loop, of which the rounds of the loops around it cause one each."""


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
        self.conditions = Conditions(self.teller)
        self.enclosing: list[_Enclosing] = []
        self.carried: dict[str, Type] = {}
        self.asked = asked_for(workflow)
        self.assigned: dict[str, Type] = {}
        self.grown: Counter[str] = Counter()
        self.uses: dict[str, list[tuple[Known, Type]]] = {}

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
        start = Known(Variables(variables), contracts.sent(workflow.input))
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
            error = error_type(contracts, catcher.errors, (workflow.steps,))
            start = self.perhaps(workflow.steps, Known(Variables({**variables, "error": error}), error))
            self.sequence(catcher.steps or (), start)
        for name, handler in workflow.handlers.items():
            uses = self.uses.get(name, [])
            if uses:
                error = union(*(error for _, error in uses))
                known = self.perhaps(workflow.steps, joined(*(use for use, _ in uses)))
                self.sequence(handler.steps, replace(known.binding(error=error), before=error, reached=True))
        self.teller.found += unguarded(workflow, self.teller.relied)

    def misfit(self, last: Set) -> bool:
        """Whether the value of a step that the workflow may end with does not fit its output."""
        given = self.types.get(last.id, (NEVER, NEVER))[1]
        return assign(given, self.contracts.sent(self.workflow.output)) is not None

    def gives(self, value: Value | None, span: Span, found: Type) -> None:
        """A value that the workflow ends with fits its output."""
        where = declared(self.workflow, "output", "the workflow's output")
        wanted = self.contracts.sent(self.workflow.output)
        # Nothing checks an output at run time, and a workflow that runs this one relies on it.
        self.teller.fit(value, span, found, wanted, "the workflow's output", where, exact=True)

    def sequence(self, steps: Steps, known: Known) -> Known:
        for step in steps:
            known = self.step(step, known)
            if not completes(step):
                return replace(known, reached=False)
        return known

    def step(self, step: Step, known: Known) -> Known:
        after = self.checked(step, known)
        if step.id in self.asked and step.id in after.variables:
            self.assigned[step.id] = union(self.assigned.get(step.id, NEVER), after.variables[step.id])
        ends = isinstance(step, Fail | Break | Continue) and step.condition is None
        self.types[step.id] = (known.before, NEVER if ends else after.before)
        return after

    def checked(self, step: Step, known: Known) -> Known:
        if step.condition is None:
            return self.kind(step, known)
        self.conditions.check(
            step.condition,
            known,
            always=f"`{step.id}` needs no condition",
            never=f"`{step.id}` never runs",
        )
        inside = self.conditions.narrowed(step.condition, known, holds=True)
        past = self.conditions.narrowed(step.condition, known, holds=False)
        after = self.kind(step, inside or known)
        skipped = past or replace(known, reached=False)
        if step.skipped is not None:
            value = self.value(step.skipped, skipped if skipped.reached else known, catchable=False)
            skipped = replace(skipped.assigns(step.id, value), reached=skipped.reached)
        return joined(after if completes(replaced(step)) else replace(after, reached=False), skipped)

    def value(self, value: Value, known: Known, *, catchable: bool) -> Type:
        return value_of(value, known.variables, self.teller, catchable=catchable)

    def kind(self, step: Step, known: Known) -> Known:
        match step:
            case Call() | Aws() | Http() | RunWorkflow():
                return self.task(step, known)
            case Wait():
                check_wait(step, known, self.teller)
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

    def perhaps(self, steps: Steps, known: Known) -> Known:
        """`known`, with the variables of steps that may have run: those that `$exists($x)` asks for somewhere."""
        names = [step.id for step in same_variables(steps) if step.id in self.assigned]
        found = {name: union(known.variables.get(name, NEVER), self.assigned[name]) for name in names}
        return known.binding(**{name: optional(type_, _MAY_NOT_HAVE_RUN) for name, type_ in found.items()})

    def caught(self, step: Step, after: Known, before: Known, limit: Known | None = None) -> Known:
        """The step's normal end and those of its handlers that fall through, which give the step its value.

        `limit` is what is known where a loop has had all its rounds, and nothing else fails with that error.
        """
        ends = [after]
        inside = next(iter(own_bodies(step)), ()) if isinstance(step, Group | Repeat) else ()
        before = self.perhaps(inside, before)
        for catcher in catchers_of(step):
            error = error_type(self.contracts, catcher.errors, own_bodies(step))
            if catcher.handler is not None:
                self.uses.setdefault(catcher.handler, []).append((before, error))
                continue
            start = before if limit is None or catcher.errors != (LIMIT_EXCEEDED,) else limit
            ends.append(self.handled(step, catcher, error, start))
        return joined(*ends)

    def handled(self, step: Step, catcher: Catcher, error: Type, before: Known) -> Known:
        outer = before.variables.get("error")
        end = self.sequence(catcher.steps or (), replace(before.binding(error=error), before=error))
        value = replace(end.assigns(step.id, end.before), reached=end.reached)
        return value.without("error") if outer is None else value.binding(error=outer)

    def switch(self, step: Switch, known: Known) -> Known:
        ends: list[Known] = []
        left: Known | None = known
        for rule in step.rules:
            here = left or known
            others = rule is not step.rules[-1] or step.otherwise is not None
            always = "nothing after it in this switch ever runs" if others else None
            self.conditions.check(rule.when, here, always=always, never="these steps never run")
            inside = self.conditions.narrowed(rule.when, here, holds=True) or here
            ends.append(self.branch(step, rule.steps, inside))
            left = self.conditions.narrowed(rule.when, here, holds=False)
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
            test = f"({subject.text.strip()}) = {written(case.value)}"
            inside = self.conditions.facts(test, known, holds=True) or known
            ends.append(self.branch(step, case.steps, inside))
            left = self.conditions.facts(test, left, holds=False) if left is not None else None
        if step.otherwise is not None:
            ends.append(self.branch(step, step.otherwise, left or known))
        else:
            self.conditions.exhaustive(step, found)
        return joined(*ends)

    def apart(self, steps: Steps, known: Known, loop: str | None = None) -> Type:
        """A body whose variables stay inside; the type of its value. `continue` ends an item of `loop`."""
        around = [] if loop is None else [_Enclosing(loop, loop=True)]
        outer, self.enclosing = self.enclosing, around
        end = self.sequence(steps, known)
        self.enclosing = outer
        after = joined(end, *(one for body in around for one in body.continued))
        return after.before if after.reached else NEVER

    def for_each(self, step: ForEach, known: Known) -> Known:
        items = items_of(step, known, self.contracts, self.teller)
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
            check_places(step.writer, ("bucket", "prefix"), known, "a writer", self.teller)
            details = record({"Bucket": TEXT_TYPE, "Key": TEXT_TYPE})
            result = record({"MapRunArn": TEXT_TYPE, "ResultWriterDetails": details})
        return self.caught(step, self.undone(step, known.assigns(step.id, result)), known)

    def repeat(self, step: Repeat, known: Known) -> Known:
        """The value of a round goes into the next, so the body is checked until the type of that value is stable.

        A loop inside another one is visited once for each round of the outer loop. What reaches it only ever grows, so
        it continues with the type that the last visit found. A visit then costs one round, plus one for each time that
        the type grows, which is bounded: nested loops cost rounds in proportion to their depth, not to a power of it.
        """
        rounds = step.rounds
        start = self.value(rounds.start, known, catchable=False) if rounds.start is not None else known.before
        carried = union(start, self.carried[step.id]) if step.id in self.carried else start
        most = min(_ROUNDS, _ROUNDS_IN_ALL - self.grown[step.id])
        kept = [one.id for one in same_variables(step.steps) if one.id in self.asked]
        for index in range(most + 1):
            if index == most:
                carried = unknown("the value of the loop grows with each round")
            before = {name: self.assigned.get(name, NEVER) for name in kept}
            self.teller.quiet += 1
            round_, end = self.round(step, known, carried)
            self.teller.quiet -= 1
            grown = {name for name in kept if assign(self.assigned.get(name, NEVER), before[name], exact=True)}
            for name in grown if index >= _EXACT_ROUNDS else ():
                new = widened(before[name], self.assigned[name])
                self.assigned[name] = unknown("its value grows with each round") if index == most else new
            given = end.before if end.reached else NEVER
            stable = assign(given, carried, exact=True) is None
            if index == most or (stable and not grown):
                break
            if not stable:
                carried = union(carried, given) if index < _EXACT_ROUNDS else widened(carried, given)
            self.grown[step.id] += 1
        self.carried[step.id] = carried
        if not self.teller.quiet:
            round_, end = self.round(step, known, carried)
        limit = end if end.reached and fails_only_at_its_limit(self.workflow, step) else None
        if rounds.until is not None and end.reached:
            bound = end if rounds.as_ is None else end.binding(**{rounds.as_: end.before})
            always, never = "the loop always ends after one round", "it never ends the loop"
            self.conditions.check(rounds.until, bound, always=always, never=never)
            end = self.ended(rounds.until, bound, end)
        # Without a condition only `break` leaves a loop: after its last round it fails.
        over = replace(end, reached=end.reached and rounds.until is not None)
        if rounds.while_ is not None:
            over = replace(known, before=carried)
        ends = [replace(one.assigns(step.id, one.before), reached=one.reached) for one in (over, *round_.left)]
        gone = {rounds.as_} if rounds.as_ is not None and rounds.as_ not in known.variables else set()
        after = joined(*ends)
        return self.caught(step, after.without(*gone), known, limit)

    def ended(self, until: Expression, bound: Known, end: Known) -> Known:
        """What is known where `until` holds, also of the round's value, if the condition names it."""
        after = self.conditions.narrowed(until, bound, holds=True)
        if after is None:
            return end
        whole = next((name for name, found in bound.variables.items() if found is end.before), None)
        before = end.before if whole is None else after.variables[whole]
        gone = after.variables.keys() - end.variables.keys() - after.variables.facts
        return replace(after.without(*gone), before=before)

    def round(self, step: Repeat, known: Known, carried: Type) -> tuple[_Enclosing, Known]:
        rounds = step.rounds
        inside = replace(self.perhaps(step.steps, known), before=carried)
        if rounds.as_ is not None:
            inside = inside.binding(**{rounds.as_: carried})
        if rounds.while_ is not None:
            self.conditions.check(rounds.while_, inside, always=None, never="the loop has no round")
            inside = self.conditions.narrowed(rounds.while_, inside, holds=True) or inside
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
            error = error_type(self.contracts, ("any",), (step.steps,))
            start = replace(self.perhaps(step.steps, joined(after, known)), reached=True)
            self.sequence(step.finally_, replace(start, before=union(after.before, error)))
        return self.caught(step, after, known)

    def jump(self, step: Break | Continue, target: str | None, known: Known) -> None:
        for around in self.enclosing:
            if around.id == target or (target is None and around.loop):
                (around.left if isinstance(step, Break) else around.continued).append(known)
                return


def replaced(step: Step) -> Step:
    """The step without its condition."""
    return step.model_copy(update={"condition": None})
