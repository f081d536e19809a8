"""Names in expressions: each is known where it stands, and has a value on every path that leads there.

Control is followed once, from the first step to the last, with the set of steps that have surely run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import assert_never

from flowgen.check.names import MOST_GUESSES
from flowgen.check.placement import meant_as_boolean
from flowgen.diagnostics import Diagnostic, Label, Span, did_you_mean, replacing
from flowgen.jsonata.other_languages import function_of, word_of
from flowgen.jsonata.parsing import BUILT_IN, Reference
from flowgen.jsonata.unsupported import Unsupported, top_level_references
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
    Repeat,
    Return,
    RunWorkflow,
    Set,
    Step,
    Steps,
    Switch,
    Wait,
    Workflow,
    every_step,
    expressions_in,
    undoing_of,
)
from flowgen.model.element import listed
from flowgen.model.expressions import expressions_of
from flowgen.model.flow import completes
from flowgen.model.raised import LIMIT_EXCEEDED
from flowgen.model.steps import walk

AMBIENT = ("input", "context")
STACK = ("parameters", "resources")
RESERVED = ("error", "states")
"""Names that an expression must not bind, even where they have no value."""


@dataclass(frozen=True, slots=True)
class _Absence:
    """Why a step may have no value: the place that decides, and what it does."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class _Paths:
    """What is known after some steps: who surely has a value, and why others may not."""

    assigned: frozenset[str] = frozenset()
    absent: dict[str, _Absence] = field(default_factory=dict)
    reached: bool = True

    def gains(self, name: str) -> _Paths:
        return replace(self, assigned=self.assigned | {name})

    def loses(self, names: frozenset[str], why: _Absence) -> _Paths:
        return replace(self, absent={**dict.fromkeys(names, why), **self.absent})


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an expression stands: the names that are bound around it, and those whose presence it was asked for."""

    names: tuple[str, ...] = AMBIENT
    guards: tuple[str, ...] = ()
    loop: str = ""
    """The innermost loop."""

    def guarded(self, *expressions: Expression | None) -> _Place:
        asked = tuple(name for expression in expressions if expression is not None for name in guards(expression))
        return replace(self, guards=self.guards + asked) if asked else self

    def binding(self, *names: str | None) -> _Place:
        return replace(self, names=(*self.names, *(name for name in names if name is not None)))


def check_expressions(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG203 and FG208, for every expression of every step."""
    scope = _Scope(workflow)
    scope.sequence(workflow.steps, _Paths(), _Place())
    nothing = _Absence(workflow.span_of("catch"), "where this catches, any step may not have run")
    everything = _Paths().loses(frozenset(scope.steps), nothing)
    for catcher in workflow.catch:
        scope.sequence(catcher.steps or (), everything, _Place().binding("error"))
    for name, handler in workflow.handlers.items():
        uses = scope.uses.get(name, [_Paths()])
        common = uses[0].assigned.intersection(*(use.assigned for use in uses))
        why = _Absence(handler.key.span, "not every step that uses this handler comes after it")
        start = _Paths(common).loses(frozenset(scope.steps) - common, why)
        scope.sequence(handler.steps, start, _Place().binding("error"))
    return iter(scope.found)


