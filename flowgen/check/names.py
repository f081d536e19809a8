"""Names of steps, functions and errors: each that is used is declared, and each is declared once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import assert_never

from flowgen.asl.reserved_errors import RESERVED_ERRORS
from flowgen.aws.errors import LAMBDA_ERRORS
from flowgen.diagnostics import Diagnostic, Label, did_you_mean
from flowgen.model import (
    Asl,
    Aws,
    Break,
    Call,
    Continue,
    Fail,
    ForEach,
    Group,
    Http,
    Literal,
    Match,
    Parallel,
    Raised,
    Repeat,
    Retrier,
    Return,
    RunWorkflow,
    Set,
    Step,
    Steps,
    Switch,
    Task,
    Wait,
    Workflow,
    catchers_of,
    every_step,
    own_bodies,
    undoing_of,
)
from flowgen.model.element import listed
from flowgen.model.steps import ANY_ERROR, kind_span
from flowgen.source import Mapping, Node, Scalar, Sequence

MOST_GUESSES = 20
"""A file with more unknown names than this has another trouble, and looking for what each was meant to be is slow."""


def check_ids(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG204: an id names a state, a variable and a row of the trace, so there is one of each in the file."""
    first: dict[str, Step] = {}
    for step in every_step(workflow):
        known = first.setdefault(step.id, step)
        if known is not step:
            yield Diagnostic(
                "FG204",
                f"two steps have the id `{step.id}`",
                step.span_of("id"),
                "the second",
                secondary=(Label(known.span_of("id"), "the first"),),
                notes=("ids are unique in the whole file, the steps inside others included",),
            )


def tasks(workflow: Workflow) -> Iterator[Task]:
    """Every task, those that undo others included."""
    for step in every_step(workflow):
        yield from tasks_of(step)


def tasks_of(step: Step) -> Iterator[Task]:
    """A step that is a task, and the one that undoes it."""
    if isinstance(step, Task):
        yield step
    undoing = undoing_of(step)
    if undoing is not None:
        yield undoing


