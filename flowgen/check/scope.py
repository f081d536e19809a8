"""Names in expressions: each must be in scope, and have a value on every path to the expression."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from flowgen.check.names import MOST_GUESSES
from flowgen.check.placement import meant_as_boolean
from flowgen.check.raw_variables import raw_assigned, raw_expressions
from flowgen.check.walk import Absence, PathState, Walk
from flowgen.diagnostics import Diagnostic, Label, Span, did_you_mean, replacing
from flowgen.jsonata.other_languages import function_of, word_of
from flowgen.jsonata.parsing import BUILT_IN, Reference
from flowgen.jsonata.unsupported import Unsupported, top_level_references
from flowgen.model import (
    Asl,
    Body,
    Catcher,
    Expression,
    Fail,
    ForEach,
    Group,
    Handler,
    Match,
    Parallel,
    Repeat,
    Return,
    Set,
    Step,
    Steps,
    Switch,
    Task,
    Wait,
    Workflow,
    every_step,
    expressions_in,
)
from flowgen.model.element import listed
from flowgen.model.expressions import expressions_of, guards

AMBIENT = ("input", "context")
STACK = ("parameters", "resources")
_OTHER_NAMES_IN_ASL = ("context", "error", "index", "batch")
"""Names for which the state machine has no variable of the same name."""
RESERVED = ("error", "states")
"""Names that an expression must not bind, even if they have no value."""


@dataclass(frozen=True, slots=True)
class _Names(PathState):
    """The names at a place: which steps certainly have a value, and why others may not."""

    assigned: frozenset[str] = frozenset()
    absent: dict[str, Absence] = field(default_factory=dict)
    bound: tuple[str, ...] = AMBIENT
    """The names other than those of steps."""
    guards: tuple[str, ...] = ()
    """The names that an enclosing condition tests for a value."""
    raw: frozenset[str] = frozenset()
    """The variables that `asl` states have assigned, which only other `asl` states can read."""

    def gains(self, name: str) -> _Names:
        return replace(self, assigned=self.assigned | {name})

    def loses(self, names: frozenset[str], why: Absence) -> _Names:
        return replace(self, absent={**dict.fromkeys(names, why), **self.absent})

    def guarded(self, *expressions: Expression | None) -> _Names:
        asked = tuple(name for expression in expressions if expression is not None for name in guards(expression))
        return replace(self, guards=self.guards + asked) if asked else self

    def binding(self, *names: str) -> _Names:
        return replace(self, bound=(*self.bound, *names)) if names else self

    def within(self, body: Body) -> _Names:
        return self.binding(*(bound.name for bound in body.binds))


def check_expressions(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG203, FG205 and FG208, for every expression of every step."""
    scope = _Scope(workflow)
    scope.whole(_Names())
    return iter(scope.found)


