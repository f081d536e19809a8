"""Modifiers and names that are allowed only in some places: `compensate`, `skipped`, `as`."""

from __future__ import annotations

from collections.abc import Iterator

from flowgen.diagnostics import Diagnostic, Fix, Label, Span
from flowgen.model import (
    Body,
    Match,
    Runs,
    Step,
    Steps,
    Undoable,
    Workflow,
    catchers_at,
    catchers_of,
    every_step,
    undoing_of,
)
from flowgen.model.expressions import expressions_of
from flowgen.model.flow import sequence_completes
from flowgen.model.values import Expression

_NOT_BOOLEANS = {"yes": "true", "on": "true", "no": "false", "off": "false"}


def check_compensations(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG217: compensations and pivots where it is unknown which steps were completed."""
    yield from _pivots(workflow.steps, None)
    yield from _misplaced(workflow.steps, None)
    for catcher in workflow.catch:
        here = Label(workflow.span_of("catch"), "in this `catch`")
        yield from _misplaced(catcher.steps or (), here)
        yield from _pivots(catcher.steps or (), here)
    for handler in workflow.handlers.values():
        here = Label(handler.key.span, "in this handler")
        yield from _misplaced(handler.steps, here)
        yield from _pivots(handler.steps, here)


def _misplaced(steps: Steps, why: Label | None) -> Iterator[Diagnostic]:
    for step in steps:
        if why is not None and undoing_of(step) is not None:
            entry = step.node.entry("compensate")
            yield Diagnostic(
                "FG217",
                f"`{step.id}` cannot have `compensate` here",
                step.span_of("compensate") if entry is None else entry.key.span,
                secondary=(why,),
                help="add `compensate` to the whole `for_each` or `parallel`; it gets the complete value",
            )
        for body in step.bodies():
            inside = None if body.in_sequence else Label(step.span_of("id"), f"in the body of this `{step.kind}`")
            yield from _misplaced(body.steps, why or inside)
        for catcher in catchers_at(step):
            yield from _misplaced(catcher.steps or (), why or Label(catcher.span_of("errors"), "in this `catch`"))


def _pivots(steps: Steps, why: Label | None) -> Iterator[Diagnostic]:
    """`why`: what makes it uncertain that the steps run once, and complete before the next one."""
    for step in steps:
        around = why or _uncertain(step)
        if isinstance(step, Undoable) and step.pivot:
            key = step.node.entry("pivot")
            where = step.span_of("pivot") if key is None else key.key.span
            if step.compensate is not None:
                message = f"`{step.id}` is a pivot, so it cannot be undone"
                yield Diagnostic("FG217", message, where, help="remove `compensate`, or `pivot`")
            if around is not None:
                yield Diagnostic(
                    "FG217",
                    f"`{step.id}` cannot be a pivot here, because the workflow may continue without it",
                    where,
                    secondary=(around,),
                    help="a pivot is a step of the main sequence, without `if` and without a `catch` that continues",
                )
        for body in step.bodies():
            once = body.in_sequence and body.runs is Runs.ONCE
            inside = None if once else Label(step.span_of("id"), f"in the body of this `{step.kind}`")
            yield from _pivots(body.steps, around or inside)
        for catcher in catchers_at(step):
            yield from _pivots(catcher.steps or (), why or Label(catcher.span_of("errors"), "in this `catch`"))


def _uncertain(step: Step) -> Label | None:
    """What may let the workflow continue although a step was not completed."""
    if step.condition is not None:
        return Label(step.condition.node.span, "may skip it")
    continuing = (one for one in catchers_of(step) if one.steps is not None and sequence_completes(one.steps))
    catcher = next(continuing, None)
    return None if catcher is None else Label(catcher.span_of("errors"), "this `catch` may replace it")


def check_modifiers(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG102 and FG103: `skipped` without `if`, and conditions such as `yes`, a boolean in other YAML versions."""
    for step in every_step(workflow):
        if step.skipped is not None and step.condition is None:
            entry = step.node.entry("skipped")
            yield Diagnostic(
                "FG103",
                "`skipped` requires an `if`, which this step does not have",
                step.span_of("skipped") if entry is None else entry.key.span,
                help="remove `skipped`, or add `if`",
            )
        for expression in expressions_of(step):
            yield from _no_boolean(expression)
        if isinstance(step, Match):
            yield from _same_cases(step)


def meant_as_boolean(expression: Expression) -> str | None:
    """The boolean for a word such as `yes` or `True`, which JSONata reads as a field name."""
    text = expression.text.strip()
    meant = _NOT_BOOLEANS.get(text.lower(), text.lower())
    return meant if meant in ("true", "false") and text != meant else None


def _no_boolean(expression: Expression) -> Iterator[Diagnostic]:
    meant = meant_as_boolean(expression)
    if meant is not None:
        yield Diagnostic(
            "FG102",
            f"`{expression.text.strip()}` is the name of a field, not a boolean",
            expression.node.span,
            help=f"write `{meant}`",
            fix=Fix.replace(expression.node.span, meant),
        )


def _same_cases(step: Match) -> Iterator[Diagnostic]:
    """Duplicate cases: `1` and `1.0` are different keys in YAML, but the same number."""
    first: dict[tuple[bool, object], Span] = {}
    for case in step.cases:
        kind = isinstance(case.value, bool)
        known = first.setdefault((kind, case.value), case.key.span)
        if known != case.key.span:
            yield Diagnostic(
                "FG002",
                f"duplicate case `{case.key.text}`: this value already has a case",
                case.key.span,
                "again here",
                secondary=(Label(known, "first here"),),
            )


def check_shadowing(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG218: `as` with a name that is already in scope, which Step Functions rejects."""
    ids = {step.id: step for step in every_step(workflow)}
    roots = [workflow.steps, *(catcher.steps or () for catcher in workflow.catch)]
    roots += [handler.steps for handler in workflow.handlers.values()]
    scope = {name: span for root in roots for name, span in _lasting(root)}
    for steps in roots:
        yield from _shadows(steps, ids, {}, scope)


def _shadows(
    steps: Steps, ids: dict[str, Step], outer: dict[str, Span], scope: dict[str, Span]
) -> Iterator[Diagnostic]:
    """`outer` has the names of enclosing loops and scopes, `scope` those of this scope that outlive their body."""
    for step in steps:
        for body in step.bodies():
            own = _names(body)
            taken = {**scope, **outer} if body.apart else outer
            for name, span in own.items():
                if name in ids:
                    yield _shadow(name, span, ids[name].span_of("id"), "this step's value")
                elif name in taken:
                    yield _shadow(name, span, taken[name], "this loop's variable")
            if body.apart:
                yield from _shadows(body.steps, ids, {**scope, **outer, **own}, dict(_lasting(body.steps)))
            else:
                yield from _shadows(body.steps, ids, {**outer, **own} if own else outer, scope)
        for catcher in catchers_at(step):
            yield from _shadows(catcher.steps or (), ids, outer, scope)


def _lasting(steps: Steps) -> Iterator[tuple[str, Span]]:
    """The names of bodies that share the variables of the scope and therefore exist after the loop."""
    for step in steps:
        for body in step.bodies():
            if not body.apart:
                yield from _names(body).items()
                yield from _lasting(body.steps)
        for catcher in catchers_at(step):
            yield from _lasting(catcher.steps or ())


def _names(body: Body) -> dict[str, Span]:
    """The names that `as` defines in a body."""
    return {bound.name: bound.span for bound in body.binds if bound.span is not None}


def _shadow(name: str, span: Span, first: Span, what: str) -> Diagnostic:
    return Diagnostic(
        "FG218",
        f"`${name}` already means something else",
        span,
        "the second definition",
        secondary=(Label(first, what),),
        help="rename the loop's variable",
    )
