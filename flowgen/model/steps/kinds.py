"""All kinds of steps, reading a step by its key, and iterating over nested steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from flowgen.diagnostics import Span, did_you_mean, replacing
from flowgen.model.element import Reading, Unread, labelled, listed
from flowgen.model.foreign_keys import kind_of_step
from flowgen.model.steps.base import Catcher, Retrier
from flowgen.model.steps.control import (
    Break,
    Continue,
    Fail,
    Group,
    Match,
    Parallel,
    Return,
    Set,
    Switch,
    Wait,
)
from flowgen.model.steps.loops import ForEach, Repeat
from flowgen.model.steps.tasks import Asl, Aws, Call, Http, RunWorkflow
from flowgen.model.steps.traits import Catching, Retryable, Undoable
from flowgen.source import Mapping, Node, Scalar, Sequence, kind_of

Step: TypeAlias = (
    Call
    | Aws
    | Http
    | RunWorkflow
    | Asl
    | Wait
    | Set
    | Switch
    | Match
    | Parallel
    | ForEach
    | Repeat
    | Group
    | Break
    | Continue
    | Return
    | Fail
)
Task: TypeAlias = Call | Aws | Http | RunWorkflow
Steps: TypeAlias = tuple[Step, ...]

_CLASSES: tuple[type[Step], ...] = (
    Call,
    Aws,
    Http,
    RunWorkflow,
    Set,
    Wait,
    Switch,
    Match,
    Parallel,
    ForEach,
    Repeat,
    Break,
    Continue,
    Return,
    Fail,
    Asl,
    Group,
)
KINDS: dict[str, type[Step]] = {step.kind: step for step in _CLASSES}

MODIFIERS = tuple(dict.fromkeys(key for step in _CLASSES for key in step.keys()))  # noqa: SIM118 - a method
"""Every key of every step kind, in a fixed order."""


def read_steps(node: Node, reading: Reading) -> Steps:
    """A list of steps (FG102, FG104, FG105)."""
    if not isinstance(node, Sequence):
        raise reading.refuse("FG102", f"`steps` must be a list of steps, not {kind_of(node)}", node)
    steps = [_read_step(item, reading) for item in node.items]
    read = tuple(step for step in steps if step is not None)
    if len(read) < len(steps):
        raise Unread
    return read


def _read_step(node: Node, reading: Reading) -> Step | None:
    if not isinstance(node, Mapping):
        reading.tell("FG102", f"a step must be a mapping with an `id` and a kind, not {kind_of(node)}", node)
        return None
    found = [entry.key for entry in node.entries if entry.key.text in KINDS]
    if len(found) > 1:
        found = [key for key in found if key.text != Group.kind] if not _group_alone(found) else found
    if len(found) > 1:
        reading.tell(
            "FG105",
            f"this step has two kinds, `{found[0].text}` and `{found[1].text}`",
            found[1],
            label="a second kind",
            secondary=labelled(found[0], "the first kind"),
            help="split it into two steps",
        )
        return None
    if not found:
        _no_kind(node, reading)
        return None
    return KINDS[found[0].text].read(node, reading)


def _group_alone(found: list[Scalar]) -> bool:
    """Whether `steps` is the kind of the step, because no other kind owns it."""
    others = [key.text for key in found if key.text != Group.kind]
    return not any("steps" in KINDS[other].keys() for other in others)  # noqa: SIM118 - a method


def _no_kind(node: Mapping, reading: Reading) -> None:
    strange = [entry.key for entry in node.entries if entry.key.text not in MODIFIERS]
    where = strange[0] if strange else (node.entries[0].key if node.entries else node)
    foreign = next((key for key in strange if kind_of_step(key.text)), None)
    near = ((key, guess) for key in strange if (guess := did_you_mean(key.text, KINDS)))
    where, guess = next(near, (where, None))
    if foreign is not None:
        where, help_ = foreign, kind_of_step(foreign.text)
    else:
        help_ = f"did you mean `{guess}`?" if guess else f"the kinds are {listed(KINDS)}"
    name = getattr(where, "text", "")
    message = f"`{name}` is not a kind of step" if strange else "this step has no kind"
    reading.tell("FG104", message, where, help=help_, fix=None if foreign else replacing(where.span, guess))


def catchers_of(step: Step) -> tuple[Catcher, ...]:
    """The entries of a step's `catch`; empty for kinds without `catch`."""
    return step.catch if isinstance(step, Catching) else ()


def retriers_of(step: Step) -> tuple[Retrier, ...] | None:
    """The entries of a step's own `retry`; None for kinds without `retry`, and if it is missing."""
    return step.retry if isinstance(step, Retryable) else None


def undoing_of(step: Step) -> Task | None:
    """The step that undoes another; it has no `id`."""
    return step.compensate.step if isinstance(step, Undoable) and step.compensate is not None else None


def catchers_at(step: Step) -> tuple[Catcher, ...]:
    """The entries of a step's `catch` and of its compensation's `catch`."""
    undoing = undoing_of(step)
    return (*catchers_of(step), *(() if undoing is None else undoing.catch))


def own_bodies(step: Step) -> tuple[Steps, ...]:
    """The lists of steps inside a step without its handlers, in the order of the file."""
    return tuple(body.steps for body in step.bodies())


def bodies_of(step: Step) -> tuple[Steps, ...]:
    """The lists of steps inside a step: its own, and those in the `catch` of the step and of its compensation."""
    return (*own_bodies(step), *(catcher.steps for catcher in catchers_at(step) if catcher.steps is not None))


def walk(steps: Steps) -> Iterator[Step]:
    """Every step; nested steps follow their owner."""
    return (step for _, step in levels(steps))


def levels(steps: Steps, depth: int = 0) -> Iterator[tuple[int, Step]]:
    """Every step with its nesting depth; nested steps follow their owner."""
    for step in steps:
        yield depth, step
        for body in bodies_of(step):
            yield from levels(body, depth + 1)


def kind_span(step: Step) -> Span:
    """The span of the value of the step's kind."""
    return step.span_of(step.kind)