def check_calls(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG201: a `call` names a function that is declared."""
    unknown = (step for step in tasks(workflow) if isinstance(step, Call) and step.function not in workflow.functions)
    for told, step in enumerate(unknown):
        guess = did_you_mean(step.function, workflow.functions) if told < MOST_GUESSES else None
        yield Diagnostic(
            "FG201",
            f"there is no function `{step.function}`",
            kind_span(step),
            "not declared under `functions`",
            help=_choice(
                guess, list(workflow.functions), "declare it under `functions`, with its `input` and `output`"
            ),
        )


def _choice(guess: str | None, names: list[str], otherwise: str) -> str:
    if guess:
        return f"did you mean `{guess}`?"
    return f"the functions are {listed(names)}" if names else otherwise


def check_errors(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG207: `catch` and `retry` name errors that the steps they stand at can raise."""
    unknown = (
        found for owner, known, where in _named_errors(workflow) for found in _unknown_errors(owner, known, where)
    )
    for told, (item, known, where) in enumerate(unknown):
        name = item.text if isinstance(item, Scalar) else ""
        aws = name.startswith(_AWS_PREFIXES)
        message = f"AWS has no error `{name}`" if aws else f"{where} can't raise `{name}`"
        note = f"it can raise {listed(sorted(known))}" if known else "no error is declared there"
        meant = _AWS_ERRORS if aws else sorted({*known, ANY_ERROR})
        guess = did_you_mean(name, meant) if told < MOST_GUESSES else None
        yield Diagnostic(
            "FG207",
            message,
            item.span,
            notes=() if aws else (note,),
            help=f"did you mean `{guess}`?"
            if guess
            else f"a function's errors are declared under it; `{ANY_ERROR}` is every error",
        )


def _named_errors(workflow: Workflow) -> Iterator[tuple[Mapping, set[str] | None, str]]:
    """Each mapping with `errors`, the names that are possible there (None: all), and what it stands at."""
    for step in every_step(workflow):
        known = raisable(workflow, step)
        for entry in (*catchers_of(step), *(retry_of(step) or ())):
            yield entry.node, known, f"`{step.id}`"
        undoing = undoing_of(step)
        if undoing is not None:
            known = raisable(workflow, undoing)
            for entry in (*undoing.catch, *(undoing.retry or ())):
                yield entry.node, known, f"what undoes `{step.id}`"
    for catcher in workflow.catch:
        yield catcher.node, _together(workflow, workflow.steps), "the workflow"
    declared = {name: {error.name for error in function.errors} for name, function in workflow.functions.items()}
    for name, function in workflow.functions.items():
        for retrier in function.retry or ():
            yield retrier.node, declared[name], f"the function `{name}`"
    for retrier in (workflow.defaults.retry or ()) if workflow.defaults else ():
        yield retrier.node, set().union(*declared.values()), "a function"


def retry_of(step: Step) -> tuple[Retrier, ...] | None:
    """The retriers that stand at a step."""
    return step.retry if isinstance(step, Task | Parallel | ForEach) else None


def raisable(workflow: Workflow, step: Step) -> set[str] | None:
    """The errors of ours that a step can raise, or None where it may be any.

    Functions declare theirs, a `fail` makes them up, a loop runs out of rounds. Who answers a task token or runs as
    another workflow may fail with anything; a distributed Map hides its items' errors behind one of AWS's.
    """
    match step:
        case Call(callback=None):
            function = workflow.functions.get(step.function)
            return {error.name for error in function.errors} if function is not None else set()
        case Aws(callback=None) | Http() | Wait() | Set() | Break() | Continue() | Return():
            return set()
        case Call() | Aws() | RunWorkflow() | Asl():
            return None
        case Fail(raised=Raised(error=Literal(value=str() as name))):
            return {name}
        case Fail():
            return None
        case ForEach(mode="distributed"):
            return set()
        case Repeat(steps=steps):
            inside = _together(workflow, steps)
            return None if inside is None else inside | {LIMIT_EXCEEDED}
        case Switch() | Match() | Parallel() | ForEach() | Group():
            # The failure of what undoes a step stays in the chain of compensations.
            return _together(workflow, tuple(inner for body in own_bodies(step) for inner in body))
        case _:
            assert_never(step)


LIMIT_EXCEEDED = "RepeatLimitExceeded"
"""What a `repeat` raises when its rounds run out."""


def _together(workflow: Workflow, steps: Steps) -> set[str] | None:
    errors: set[str] = set()
    for step in steps:
        own = raisable(workflow, step)
        if own is None:
            return None
        errors |= own
        for catcher in catchers_of(step):
            inside = _together(workflow, catcher.steps or ())
            if inside is None or catcher.handler is not None:
                return None
            errors |= inside
    return errors


_AWS_ERRORS = sorted(RESERVED_ERRORS.keys() | LAMBDA_ERRORS)
_AWS_PREFIXES = ("States.", "Lambda.")
_STATUS = re.compile(r"States\.Http\.StatusCode\.[1-5][0-9][0-9]")


def _unknown_errors(owner: Mapping, known: set[str] | None, where: str) -> Iterator[tuple[Node, set[str], str]]:
    """The names under `errors` that nothing raises. A name with a dot is that of another service, or of a library."""
    written = owner.get("errors")
    for item in written.items if isinstance(written, Sequence) else () if written is None else (written,):
        name = item.text if isinstance(item, Scalar) else ""
        if (
            name in (ANY_ERROR, "ContractViolation")
            or name in _AWS_ERRORS
            or name in (known or ())
            or _STATUS.fullmatch(name)
        ):
            continue
        if name.startswith(_AWS_PREFIXES) or ("." not in name and known is not None):
            yield item, known or set(), where
