"""Data flow: from step to step, with the type of every variable and of the value passed on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from flowgen.check.dataflow.conditions import Conditions, written
from flowgen.check.dataflow.contracts import Contracts, context_type, error_type, stack_types
from flowgen.check.dataflow.items import check_places, items_of
from flowgen.check.dataflow.maybe_run import asked_for, same_variables
from flowgen.check.dataflow.missing_contracts import undeclared
from flowgen.check.dataflow.optional_members import unguarded
from flowgen.check.dataflow.quantities import PAUSE, check_quantity, check_sizes, check_wait
from flowgen.check.dataflow.state import FlowState, joined
from flowgen.check.dataflow.tasks import Tasks, declared
from flowgen.check.dataflow.triggers import check_starts
from flowgen.check.dataflow.values import Teller, needed, place_of, type_of_expression, value_of
from flowgen.check.walk import Absence, Walk
from flowgen.diagnostics import Diagnostic, Label, Span
from flowgen.jsonata.inference import Variables
from flowgen.model import (
    Asl,
    Break,
    Catcher,
    Continue,
    Expression,
    Fail,
    ForEach,
    Group,
    Handler,
    Match,
    Parallel,
    Raised,
    Repeat,
    Return,
    Set,
    Step,
    Steps,
    Switch,
    Task,
    Value,
    Wait,
    Workflow,
)
from flowgen.model.flow import last_values
from flowgen.model.steps import kind_span
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
"""How many times in a row the type of a loop's value may grow before the check makes it unknown."""

_EXACT_ROUNDS = 2
"""The type of a loop's value is widened after growing this many times in a row, to cover further similar rounds."""

_ROUNDS_IN_ALL = 24
"""The same limit over all visits to a loop; each round of an enclosing loop is a visit."""


@dataclass(frozen=True, slots=True)
class Dataflow:
    """The result of the check: findings, the types into and out of each step, and how much is known of them.

    `expressions` has the place of each expression, and why its type is not fully known (None if it is).
    """

    diagnostics: tuple[Diagnostic, ...]
    steps: Mapping[str, tuple[Type, Type]]
    expressions: Mapping[Span, str | None]


def analyse(workflow: Workflow, others: Mapping[str, Workflow], *, strict: bool = False) -> Dataflow:
    """FG301 to FG313. `others` are the workflows of the project that this one may run, by name."""
    flow = _Flow(workflow, others, strict=strict)
    flow.analyse()
    check_starts(flow.contracts, flow.teller)
    return Dataflow(tuple(flow.teller.found), flow.types, flow.teller.seen)


def check_dataflow(workflow: Workflow, others: Mapping[str, Workflow], *, strict: bool = False) -> Iterator[Diagnostic]:
    """The findings of `analyse`."""
    return iter(analyse(workflow, others, strict=strict).diagnostics)


