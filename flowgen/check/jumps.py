"""Jumps: `break`, `continue` and `return` reach only what encloses them, and never leave a body run beside others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from flowgen.diagnostics import Diagnostic, Label, did_you_mean, replacing
from flowgen.model import Body, Break, Catcher, Continue, Return, Step, Steps, Workflow, catchers_of, undoing_of
from flowgen.model.element import listed
from flowgen.model.steps import kind_span


@dataclass(frozen=True, slots=True)
class _Block:
    """A step that a jump may name, and its body around the jump."""

    step: Step
    body: Body


@dataclass(frozen=True, slots=True)
class _Around:
    """What encloses a step: the blocks that a jump can name, innermost first, and the body that none can leave."""

    blocks: tuple[_Block, ...] = ()
    border: Step | None = None
    beyond: tuple[_Block, ...] = ()
    final: Step | None = None
    """The step around whose last body runs whatever happens."""

    def inside(self, step: Step, body: Body) -> _Around:
        block = _Block(step, body)
        own = (block,) if body.leavable or body.is_loop else ()
        if body.apart:
            return _Around(own, step, (*self.blocks, *self.beyond))
        return replace(self, blocks=(*own, *self.blocks))


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
    bodies = step.bodies()
    caught = replace(around, final=step) if any(body.last for body in bodies) else around
    for body in bodies:
        # The last body is not part of the block that a jump leaves, and neither are the handlers.
        yield from _sequence(body.steps, around if body.last else caught.inside(step, body))
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
        loop = next((block for block in around.blocks if block.body.is_loop), None)
        if loop is not None and not loop.body.leavable:
            yield _crossing(step, loop.step, "`break`", "`continue` ends the item; to stop early, use `repeat`")
        elif loop is None and around.border is not None:
            yield _crossing(step, around.border, "`break`", None)
        elif loop is None:
            named = _named(around)
            help_ = f"name the group that it leaves: {named}" if named else None
            yield _tell(step, "this `break` stands in no loop", help_)
        return
    block = next((block for block in around.blocks if block.step.id == step.target), None)
    if block is None:
        yield _unknown(step, step.target, around)
    elif not block.body.leavable:
        yield _crossing(step, block.step, "`break`", "`continue` ends the item; to stop early, use `repeat`")


def _continue(step: Continue, around: _Around) -> Iterator[Diagnostic]:
    if step.target is None:
        if not any(block.body.is_loop for block in around.blocks):
            if around.border is not None:
                yield _crossing(step, around.border, "`continue`", None)
            else:
                yield _tell(step, "this `continue` stands in no loop", None)
        return
    block = next((block for block in around.blocks if block.step.id == step.target), None)
    if block is None:
        yield _unknown(step, step.target, around)
    elif not block.body.is_loop:
        name = block.step.id
        yield _tell(
            step,
            f"`{name}` is a group and has no next round",
            f"`break: {name}` leaves it",
            (Label(block.step.span_of("id"), "not a loop"),),
        )


def _unknown(step: Break | Continue, target: str, around: _Around) -> Diagnostic:
    beyond = next((block for block in around.beyond if block.step.id == target), None)
    if beyond is not None and around.border is not None:
        return _crossing(step, around.border, f"`{step.kind}`", None)
    guess = did_you_mean(target, [block.step.id for block in around.blocks])
    named = _named(around)
    help_ = f"did you mean `{guess}`?" if guess else f"what encloses it is {named}" if named else None
    found = _tell(step, f"no group or loop `{target}` encloses this `{step.kind}`", help_)
    return replace(found, fix=replacing(kind_span(step), guess))


def _named(around: _Around) -> str:
    return listed(block.step.id for block in around.blocks)


def _tell(step: Break | Continue, message: str, help_: str | None, secondary: tuple[Label, ...] = ()) -> Diagnostic:
    return Diagnostic("FG211", message, kind_span(step), secondary=secondary, help=help_)


def _crossing(step: Break | Continue | Return, border: Step, what: str, help_: str | None) -> Diagnostic:
    return Diagnostic(
        "FG211",
        f"{what} can't leave the body of `{border.id}`: Step Functions runs it apart",
        kind_span(step),
        secondary=_border(border),
        help=help_,
    )


def _border(border: Step) -> tuple[Label, ...]:
    return (Label(border.span_of("id"), f"this `{border.kind}`"),)
