"""Names of steps, functions and errors: each that is used is declared, and each is declared once."""

from __future__ import annotations

from collections.abc import Iterator

from flowgen.aws.errors import LAMBDA_ERRORS, STATES_ERRORS
from flowgen.diagnostics import Diagnostic, Label, did_you_mean
from flowgen.model import Call, Fail, Group, Literal, Raised, Step, Workflow, walk
from flowgen.model.element import listed
from flowgen.model.steps import ANY_ERROR, kind_span
from flowgen.source import Mapping, Node, Scalar, Sequence

MOST_GUESSES = 20
"""A file with more unknown names than this has another trouble, and looking for what each was meant to be is slow."""


def check_ids(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG204: an id names a state, a variable and a row of the trace, so there is one of each in the file."""
    first: dict[str, Step] = {}
    for step in walk(workflow.steps):
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


def check_calls(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG201: a `call` names a function that is declared."""
    unknown = (
        step for step in walk(workflow.steps) if isinstance(step, Call) and step.function not in workflow.functions
    )
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
    for step in walk(workflow.steps):
        if not isinstance(step, Call | Group):
            continue
        known = errors_of(workflow, step)
        for catcher in step.catch:
            yield catcher.node, None if _raises_anything(step) else known, f"`{step.id}`"
        for retrier in (step.retry or ()) if isinstance(step, Call) else ():
            yield retrier.node, known, f"`{step.id}`"
    declared = {name: {error.name for error in function.errors} for name, function in workflow.functions.items()}
    for name, function in workflow.functions.items():
        for retrier in function.retry or ():
            yield retrier.node, declared[name], f"the function `{name}`"
    for retrier in (workflow.defaults.retry or ()) if workflow.defaults else ():
        yield retrier.node, set().union(*declared.values()), "a function"


def _raises_anything(step: Step) -> bool:
    """Whether a `fail` in reach computes the name of its error."""
    return isinstance(step, Group) and any(
        isinstance(one, Fail) and isinstance(one.raised, Raised) and not isinstance(one.raised.error, Literal)
        for one in walk(step.steps)
    )


def errors_of(workflow: Workflow, step: Step) -> set[str]:
    """The errors of ours that a step can raise: those that its functions declare, and those that a `fail` makes up."""
    inside = [step, *walk(step.steps)] if isinstance(step, Group) else [step]
    errors: set[str] = set()
    for one in inside:
        if isinstance(one, Call) and one.function in workflow.functions:
            errors |= {error.name for error in workflow.functions[one.function].errors}
        elif isinstance(one, Fail) and isinstance(one.raised, Raised) and isinstance(one.raised.error, Literal):
            errors.add(str(one.raised.error.value))
    return errors


_AWS_ERRORS = sorted(STATES_ERRORS | LAMBDA_ERRORS)
_AWS_PREFIXES = ("States.", "Lambda.")


def _unknown_errors(owner: Mapping, known: set[str] | None, where: str) -> Iterator[tuple[Node, set[str], str]]:
    """The names under `errors` that nothing raises. A name with a dot is that of another service, or of a library."""
    written = owner.get("errors")
    for item in written.items if isinstance(written, Sequence) else () if written is None else (written,):
        name = item.text if isinstance(item, Scalar) else ""
        if name in (ANY_ERROR, "ContractViolation") or name in _AWS_ERRORS or name in (known or ()):
            continue
        if name.startswith(_AWS_PREFIXES) or ("." not in name and known is not None):
            yield item, known or set(), where