class _Scope(Walk[_Names]):
    def __init__(self, workflow: Workflow) -> None:
        super().__init__(workflow)
        self.steps = {step.id: step for step in every_step(workflow)}
        self.found: list[Diagnostic] = []

    def enters(self, step: Step, state: _Names) -> None:
        later: Sequence[Expression] = ()
        state = state.guarded(step.condition)
        if isinstance(step, Repeat):
            state = state.within(step.bodies()[0])
            # Checked after a round, with the values of the round.
            later = [] if step.rounds.until is None else list(expressions_in(step.rounds.until))
        for expression in expressions_of(step):
            if expression not in later:
                self.expression(expression, state.guarded(expression))
        if isinstance(step, Asl):
            self.raw(step, state)

    def leaves(self, state: _Names, outer: _Names) -> _Names:
        return replace(state, bound=outer.bound, guards=outer.guards)

    def joined(self, ends: Sequence[tuple[_Names, Absence | None]]) -> _Names:
        alive = [(end, reason) for end, reason in ends if end.reached]
        if not alive:
            return replace(ends[0][0], reached=False)
        first = alive[0][0]
        every = first.assigned.union(*(end.assigned for end, _ in alive))
        common = first.assigned.intersection(*(end.assigned for end, _ in alive))
        absent = {name: reason for end, _ in alive for name, reason in end.absent.items()}
        unexplained = every - common - absent.keys()
        for end, reason in alive:
            if reason is not None and unexplained:
                absent |= dict.fromkeys(unexplained - end.assigned, reason)
                unexplained &= end.assigned
        raw = first.raw.intersection(*(end.raw for end, _ in alive))
        absent = {name: reason for name, reason in absent.items() if name not in common}
        return replace(first, assigned=common, absent=absent, raw=raw)

    def condition(self, step: Step, condition: Expression, state: _Names) -> tuple[_Names, _Names]:
        return state.guarded(condition), state if step.skipped is None else state.gains(step.id)

    def task(self, step: Task, state: _Names) -> _Names:
        return state.gains(step.id)

    def simple(self, step: Wait | Set | Asl | Return | Fail, state: _Names) -> _Names:
        if isinstance(step, Asl):
            state = replace(state, raw=state.raw | raw_assigned(step))
        return state if isinstance(step, Return | Fail) else state.gains(step.id)

    def entries(self, step: Switch | Match, state: _Names) -> tuple[list[_Names], _Names | None]:
        if isinstance(step, Match):
            return [state] * len(step.bodies()), None
        entries = [state.guarded(rule.when) for rule in step.rules]
        return (entries, state) if step.otherwise is None else ([*entries, state], None)

    def parallel(self, step: Parallel, state: _Names) -> _Names:
        return self.enclosed(step, state, f"its value is in `${step.id}`")

    def for_each(self, step: ForEach, state: _Names) -> _Names:
        return self.enclosed(step, state, f"the values are in `${step.id}`")

    def enclosed(self, step: Parallel | ForEach, before: _Names, where: str) -> _Names:
        """Bodies whose variables are not visible outside in Step Functions."""
        inside = frozenset[str]()
        for body in step.bodies():
            end = self.apart(step, body, before.within(body))
            inside |= end.assigned
        why = Absence(step.span_of(step.kind), f"steps inside are not visible outside; {where}")
        return before.gains(step.id).loses(inside - before.assigned, why)

    def rounds(self, step: Repeat, state: _Names) -> tuple[_Names, list[_Names]]:
        body = step.bodies()[0]
        return self.round(step, body, state.within(body).guarded(step.rounds.while_))

    def ended(self, step: Repeat, before: _Names, end: _Names) -> _Names:
        until = step.rounds.until
        if until is not None:
            self.expression(until, end.guarded(until))
        if step.rounds.while_ is None:
            return end
        why = Absence(step.span_of("repeat"), "if the loop is left early, it has no value")
        return before.loses(end.assigned - before.assigned, why)

    def valued(self, step: Step, state: _Names) -> _Names:
        return state.gains(step.id)

    def failed(self, step: Step, before: _Names, after: _Names, why: Absence) -> _Names:
        del step
        return before.loses(after.assigned - before.assigned, why)

    def finally_(self, step: Group, before: _Names, end: _Names, after: _Names) -> _Names:
        del after
        why = Absence(step.span_of("finally"), "if the group failed, it has no value")
        return before.loses(end.assigned - before.assigned, why)

    def handling(self, state: _Names, catcher: Catcher, raising: tuple[Steps, ...] = ()) -> _Names:
        del catcher, raising
        return state.binding("error")

    def handled(self, end: _Names, before: _Names) -> _Names:
        return self.leaves(end, before)

    def undoing(self, undoing: Task, state: _Names) -> None:
        for expression in expressions_of(undoing):
            self.expression(expression, state.guarded(expression))

    def at_any_time(self, start: _Names, catcher: Catcher) -> _Names:
        why = Absence(self.workflow.span_of("catch"), "when this `catch` runs, the step may not have run")
        return self.handling(start.loses(frozenset(self.steps), why), catcher)

    def shared(self, handler: Handler, uses: Sequence[_Names]) -> _Names:
        common = frozenset[str]() if not uses else frozenset.intersection(*(use.assigned for use in uses))
        why = Absence(handler.key.span, "the step does not run before every use of this handler")
        raw = frozenset[str]() if not uses else frozenset.intersection(*(use.raw for use in uses))
        return _Names(common, raw=raw).loses(frozenset(self.steps) - common, why).binding("error")

    def expression(self, expression: Expression, names: _Names) -> None:
        for token in expression.syntax.bound:
            if token.value in names.assigned or token.value in (*names.bound, *RESERVED):
                self.tell(
                    "FG205",
                    f"`${token.value}` is bound here, but is already defined",
                    expression.span(token.start, token.end),
                    help_="rename the variable",
                )
        for reference in expression.syntax.references:
            self.reference(expression, reference, names)
        for found in top_level_references(expression.syntax.tree) if meant_as_boolean(expression) is None else ():
            self.without_context(expression, found, names)

    def raw(self, step: Asl, names: _Names) -> None:
        """The variables in an `asl` state, which has the state machine's names: `$states.input`, not `$error`."""
        bound = tuple(name for name in names.bound if name not in _OTHER_NAMES_IN_ASL)
        for found in raw_expressions(step):
            known = replace(names, bound=(*bound, *names.raw)) if found.outside else _Names(bound=())
            known = replace(known, bound=(*known.bound, *found.own)).guarded(found.expression)
            for reference in found.expression.syntax.references:
                name = reference.name
                if name in known.bound or name in known.assigned or name in known.guards or name == "states":
                    continue
                span = found.expression.span(reference.start, reference.end)
                if found.outside and name in self.steps:
                    self.unassigned(name, span, known)
                elif name == "error" or name not in BUILT_IN:
                    self.unknown(reference, span, known)

    def without_context(self, expression: Expression, found: Unsupported, names: _Names) -> None:
        name, new = found.name, None
        if name.startswith("$"):
            help_ = "write `$input`, or the id of a step after `$`"
        elif name in self.steps or name in names.bound:
            new = f"${name}"
            help_ = f"write `{new}`"
        else:
            otherwise = f"write `$input.{name}`, or `'{name}'` for a string"
            help_ = word_of(name) or function_of(name) or otherwise
        self.tell(
            "FG203",
            f"`{name}` has no meaning here; Step Functions rejects it",
            expression.span(found.start, found.end),
            label="no context here",
            help_=help_,
            new=new,
        )

    def reference(self, expression: Expression, reference: Reference, names: _Names) -> None:
        name = reference.name
        span = expression.span(reference.start, reference.end)
        if name in names.bound or name in names.assigned or name in names.guards:
            return
        if name in STACK:
            self.stack_value(expression, reference)
            return
        if name == "error":
            self.tell("FG203", "`$error` exists only in the steps of a `catch`", span)
        elif name == "states":
            help_ = "write `$input`, `$context` or a step's id: `$states` has a different meaning in each state"
            self.tell("FG203", "`$states` cannot be used here", span, help_=help_)
        elif name in self.steps:
            self.unassigned(name, span, names)
        elif name not in BUILT_IN:
            self.unknown(reference, span, names)

    def stack_value(self, expression: Expression, reference: Reference) -> None:
        """`$parameters.NAME` and `$resources.NAME.Attr`, whose values CloudFormation inserts."""
        declared = getattr(self.workflow, reference.name)
        span = expression.span(reference.start, reference.end)
        if not reference.path:
            help_ = f"write `${reference.name}.NAME` with a declared name"
            self.tell("FG203", f"`${reference.name}` is not a value on its own", span, help_=help_)
        elif reference.path[0] not in declared:
            guess = did_you_mean(reference.path[0], declared)
            help_ = f"did you mean `{guess}`?" if guess else f"declare it under `{reference.name}`"
            end = reference.path_ends[0]
            where = expression.span(end - len(reference.path[0]), end)
            message = f"`{reference.path[0]}` is not declared under `{reference.name}`"
            self.tell("FG203", message, where, help_=help_, new=guess)

    def unassigned(self, name: str, span: Span, names: _Names) -> None:
        why = names.absent.get(name)
        declared = Label(self.steps[name].span_of("id"), "this step")
        if why is None:
            self.tell(
                "FG208",
                f"`{name}` has not run when this is evaluated",
                span,
                label="no value yet",
                secondary=(declared,),
            )
            return
        self.tell(
            "FG208",
            f"`{name}` may have no value here",
            span,
            label="may be unassigned",
            secondary=(Label(why.span, why.text),),
            help_=f"guard it with `$exists(${name})`, or give it a value on that path (`skipped`, `else`)",
        )

    def unknown(self, reference: Reference, span: Span, known: _Names) -> None:
        name = reference.name
        names = [*sorted(known.assigned), *known.bound]
        meant = sorted(BUILT_IN) if reference.called else names
        guess = did_you_mean(name, meant) if len(self.found) < MOST_GUESSES else None
        what = "function" if reference.called else "step or variable"
        self.tell(
            "FG203",
            f"unknown {what} `${name}`",
            span,
            help_=f"did you mean `${guess}`?"
            if guess
            else (
                "use a JSONata function"
                if reference.called
                else f"the names in scope are {listed(f'${name}' for name in names)}"
            ),
            new=guess and f"${guess}",
        )

    def tell(
        self,
        code: str,
        message: str,
        span: Span,
        *,
        label: str = "",
        secondary: tuple[Label, ...] = (),
        help_: str | None = None,
        new: str | None = None,
    ) -> None:
        fix = replacing(span, new)
        self.found.append(Diagnostic(code, message, span, label, secondary=secondary, help=help_, fix=fix))
