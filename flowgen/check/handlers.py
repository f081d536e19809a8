"""Error handling: shared handlers, and entries of `catch` and `retry` without effect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from flowgen.check.names import MOST_GUESSES
from flowgen.diagnostics import Diagnostic, Label, did_you_mean, replacing
from flowgen.model import (
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
    ListValue,
    Match,
    Parallel,
    Repeat,
    Retrier,
    Return,
    RunWorkflow,
    Set,
    Step,
    Steps,
    Switch,
    Wait,
    Workflow,
    bodies_of,
    catchers_at,
    catchers_of,
    every_step,
    own_bodies,
    retriers_of,
    undoing_of,
    walk,
)
from flowgen.model.element import listed
from flowgen.model.expressions import expressions_of
from flowgen.model.flow import sequence_completes
from flowgen.source import Scalar
from flowgen.source import Sequence as Listed

NEVER_CAUGHT = "States.Runtime"
"""Developer guide, "Handling errors": it is not retriable, and always causes the execution to fail."""


def _catchers(workflow: Workflow) -> Iterator[Catcher]:
    for step in every_step(workflow):
        yield from catchers_at(step)
    yield from workflow.catch


def check_handlers(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG209, FG212 and FG213: handlers that are unknown, unused, or do not end in `fail` or `return`."""
    used = set()
    unknown = 0
    for catcher in _catchers(workflow):
        if catcher.handler is None:
            continue
        used.add(catcher.handler)
        if catcher.handler not in workflow.handlers:
            unknown += 1
            guess = did_you_mean(catcher.handler, workflow.handlers) if unknown <= MOST_GUESSES else None
            names = listed(workflow.handlers)
            otherwise = f"the handlers are {names}" if names else "declare it under `handlers`, with its steps"
            yield Diagnostic(
                "FG212",
                f"unknown handler `{catcher.handler}`",
                catcher.span_of("handler"),
                "not declared under `handlers`",
                help=f"did you mean `{guess}`?" if guess else otherwise,
                fix=replacing(catcher.span_of("handler"), guess),
            )
    yield from _circles(workflow)
    for name, handler in workflow.handlers.items():
        if name not in used and not unknown:
            yield Diagnostic("FG209", f"no `catch` uses the handler `{name}`", handler.key.span, "never used")
        if sequence_completes(handler.steps):
            last = handler.steps[-1] if handler.steps else None
            yield Diagnostic(
                "FG213",
                f"the handler `{name}` does not end in `fail` or `return` on every path",
                handler.key.span,
                secondary=(Label(last.span_of("id"), "the handler ends after this step"),) if last else (),
                help="end it with `fail: $error` to raise the caught error again",
            )


def _circles(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG213: handlers whose errors they handle themselves, directly or through others: they may never end."""
    uses = {
        name: {catcher.handler for step in walk(handler.steps) for catcher in catchers_at(step) if catcher.handler}
        for name, handler in workflow.handlers.items()
    }
    for name, handler in workflow.handlers.items():
        reached, waiting = set[str](), list(uses[name])
        while waiting:
            other = waiting.pop()
            if other not in reached:
                reached.add(other)
                waiting += uses.get(other, ())
        if name in reached:
            yield Diagnostic(
                "FG213",
                f"the handler `{name}` handles its own errors, so it may never end",
                handler.key.span,
                help="write the steps of that `catch` inside the handler, or remove the `catch`",
            )


def check_useless_catch(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG216: entries of `catch` and `retry` without effect."""
    for step in every_step(workflow):
        catch, retry = catchers_of(step), retriers_of(step) or ()
        if (catch or retry) and not _can_fail(step):
            for key, entries in (("catch", catch), ("retry", retry)):
                if entries:
                    yield Diagnostic(
                        "FG216",
                        f"nothing in `{step.id}` can fail",
                        step.span_of(key),
                        secondary=(Label(step.span_of("id"), "this step"),),
                        help=f"remove the `{key}`",
                    )
            continue
        yield from _entries(catch)
        yield from _entries(retry)
        undoing = undoing_of(step)
        if undoing is not None:
            yield from _entries(undoing.catch)
            yield from _entries(undoing.retry or ())
    yield from _entries(workflow.catch)
    if workflow.catch and not any(_can_fail(step) for step in workflow.steps):
        yield Diagnostic("FG216", "nothing in this workflow can fail", workflow.span_of("catch"))


def _entries(entries: Sequence[Catcher | Retrier]) -> Iterator[Diagnostic]:
    """Names that an earlier entry matches, and the name that is never caught."""
    taken: dict[str, Scalar] = {}
    for entry in entries:
        for name in _names(entry):
            first = taken.setdefault(name.text, name)
            if first is not name:
                yield Diagnostic(
                    "FG216",
                    f"an earlier entry already matches `{name.text}`",
                    name.span,
                    secondary=(Label(first.span, "matched here"),),
                )
            elif name.text == NEVER_CAUGHT:
                yield Diagnostic(
                    "FG216",
                    f"`{NEVER_CAUGHT}` always ends the execution: it cannot be caught or retried",
                    name.span,
                )


def _names(entry: Catcher | Retrier) -> tuple[Scalar, ...]:
    written = entry.node.get("errors")
    items = written.items if isinstance(written, Listed) else (written,)
    return tuple(item for item in items if isinstance(item, Scalar))


def _can_fail(step: Step) -> bool:
    """Whether a step may fail with an error that a `catch` around it can handle.

    An error in an expression of a state in the same scope cannot be caught; from the body of a `parallel` or a
    `for_each` it can.
    """
    match step:
        case Call() | Aws() | Http() | RunWorkflow() | Asl() | Fail():
            return True
        case Match(otherwise=None):
            # A value that violates its type.
            return True
        case Repeat(rounds=rounds, steps=steps):
            return rounds.most is not None or _some_can(steps)
        case Group() | Switch() | Match():
            return any(_some_can(body) for body in bodies_of(step))
        case ForEach(items=ListValue()) | Parallel():
            return any(_some_can(body) or any(_evaluates(inner) for inner in walk(body)) for body in own_bodies(step))
        case ForEach():
            return True
        case Wait() | Set() | Return() | Break() | Continue():
            return False
        case _:
            assert_never(step)


def _some_can(steps: Steps) -> bool:
    return any(_can_fail(step) for step in steps)


def _evaluates(step: Step) -> bool:
    return next(expressions_of(step), None) is not None
