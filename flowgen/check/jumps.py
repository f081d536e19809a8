"""Jumps: `break`, `continue` and `return` reach only what encloses them, and never leave a body run beside others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from flowgen.diagnostics import Diagnostic, Label, did_you_mean, replacing
from flowgen.model import (
    Break,
    Catcher,
    Continue,
    ForEach,
    Group,
    Parallel,
    Repeat,
    Return,
    Step,
    Steps,
    Workflow,
    catchers_of,
    own_bodies,
    undoing_of,
)
from flowgen.model.element import listed
from flowgen.model.steps import kind_span


@dataclass(frozen=True, slots=True)
class _Around:
    """What encloses a step: the blocks that a jump can name, innermost first, and the body that none can leave."""

    blocks: tuple[Group | Repeat | ForEach, ...] = ()
    border: ForEach | Parallel | None = None
    beyond: tuple[Group | Repeat | ForEach, ...] = ()
    final: Group | None = None
    """The group around whose `finally` runs whatever happens."""

    def inside(self, step: Step) -> _Around:
        match step:
            case Group() | Repeat():
                return replace(self, blocks=(step, *self.blocks))
            case ForEach():
                return _Around((step,), step, (*self.blocks, *self.beyond))
            case Parallel():
                return _Around((), step, (*self.blocks, *self.beyond))
            case _:
                return self


def check_jumps(workflow: Workflow) -> Iterator[Diagnostic]:
    """FG211: each jump has somewhere to go that Step Functions can go to."""
    yield from _sequence(workflow.steps, _Around())
    for catcher in workflow.catch:
        yield from _sequence(catcher.steps or (), _Around())
    for handler in workflow.handlers.values():
        yield from _sequence(handler.steps, _Around())


def _sequence(steps: Steps, around: _Around) -> Iterator[Diagnostic]:
    for step in steps:
        match step:
            case Break():
                yield from _break(step, around)
            case Continue():
                yield from _continue(step, around)
            case Return() if around.border is not None:
                yield _crossing(step, around.border, "`return`", "end the body instead, and return behind it")
            case _:
                yield from _within(step, around)


def _within(step: Step, around: _Around) -> Iterator[Diagnostic]:
    inner, caught, last = around.inside(step), around, None
    if isinstance(step, Group) and step.finally_ is not None:
        last = step.finally_
        inner, caught = replace(inner, final=step), replace(around, final=step)
    for body in own_bodies(step):
        # What runs at a group's end is no part of the block that a jump leaves, like its handlers.
        yield from _sequence(body, around if body is last else inner)
    for catcher in catchers_of(step):
        yield from _sequence(catcher.steps or (), caught)
        if catcher.handler is not None and around.border is not None:
            yield Diagnostic(
                "FG211",
                f"the handler `{catcher.handler}` stands outside of `{around.border.id}`, and can't be reached from"
                " within it",
                catcher.span_of("handler"),
                secondary=_border(around.border),
                help="give this `catch` steps of its own, or catch around the whole",
            )
        elif catcher.handler is not None and caught.final is not None:
            group = caught.final
            yield Diagnostic(
                "FG211",
                f"the handler `{catcher.handler}` stands outside of `{group.id}`, whose `finally` would not run",
                catcher.span_of("handler"),
                secondary=(Label(group.span_of("id"), "this group has a `finally`"),),
                help="give this `catch` steps of its own",
            )
    undoing = undoing_of(step)
    for catcher in () if undoing is None else undoing.catch:
        yield from _undoing(step, catcher)


def _undoing(step: Step, catcher: Catcher) -> Iterator[Diagnostic]:
    """What handles the failure of a compensation belongs to the chain, and to nothing that stands around the step."""
    yield from _sequence(catcher.steps or (), _Around())
    if catcher.handler is not None:
        yield Diagnostic(
            "FG211",
            f"the handler `{catcher.handler}` stands outside of the compensations, and would begin them anew",
            catcher.span_of("handler"),
            secondary=(Label(step.span_of("id"), "this is undone"),),
            help="give this `catch` steps of its own",
        )


def _break(step: Break, around: _Around) -> Iterator[Diagnostic]:
    if step.target is None:
        loop = next((block for block in around.blocks if not isinstance(block, Group)), None)
        if isinstance(loop, ForEach):
            yield _crossing(step, loop, "`break`", "`continue` ends the item; to stop early, use `repeat`")
        elif loop is None and around.border is not None:
            yield _crossing(step, around.border, "`break`", None)
        elif loop is None:
            named = _named(around)
            help_ = f"name the group that it leaves: {named}" if named else None
            yield _tell(step, "this `break` stands in no loop", help_)
        return
    block = next((block for block in around.blocks if block.id == step.target), None)
    if block is None:
        yield _unknown(step, step.target, around)
    elif isinstance(block, ForEach):
        yield _crossing(step, block, "`break`", "`continue` ends the item; to stop early, use `repeat`")


def _continue(step: Continue, around: _Around) -> Iterator[Diagnostic]:
    if step.target is None:
        if all(isinstance(block, Group) for block in around.blocks):
            if around.border is not None:
                yield _crossing(step, around.border, "`continue`", None)
            else:
                yield _tell(step, "this `continue` stands in no loop", None)
        return
    block = next((block for block in around.blocks if block.id == step.target), None)
    if block is None:
        yield _unknown(step, step.target, around)
    elif isinstance(block, Group):
        yield _tell(
            step,
            f"`{block.id}` is a group and has no next round",
            f"`break: {block.id}` leaves it",
            (Label(block.span_of("id"), "not a loop"),),
        )


def _unknown(step: Break | Continue, target: str, around: _Around) -> Diagnostic:
    beyond = next((block for block in around.beyond if block.id == target), None)
    if beyond is not None and around.border is not None:
        return _crossing(step, around.border, f"`{step.kind}`", None)
    guess = did_you_mean(target, [block.id for block in around.blocks])
    named = _named(around)
    help_ = f"did you mean `{guess}`?" if guess else f"what encloses it is {named}" if named else None
    found = _tell(step, f"no group or loop `{target}` encloses this `{step.kind}`", help_)
    return replace(found, fix=replacing(kind_span(step), guess))


def _named(around: _Around) -> str:
    return listed(block.id for block in around.blocks)


def _tell(step: Break | Continue, message: str, help_: str | None, secondary: tuple[Label, ...] = ()) -> Diagnostic:
    return Diagnostic("FG211", message, kind_span(step), secondary=secondary, help=help_)


def _crossing(step: Break | Continue | Return, border: ForEach | Parallel, what: str, help_: str | None) -> Diagnostic:
    return Diagnostic(
        "FG211",
        f"{what} can't leave the body of `{border.id}`: Step Functions runs it apart",
        kind_span(step),
        secondary=_border(border),
        help=help_,
    )


def _border(border: ForEach | Parallel) -> tuple[Label, ...]:
    return (Label(border.span_of("id"), f"this `{border.kind}`"),)