class _Scope:
    def __init__(self, workflow: Workflow) -> None:
        self.workflow = workflow
        self.steps = {step.id: step for step in every_step(workflow)}
        self.found: list[Diagnostic] = []
        self.uses: dict[str, list[_Paths]] = {}
        self.left: dict[str, list[_Paths]] = {}
        self.continued: dict[str, list[tuple[Continue, _Paths]]] = {}

    def sequence(self, steps: Steps, paths: _Paths, place: _Place) -> _Paths:
        for step in steps:
            paths = self.step(step, paths, place)
            if not completes(step):
                return replace(paths, reached=False)
        return paths

    def step(self, step: Step, before: _Paths, place: _Place) -> _Paths:
        place = place.guarded(step.condition)
        own = place
        if isinstance(step, Repeat):
            own = place.binding(step.rounds.as_)
        for expression in expressions_of(step):
            if not (isinstance(step, Repeat) and _after_round(step, expression)):
                self.expression(expression, before, own.guarded(expression))
        after = self.kind(step, before, place)
        self.compensation(step, after.gains(step.id), place)
        if step.condition is None:
            return after
        why = _Absence(step.condition.node.span, f"where this is false, `{step.id}` has no value")
        gained = after.assigned - before.assigned
        # A `switch` without `else` may be run and still have no value.
        has_value = step.id in after.assigned or not isinstance(step, Switch)
        kept = frozenset({step.id}) if step.skipped is not None and has_value else frozenset[str]()
        return _Paths(before.assigned | kept, after.absent).loses(gained - kept, why)

    def compensation(self, step: Step, paths: _Paths, place: _Place) -> None:
        """What undoes a step sees what was there when it was completed."""
        undoing = undoing_of(step)
        if undoing is None:
            return
        for expression in expressions_of(undoing):
            self.expression(expression, paths, place.guarded(expression))
        for catcher in undoing.catch:
            self.sequence(catcher.steps or (), paths, place.binding("error"))

    def kind(self, step: Step, before: _Paths, place: _Place) -> _Paths:
        match step:
            case Call() | Aws() | Http() | RunWorkflow():
                return self.caught(step, before.gains(step.id), before, step.catch, place)
            case Wait() | Set() | Asl():
                return before.gains(step.id)
            case Group():
                return self.group(step, before, place)
            case Switch():
                branches = [(rule.when.node.span, place.guarded(rule.when), rule.steps) for rule in step.rules]
                return self.branches(step, branches, step.otherwise, before, place)
            case Match():
                cases = [(case.key.span, place, case.steps) for case in step.cases]
                return self.branches(step, cases, step.otherwise, before, place, exhaustive=True)
            case Parallel(branches=inside):
                bodies = [(steps, place) for steps in inside.values()]
                return self.enclosed(step, bodies, before, place, f"its value is in `${step.id}`")
            case ForEach(steps=steps):
                inner = replace(place.binding(step.as_, *_of_item(step)), loop=step.id)
                return self.enclosed(step, [(steps, inner)], before, place, f"the values are in `${step.id}`")
            case Repeat():
                return self.repeat(step, before, place)
            case Break(target=target):
                self.left.setdefault(target or place.loop, []).append(before)
                return before
            case Continue(target=target):
                self.continued.setdefault(target or place.loop, []).append((step, before))
                return before
            case Return() | Fail():
                return before
            case _:
                assert_never(step)

    def group(self, step: Group, before: _Paths, place: _Place) -> _Paths:
        inside = self.sequence(step.steps, before, place)
        left = self.left.pop(step.id, [])
        why = _Absence(step.span_of("steps"), "where a `break` leaves this group, it has no value")
        ended = self.joined([inside.gains(step.id), *(one.gains(step.id) for one in left)], [why] * len(left))
        if step.finally_ is not None:
            fails = _Absence(step.span_of("finally"), "where the group failed, it has no value")
            self.sequence(step.finally_, before.loses(inside.assigned - before.assigned, fails), place)
        return self.caught(step, ended, before, step.catch, place)

    def repeat(self, step: Repeat, before: _Paths, place: _Place) -> _Paths:
        rounds = step.rounds
        inner = replace(place.binding(rounds.as_), loop=step.id)
        ended = self.sequence(step.steps, before, inner.guarded(rounds.while_))
        for jump, paths in self.continued.pop(step.id, []):
            skips = _Absence(jump.span_of("continue"), "where this goes to the end of the round, it has no value")
            ended = self.joined([ended, paths], [skips])
        limit = ended if ended.reached and fails_only_at_its_limit(self.workflow, step) else None
        if rounds.until is not None:
            self.expression(rounds.until, ended, inner.guarded(rounds.until))
        left = self.left.pop(step.id, [])
        why = _Absence(step.span_of("repeat"), "where the loop is left early, it has no value")
        if rounds.while_ is not None:
            ended = before.loses(ended.assigned - before.assigned, why)
        if rounds.while_ is None and rounds.until is None:
            # Only `break` leaves it: after its last round it fails.
            ended = replace(ended, reached=False)
        ended = self.joined([ended.gains(step.id), *(one.gains(step.id) for one in left)], [why] * len(left))
        return self.caught(step, ended, before, step.catch, place, limit)

    def enclosed(
        self, step: Parallel | ForEach, bodies: list[tuple[Steps, _Place]], before: _Paths, place: _Place, where: str
    ) -> _Paths:
        """Bodies whose variables stay inside: Step Functions does not let them out."""
        inside = frozenset[str]()
        for steps, own in bodies:
            inside |= self.sequence(steps, before, own).assigned - before.assigned
        why = _Absence(step.span_of(step.kind), f"what is inside stays there; {where}")
        return self.caught(step, before.gains(step.id).loses(inside, why), before, step.catch, place)

    def caught(
        self,
        step: Step,
        normal: _Paths,
        before: _Paths,
        catch: tuple[Catcher, ...],
        place: _Place,
        limit: _Paths | None = None,
    ) -> _Paths:
        """`limit` is what is known where a loop has had all its rounds, and nothing else fails with that error."""
        ends, reasons = [normal], []
        for catcher in catch:
            why = _Absence(catcher.span_of("errors"), "where this is caught, it has no value")
            start = before.loses(normal.assigned - before.assigned, why)
            if limit is not None and catcher.errors == (LIMIT_EXCEEDED,):
                start = limit
            if catcher.handler is not None:
                self.uses.setdefault(catcher.handler, []).append(before)
                continue
            handled = self.sequence(catcher.steps or (), start, place.binding("error"))
            ends.append(handled.gains(step.id))
            reasons.append(why)
        return self.joined(ends, reasons)

    def branches(
        self,
        step: Switch | Match,
        branches: list[tuple[Span, _Place, Steps]],
        otherwise: Steps | None,
        before: _Paths,
        place: _Place,
        *,
        exhaustive: bool = False,
    ) -> _Paths:
        ends, reasons = [], []
        for span, own, steps in branches:
            ends.append(self.sequence(steps, before, own).gains(step.id))
            reasons.append(_Absence(span, "where this branch is taken, it has no value"))
        if otherwise is not None:
            ends.append(self.sequence(otherwise, before, place).gains(step.id))
            reasons.append(_Absence(step.span_of("else"), "where this branch is taken, it has no value"))
        elif not exhaustive:
            ends.append(before)
            text = f"where no rule of this `{step.kind}` holds, it has no value"
            reasons.append(_Absence(step.span_of(step.kind), text))
        return self.joined(ends, reasons[1:], first=reasons[0])

    def joined(self, ends: list[_Paths], reasons: list[_Absence], first: _Absence | None = None) -> _Paths:
        """What holds whichever of the ends was reached."""
        why = [first, *reasons] if first else [None, *reasons]
        alive = [(end, reason) for end, reason in zip(ends, why, strict=True) if end.reached]
        if not alive:
            return replace(ends[0], reached=False)
        every = frozenset[str]().union(*(end.assigned for end, _ in alive))
        common = alive[0][0].assigned.intersection(*(end.assigned for end, _ in alive))
        absent = {name: reason for end, _ in alive for name, reason in end.absent.items()}
        unexplained = every - common - absent.keys()
        for end, reason in alive:
            if reason is not None and unexplained:
                absent |= dict.fromkeys(unexplained - end.assigned, reason)
                unexplained &= end.assigned
        return _Paths(common, {name: reason for name, reason in absent.items() if name not in common})

    def expression(self, expression: Expression, paths: _Paths, place: _Place) -> None:
        for token in expression.syntax.bound:
            if token.value in paths.assigned or token.value in (*place.names, *RESERVED):
                self.tell(
                    "FG205",
                    f"`${token.value}` is bound here, and means something else outside",
                    expression.span(token.start, token.end),
                    help_="give it another name",
                )
        for reference in expression.syntax.references:
            self.reference(expression, reference, paths, place)
        for found in top_level_references(expression.syntax.tree) if meant_as_boolean(expression) is None else ():
            self.without_context(expression, found, place)

    def without_context(self, expression: Expression, found: Unsupported, place: _Place) -> None:
        name, new = found.name, None
        if name.startswith("$"):
            help_ = "write `$input`, or the id of a step after `$`"
        elif name in self.steps or name in place.names:
            new = f"${name}"
            help_ = f"write `{new}`"
        else:
            otherwise = f"write `$input.{name}`, or `'{name}'` for a string"
            help_ = word_of(name) or function_of(name) or otherwise
        self.tell(
            "FG203",
            f"`{name}` refers to nothing here, and Step Functions refuses it",
            expression.span(found.start, found.end),
            label="there is no context yet",
            help_=help_,
            new=new,
        )

    def reference(self, expression: Expression, reference: Reference, paths: _Paths, place: _Place) -> None:
        name = reference.name
        span = expression.span(reference.start, reference.end)
        if name in place.names or name in paths.assigned or name in place.guards:
            return
        if name in STACK:
            self.stack_value(expression, reference)
            return
        if name == "error":
            self.tell("FG203", "`$error` is what was caught, and nothing is caught here", span)
        elif name == "states":
            help_ = "write `$input`, `$context` or a step's id: `$states` means another thing in each state"
            self.tell("FG203", "`$states` can't be used here", span, help_=help_)
        elif name in self.steps:
            self.unassigned(name, span, paths)
        elif name not in BUILT_IN:
            self.unknown(reference, span, paths, place)

    def stack_value(self, expression: Expression, reference: Reference) -> None:
        """`$parameters.NAME` and `$resources.NAME.Attr` stand for what CloudFormation puts there."""
        declared = getattr(self.workflow, reference.name)
        span = expression.span(reference.start, reference.end)
        if not reference.path:
            help_ = f"write `${reference.name}.NAME`, the name of one that is declared"
            self.tell("FG203", f"`${reference.name}` alone is no value", span, help_=help_)
        elif reference.path[0] not in declared:
            guess = did_you_mean(reference.path[0], declared)
            help_ = f"did you mean `{guess}`?" if guess else f"declare it under `{reference.name}`"
            end = reference.path_ends[0]
            where = expression.span(end - len(reference.path[0]), end)
            message = f"there is nothing called `{reference.path[0]}` under `{reference.name}`"
            self.tell("FG203", message, where, help_=help_, new=guess)

    def unassigned(self, name: str, span: Span, paths: _Paths) -> None:
        why = paths.absent.get(name)
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

    def unknown(self, reference: Reference, span: Span, paths: _Paths, place: _Place) -> None:
        name = reference.name
        names = [*sorted(paths.assigned), *place.names]
        meant = sorted(BUILT_IN) if reference.called else names
        guess = did_you_mean(name, meant) if len(self.found) < MOST_GUESSES else None
        what = "function" if reference.called else "step or variable"
        self.tell(
            "FG203",
            f"there is no {what} `${name}` here",
            span,
            help_=f"did you mean `${guess}`?"
            if guess
            else (
                "the functions are those of JSONata"
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


def _of_item(step: ForEach) -> tuple[str, ...]:
    """The names beside `as`. A batch holds many items: none of them has an index."""
    if step.batch is None:
        return ("index",)
    return () if step.batch.shared is None else ("batch",)


def _after_round(step: Repeat, expression: Expression) -> bool:
    """Whether an expression of a loop is looked at when a round has ended, with the values that it left."""
    return step.rounds.until is not None and expression in expressions_in(step.rounds.until)


def guards(expression: Expression) -> tuple[str, ...]:
    """The variables whose presence an expression asks for: `$exists($review)`."""
    tokens = expression.syntax.tokens
    return tuple(
        str(name.value)
        for called, bracket, name in zip(tokens, tokens[1:], tokens[2:], strict=False)
        if called.kind == "variable" and called.value == "exists" and bracket.value == "(" and name.kind == "variable"
    )


def fails_only_at_its_limit(workflow: Workflow, loop: Repeat) -> bool:
    """Whether `RepeatLimitExceeded` comes from `loop` itself, and so after a whole round, and from nothing in it."""
    if loop.rounds.most is None or any(
        function.error(LIMIT_EXCEEDED) is not None for function in workflow.functions.values()
    ):
        return False
    return not any(isinstance(step, Repeat | Asl | Fail) for step in walk(loop.steps))