class _Flow(Walk[FlowState]):
    def __init__(self, workflow: Workflow, others: Mapping[str, Workflow], *, strict: bool) -> None:
        super().__init__(workflow)
        self.contracts = Contracts(workflow, others)
        self.teller = Teller(self.contracts, strict)
        self.types: dict[str, tuple[Type, Type]] = {}
        self.tasks = Tasks(workflow, others, self.contracts, self.teller)
        self.conditions = Conditions(self.teller)
        self.carried: dict[str, Type] = {}
        self.asked = asked_for(workflow)
        self.assigned: dict[str, Type] = {}
        self.grown: Counter[str] = Counter()

    def analyse(self) -> None:
        workflow, contracts = self.workflow, self.contracts
        if self.teller.strict:
            self.teller.found += undeclared(workflow)
            self.teller.found += contracts.approximated()
        variables = {
            "input": contracts.entered(workflow.input),
            "context": context_type(),
            **stack_types(workflow),
        }
        self.whole(FlowState(Variables(variables), contracts.sent(workflow.input)))
        self.teller.found += unguarded(workflow, self.teller.relied)

    def workflow_ends(self, end: FlowState) -> None:
        if not end.reached:
            return
        workflow = self.workflow
        last = workflow.steps[-1] if workflow.steps else None
        span = last.span_of("id") if last is not None else workflow.span_of("steps")
        parts = [part for part in last_values(workflow.steps) if self.misfit(part)]
        for part in parts:
            self.gives(part.value, kind_span(part), self.types[part.id][1])
        if not parts:
            self.gives(None, span, end.before)

    def at_any_time(self, start: FlowState, catcher: Catcher) -> FlowState:
        return self.perhaps(self.workflow.steps, self.handling(start, catcher, (self.workflow.steps,)))

    def shared(self, handler: Handler, uses: Sequence[FlowState]) -> FlowState | None:
        del handler
        if not uses:
            return None
        # The previous value of an entry is the error.
        error = union(*(use.before for use in uses))
        state = self.perhaps(self.workflow.steps, joined(*uses))
        return replace(state.binding(error=error), before=error, reached=True)

    def misfit(self, last: Set) -> bool:
        """Whether a step with which the workflow may end has a value that does not fit its output."""
        given = self.types.get(last.id, (NEVER, NEVER))[1]
        return assign(given, self.contracts.sent(self.workflow.output)) is not None

    def gives(self, value: Value | None, span: Span, found: Type) -> None:
        """Checks that a value with which the workflow ends fits its output."""
        where = declared(self.workflow, "output", "the workflow's output")
        wanted = self.contracts.sent(self.workflow.output)
        # Nothing checks an output at run time, and parent workflows rely on it.
        self.teller.fit(value, span, found, wanted, "the workflow's output", where, exact=True)

    def ran(self, step: Step, before: FlowState, after: FlowState) -> None:
        if step.id in self.asked and step.id in after.variables:
            self.assigned[step.id] = union(self.assigned.get(step.id, NEVER), after.variables[step.id])
        ends = isinstance(step, Fail | Break | Continue) and step.condition is None
        self.types[step.id] = (before.before, NEVER if ends else after.before)

    def joined(self, ends: Sequence[tuple[FlowState, Absence | None]]) -> FlowState:
        return joined(*(end for end, _ in ends))

    def condition(self, step: Step, condition: Expression, state: FlowState) -> tuple[FlowState, FlowState]:
        always, never = f"`{step.id}` needs no condition", f"`{step.id}` never runs"
        self.conditions.check(condition, state, always=always, never=never)
        inside = self.conditions.narrowed(condition, state, holds=True)
        past = self.conditions.narrowed(condition, state, holds=False)
        skipped = past or replace(state, reached=False)
        if step.skipped is not None:
            skipped = skipped.assigns(step.id, self.value(step.skipped, past or state))
        return inside or state, skipped

    def value(self, value: Value, state: FlowState) -> Type:
        return value_of(value, state.variables, self.teller, catchable=False)

    def task(self, step: Task, state: FlowState) -> FlowState:
        return state.assigns(step.id, self.tasks.result(step, state))

    def simple(self, step: Wait | Set | Asl | Return | Fail, state: FlowState) -> FlowState:
        match step:
            case Wait():
                check_wait(step, state, self.teller)
                return state.assigns(step.id, state.before)
            case Set(value=value):
                return state.assigns(step.id, self.value(value, state))
            case Asl(output=output):
                return state.assigns(step.id, self.contracts.sent(output))
            case Return(value=value):
                given = self.value(value, state)
                self.gives(value, kind_span(step), given)
                return state if step.condition is not None else replace(state, before=given)
            case Fail(raised=raised):
                if isinstance(raised, Raised):
                    self.fails(raised, state)
                return state
            case _:
                assert_never(step)

    def fails(self, raised: Raised, state: FlowState) -> None:
        for part, key in ((raised.error, "error"), (raised.cause, "cause")):
            if part is not None:
                found = self.value(part, state)
                self.teller.fit(part, raised.span_of(key), found, TEXT_TYPE, f"the `{key}` of a failure", None)

    def undoing(self, undoing: Task, state: FlowState) -> None:
        self.tasks.result(undoing, state)

    def perhaps(self, steps: Steps, state: FlowState) -> FlowState:
        """`state` with the variables of steps that may have run and that some `$exists($x)` tests."""
        names = [step.id for step in same_variables(steps) if step.id in self.assigned]
        found = {name: union(state.variables.get(name, NEVER), self.assigned[name]) for name in names}
        return state.binding(**{name: optional(type_, _MAY_NOT_HAVE_RUN) for name, type_ in found.items()})

    def failed(self, step: Step, before: FlowState, after: FlowState, why: Absence) -> FlowState:
        del after, why
        for body in step.bodies():
            if not (body.apart or body.last):
                before = self.perhaps(body.steps, before)
        return before

    def handling(self, state: FlowState, catcher: Catcher, raising: tuple[Steps, ...] = ()) -> FlowState:
        error = error_type(self.contracts, catcher.errors, raising)
        return replace(state.binding(error=error), before=error)

    def handled(self, end: FlowState, before: FlowState) -> FlowState:
        outer = before.variables.get("error")
        return end.without("error") if outer is None else end.binding(error=outer)

    def valued(self, step: Step, state: FlowState) -> FlowState:
        return state.assigns(step.id, state.before)

    def entries(self, step: Switch | Match, state: FlowState) -> tuple[list[FlowState], FlowState | None]:
        match step:
            case Switch():
                return self.rules(step, state)
            case Match():
                return self.cases(step, state), None
            case _:
                assert_never(step)

    def rules(self, step: Switch, state: FlowState) -> tuple[list[FlowState], FlowState | None]:
        entries = []
        left: FlowState | None = state
        for rule in step.rules:
            here = left or state
            others = rule is not step.rules[-1] or step.otherwise is not None
            always = "nothing after it in this switch ever runs" if others else None
            self.conditions.check(rule.when, here, always=always, never="these steps never run")
            entries.append(self.conditions.narrowed(rule.when, here, holds=True) or here)
            left = self.conditions.narrowed(rule.when, here, holds=False)
        return (entries, left) if step.otherwise is None else ([*entries, left or state], None)

    def cases(self, step: Match, state: FlowState) -> list[FlowState]:
        subject = step.subject
        found = type_of_expression(subject, state.variables, self.teller, catchable=False)
        self.teller.relies(found, place_of(subject))
        if found.may_be_absent:
            found = needed(subject, found, self.teller) if assign(found, unknown("")) is not None else present(found)
        entries = []
        left: FlowState | None = state
        for case in step.cases:
            wanted = literal(case.value)
            if assign(wanted, found) is not None and not found.is_any:
                message = f"this can never be `{case.key.text}`: its type is `{show(found)}`"
                self.teller.tell("FG306", message, case.key.span, secondary=(Label(place_of(subject), "the value"),))
            test = f"({subject.text.strip()}) = {written(case.value)}"
            entries.append(self.conditions.facts(test, state, holds=True) or state)
            left = self.conditions.facts(test, left, holds=False) if left is not None else None
        if step.otherwise is not None:
            return [*entries, left or state]
        self.conditions.exhaustive(step, found)
        return entries

    def parallel(self, step: Parallel, state: FlowState) -> FlowState:
        names = zip(step.branches, step.bodies(), strict=True)
        ends = {name: self.apart(step, body, state) for name, body in names}
        return state.assigns(step.id, record({name: _given(end) for name, end in ends.items()}))

    def for_each(self, step: ForEach, state: FlowState) -> FlowState:
        items = items_of(step, state, self.contracts, self.teller)
        item = items.item()
        check_sizes(step, state, self.teller)
        given = array_of(item, least=1) if step.batch is not None else item
        names = {"index": INTEGER_TYPE}
        if step.as_ is not None:
            names[step.as_] = given
        if step.batch is not None and step.batch.shared is not None:
            names["batch"] = self.value(step.batch.shared, state)
        body = step.bodies()[0]
        end = _given(self.apart(step, body, replace(state.binding(**names), before=given)))
        exactly = step.batch is None and step.tolerate is None
        result = array_of(end, items.least, items.most) if exactly else array_of(end)
        if step.writer is not None:
            check_places(step.writer, ("bucket", "prefix"), state, "a writer", self.teller)
            details = record({"Bucket": TEXT_TYPE, "Key": TEXT_TYPE})
            result = record({"MapRunArn": TEXT_TYPE, "ResultWriterDetails": details})
        return state.assigns(step.id, result)

    def rounds(self, step: Repeat, state: FlowState) -> tuple[FlowState, list[FlowState]]:
        """The value of a round is the input of the next, so the body is checked until the type of that value is stable.

        An inner loop is visited once for each round of the outer loop. Its input type only ever grows, so the check
        continues with the type of the last visit. A visit then costs one round, plus one for each time that the type
        grows, which is bounded: nested loops cost rounds in proportion to their depth, not to a power of it.
        """
        rounds = step.rounds
        start = self.value(rounds.start, state) if rounds.start is not None else state.before
        carried = union(start, self.carried[step.id]) if step.id in self.carried else start
        most = min(_ROUNDS, _ROUNDS_IN_ALL - self.grown[step.id])
        kept = [inner.id for inner in same_variables(step.steps) if inner.id in self.asked]
        for index in range(most + 1):
            if index == most:
                carried = unknown("the value of the loop grows with each round")
            before = {name: self.assigned.get(name, NEVER) for name in kept}
            self.teller.quiet += 1
            end, left = self.one_round(step, state, carried)
            self.teller.quiet -= 1
            grown = {name for name in kept if assign(self.assigned.get(name, NEVER), before[name], exact=True)}
            for name in grown if index >= _EXACT_ROUNDS else ():
                new = widened(before[name], self.assigned[name])
                self.assigned[name] = unknown("its value grows with each round") if index == most else new
            given = _given(end)
            stable = assign(given, carried, exact=True) is None
            if index == most or (stable and not grown):
                break
            if not stable:
                carried = union(carried, given) if index < _EXACT_ROUNDS else widened(carried, given)
            self.grown[step.id] += 1
        self.carried[step.id] = carried
        if not self.teller.quiet:
            end, left = self.one_round(step, state, carried)
        return end, left

    def one_round(self, step: Repeat, state: FlowState, carried: Type) -> tuple[FlowState, list[FlowState]]:
        rounds = step.rounds
        inside = replace(self.perhaps(step.steps, state), before=carried)
        if rounds.as_ is not None:
            inside = inside.binding(**{rounds.as_: carried})
        if rounds.first is not None:
            check_quantity(rounds.every, PAUSE, inside, self.teller, catchable=False)
        if rounds.while_ is not None:
            self.conditions.check(rounds.while_, inside, always=None, never="the loop has no round")
            inside = self.conditions.narrowed(rounds.while_, inside, holds=True) or inside
        return self.round(step, step.bodies()[0], inside)

    def ended(self, step: Repeat, before: FlowState, end: FlowState) -> FlowState:
        rounds = step.rounds
        bound = end if rounds.as_ is None else end.binding(**{rounds.as_: end.before})
        if end.reached and rounds.first is None:
            going_on = None if rounds.until is None else self.conditions.narrowed(rounds.until, bound, holds=False)
            check_quantity(rounds.every, PAUSE, going_on or bound, self.teller, catchable=False)
        if rounds.until is not None and end.reached:
            always, never = "the loop always ends after one round", "it never ends the loop"
            self.conditions.check(rounds.until, bound, always=always, never=never)
            end = self.where_holds(rounds.until, bound, end)
        return end if rounds.while_ is None else replace(before, before=self.carried[step.id])

    def where_holds(self, until: Expression, bound: FlowState, end: FlowState) -> FlowState:
        """The facts if `until` is true, including those about the round's value if the condition reads it."""
        after = self.conditions.narrowed(until, bound, holds=True)
        if after is None:
            return end
        whole = next((name for name, found in bound.variables.items() if found is end.before), None)
        before = end.before if whole is None else after.variables[whole]
        gone = after.variables.keys() - end.variables.keys() - after.variables.facts
        return replace(after.without(*gone), before=before)

    def unbound(self, step: Repeat, state: FlowState, before: FlowState) -> FlowState:
        name = step.rounds.as_
        return state if name is None or name in before.variables else state.without(name)

    def finally_(self, step: Group, before: FlowState, end: FlowState, after: FlowState) -> FlowState:
        del end
        error = error_type(self.contracts, ("any",), (step.steps,))
        start = self.perhaps(step.steps, joined(after, before))
        return replace(start, reached=True, before=union(after.before, error))


def _given(end: FlowState) -> Type:
    """The value at the end of a body."""
    return end.before if end.reached else NEVER
