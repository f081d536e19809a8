"""Names of steps, functions and errors: each that is used is declared, and each is declared once."""

from __future__ import annotations

from collections.abc import Iterator

from flowgen.diagnostics import Diagnostic, Label, did_you_mean, replacing
from flowgen.model import (
    Call,
    Step,
    Task,
    Workflow,
    every_step,
    undoing_of,
)
from flowgen.model.element import listed
from flowgen.model.steps import kind_span

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
            fix=replacing(kind_span(step), guess),
        )


def _choice(guess: str | None, names: list[str], otherwise: str) -> str:
    if guess:
        return f"did you mean `{guess}`?"
    return f"the functions are {listed(names)}" if names else otherwise
