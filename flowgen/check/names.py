"""Names of steps and functions: each used name must be declared, and declared only once."""

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
"""The limit of unknown names for suggestions: searching is slow, and with more the file has a different problem."""


def check_ids(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG204: duplicate ids. An id names a state and a variable, so it must be unique in the file."""
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
                notes=("ids must be unique in the whole file, including nested steps",),
            )


def tasks(workflow: Workflow) -> Iterator[Task]:
    """Every task, including compensations."""
    for step in every_step(workflow):
        yield from tasks_of(step)


def tasks_of(step: Step) -> Iterator[Task]:
    """A step that is a task, and its compensation."""
    if isinstance(step, Task):
        yield step
    undoing = undoing_of(step)
    if undoing is not None:
        yield undoing


def check_calls(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG201: calls of functions that are not declared."""
    unknown = (step for step in tasks(workflow) if isinstance(step, Call) and step.function not in workflow.functions)
    for told, step in enumerate(unknown):
        guess = did_you_mean(step.function, workflow.functions) if told < MOST_GUESSES else None
        yield Diagnostic(
            "FG201",
            f"unknown function `{step.function}`",
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
