"""Names in expressions: each is known where it stands, and has a value on every path that leads there.

Control is followed once, from the first step to the last, with the set of steps that have surely run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import assert_never

from flowgen.check.names import MOST_GUESSES
from flowgen.diagnostics import Diagnostic, Label, Span, did_you_mean
from flowgen.jsonata.parsing import BUILT_IN, Reference
from flowgen.model import Call, Catcher, Expression, Fail, Group, Return, Set, Step, Switch, Wait, Workflow, walk
from flowgen.model.element import listed
from flowgen.model.expressions import expressions_of
from flowgen.model.flow import completes

AMBIENT = ("input", "context")


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


def check_expressions(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG203 and FG208, for every expression of every step."""
    scope = _Scope({step.id: step for step in walk(workflow.steps)})
    scope.sequence(workflow.steps, _Paths(), (), error=False)
    return iter(scope.found)


class _Scope:
    def __init__(self, steps: dict[str, Step]) -> None:
        self.steps = steps
        self.found: list[Diagnostic] = []

    def sequence(self, steps: tuple[Step, ...], paths: _Paths, guards: tuple[str, ...], *, error: bool) -> _Paths:
        for step in steps:
            paths = self.step(step, paths, guards, error=error)
            if not completes(step):
                return replace(paths, reached=False)
        return paths

    def step(self, step: Step, before: _Paths, guards: tuple[str, ...], *, error: bool) -> _Paths:
        guarded = guards + (_guards(step.condition) if step.condition else ())
        for expression in expressions_of(step):
            self.expression(expression, before, guarded + _guards(expression), error=error)
        after = self.kind(step, before, guarded, error=error)
        if step.condition is None:
            return after
        why = _Absence(step.condition.node.span, f"where this is false, `{step.id}` has no value")
        gained = after.assigned - before.assigned
        kept = frozenset({step.id}) if step.skipped is not None else frozenset[str]()
        return _Paths(before.assigned | kept, after.absent).loses(gained - kept, why)

    def kind(self, step: Step, before: _Paths, guards: tuple[str, ...], *, error: bool) -> _Paths:
        match step:
            case Call(catch=catch):
                return self.caught(step, before.gains(step.id), before, catch, guards)
            case Wait() | Set():
                return before.gains(step.id)
            case Group(steps=steps, catch=catch):
                inside = self.sequence(steps, before, guards, error=error)
                return self.caught(step, inside.gains(step.id), before, catch, guards)
            case Switch():
                return self.switch(step, before, guards, error=error)
            case Return() | Fail():
                return before
            case _:
                assert_never(step)

    def caught(
        self, step: Step, normal: _Paths, before: _Paths, catch: tuple[Catcher, ...], guards: tuple[str, ...]
    ) -> _Paths:
        ends = [normal]
        for catcher in catch:
            why = _Absence(catcher.span_of("errors"), "where this is caught, it has no value")
            start = before.loses(normal.assigned - before.assigned, why)
            handled = self.sequence(catcher.steps, start, guards, error=True)
            ends.append(handled.gains(step.id))
        return self.joined(
            ends, [_Absence(catcher.span_of("errors"), "where this is caught, it has no value") for catcher in catch]
        )

    def switch(self, step: Switch, before: _Paths, guards: tuple[str, ...], *, error: bool) -> _Paths:
        ends, reasons = [], []
        for rule in step.rules:
            end = self.sequence(rule.steps, before, guards + _guards(rule.when), error=error)
            ends.append(end.gains(step.id))
            reasons.append(_Absence(rule.when.node.span, "where this branch is taken, it has no value"))
        if step.otherwise is None:
            ends.append(before)
            reasons.append(_Absence(step.span_of("switch"), "where no rule of this `switch` holds, it has no value"))
        else:
            ends.append(self.sequence(step.otherwise, before, guards, error=error).gains(step.id))
            reasons.append(_Absence(step.span_of("else"), "where this branch is taken, it has no value"))
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

    def expression(self, expression: Expression, paths: _Paths, guards: tuple[str, ...], *, error: bool) -> None:
        for token in expression.syntax.bound:
            if token.value in self.steps or token.value in (*AMBIENT, "error", "states"):
                self.tell(
                    "FG205",
                    f"`${token.value}` is bound here, and means something else outside",
                    expression.span(token.start, token.end),
                    help_="give it another name",
                )
        for reference in expression.syntax.references:
            self.reference(expression, reference, paths, guards, error=error)

    def reference(
        self, expression: Expression, reference: Reference, paths: _Paths, guards: tuple[str, ...], *, error: bool
    ) -> None:
        name = reference.name
        span = expression.span(reference.start, reference.end)
        if name in AMBIENT or name in paths.assigned or name in guards or (name == "error" and error):
            return
        if name == "error":
            self.tell("FG203", "`$error` is what was caught, and nothing is caught here", span)
        elif name == "states":
            help_ = "write `$input`, `$context` or a step's id: `$states` means another thing in each state"
            self.tell("FG203", "`$states` can't be used here", span, help_=help_)
        elif name in self.steps:
            self.unassigned(name, span, paths)
        elif name not in BUILT_IN:
            self.unknown(reference, span, paths, error=error)

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

    def unknown(self, reference: Reference, span: Span, paths: _Paths, *, error: bool) -> None:
        name = reference.name
        names = [*sorted(paths.assigned), *AMBIENT, *(["error"] if error else [])]
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
    ) -> None:
        self.found.append(Diagnostic(code, message, span, label, secondary=secondary, help=help_))


def _guards(expression: Expression) -> tuple[str, ...]:
    """The variables whose presence an expression asks for: `$exists($review)`."""
    tokens = expression.syntax.tokens
    return tuple(
        str(name.value)
        for called, bracket, name in zip(tokens, tokens[1:], tokens[2:], strict=False)
        if called.kind == "variable" and called.value == "exists" and bracket.value == "(" and name.kind == "variable"
    )
