"""Names of steps, functions and errors: each that is used is declared, and each is declared once."""

from __future__ import annotations

from collections.abc import Iterator

from flowgen.aws.errors import LAMBDA_ERRORS, STATES_ERRORS
from flowgen.diagnostics import Diagnostic, Label, did_you_mean
from flowgen.model import Call, Fail, Group, Literal, Raised, Step, Workflow, walk
from flowgen.model.element import listed
from flowgen.model.steps import ANY_ERROR, kind_span
from flowgen.source import Mapping, Node, Scalar, Sequence


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
    for step in walk(workflow.steps):
        if isinstance(step, Call) and step.function not in workflow.functions:
            guess = did_you_mean(step.function, workflow.functions)
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
    for step in walk(workflow.steps):
        if isinstance(step, Call | Group):
            known = errors_of(workflow, step)
            for catcher in step.catch:
                yield from _unknown_errors(catcher.node, known, f"`{step.id}`")
        if isinstance(step, Call):
            for retrier in step.retry or ():
                if retrier.errors is not None:
                    yield from _unknown_errors(retrier.node, errors_of(workflow, step), f"`{step.id}`")
    for name, function in workflow.functions.items():
        declared = {error.name for error in function.errors}
        for retrier in function.retry or ():
            if retrier.errors is not None:
                yield from _unknown_errors(retrier.node, declared, f"the function `{name}`")


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


_AWS_ERRORS = STATES_ERRORS | LAMBDA_ERRORS


def _unknown_errors(owner: Mapping, known: set[str], where: str) -> Iterator[Diagnostic]:
    written = owner.get("errors")
    for item in written.items if isinstance(written, Sequence) else () if written is None else (written,):
        name = item.text if isinstance(item, Scalar) else ""
        if name in known or name in (ANY_ERROR, "ContractViolation") or name in _AWS_ERRORS:
            continue
        if name.startswith(("States.", "Lambda.")):
            guess = did_you_mean(name, _AWS_ERRORS)
            yield _unknown(item, f"AWS has no error `{name}`", guess, None)
        elif "." not in name:
            guess = did_you_mean(name, known | {ANY_ERROR})
            note = f"it can raise {listed(sorted(known))}" if known else "no error is declared there"
            yield _unknown(item, f"{where} can't raise `{name}`", guess, note)


def _unknown(item: Node, message: str, guess: str | None, note: str | None) -> Diagnostic:
    return Diagnostic(
        "FG207",
        message,
        item.span,
        notes=(note,) if note else (),
        help=f"did you mean `{guess}`?"
        if guess
        else f"a function's errors are declared under it; `{ANY_ERROR}` is every error",
    )
